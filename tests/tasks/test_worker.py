"""Jobs about tasks as a real worker does them, by either broker, with a real mail server, and killed in the middle."""

import asyncio
import threading
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import psycopg
import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from pydantic import SecretStr

from guildhall.core import queue
from guildhall.core.events import relay
from guildhall.core.events.models import EventRow
from guildhall.modules.tasks.models import Task, TaskHistory, TaskMail
from guildhall.settings import settings
from guildhall.stack.servers.base import free_port
from tests.support.broker import database_url, wait_for
from tests.support.queues import Worker, rabbitmq, redis
from tests.tasks.makers import make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(150)]

MAILS = 8
OVERDUE_JOB = "guildhall.modules.tasks.jobs.check_overdue_tasks"


class Post:
    """A mail server's letter box; while it is `shut`, whoever brings a mail waits before he can hand it over."""

    def __init__(self) -> None:
        self.subjects = Counter[str]()
        self.shut = threading.Event()
        self.waiting = threading.Event()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 — aiosmtpd's name.
        while self.shut.is_set():
            self.waiting.set()
            await asyncio.sleep(0.05)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 — aiosmtpd's name.
        lines = envelope.content.decode().splitlines()
        self.subjects.update(line for line in lines if line.startswith("Message-ID:"))
        return "250 Taken"


@pytest.fixture
def post():
    box = Post()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, controller.port
    controller.stop()


@pytest.fixture(params=["redis", "rabbitmq"])
def worker(request, post, tmp_path, monkeypatch):
    """A worker at the broker; the jobs of this process go there too."""
    with ExitStack() as running:
        broker = running.enter_context({"redis": redis, "rabbitmq": rabbitmq}[request.param]())
        there = settings.model_copy(update={"celery_broker_url": SecretStr(broker)})
        monkeypatch.setattr(queue, "settings", there)
        queue._sender.cache_clear()
        environment = {
            "DATABASE_URL": database_url(),
            "DATABASE_POOL_SIZE": "8",
            "CELERY_BROKER_URL": broker,
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(post[1]),
            "EMAIL_SECURITY": "none",
        }
        yield running.enter_context(Worker(tmp_path, environment))
    queue._sender.cache_clear()


def test_worker_killed_in_the_middle_loses_and_doubles_nothing(house, worker, post):
    box, _port = post
    tasks = [
        make_task(house, title=f"Task {number}", due_date=timezone.now() - timedelta(hours=1), assignees=[house.user])
        for number in range(MAILS)
    ]
    box.shut.set()
    relay.drain()
    assert box.waiting.wait(60), worker.log
    worker.kill()
    assert not box.subjects
    assert TaskMail.objects.exclude(claimed_at=None).exists()
    box.shut.clear()
    worker.start()
    # All are through before the next death: who dies between handing a mail over and noting it sends it again.
    wait_for(lambda: TaskMail.objects.filter(is_sent=True).count() == MAILS, at_most_s=60, what="the mails")

    # A job that is in the middle of its transaction: it can't write history before the lock is gone.
    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE tasks_taskhistory IN EXCLUSIVE MODE")
        queue.enqueue_on_commit(OVERDUE_JOB)
        wait_for(_waits_for_a_lock, at_most_s=60, what="the job")
        worker.kill()
    assert not Task.objects.filter(is_overdue=True).exists()
    worker.start()

    wait_for(lambda: Task.objects.filter(is_overdue=True).count() == MAILS, at_most_s=60, what="the job done again")
    relay.drain()
    wait_for(lambda: TaskMail.objects.filter(is_sent=True).count() == 2 * MAILS, at_most_s=60, what="mails of overdue")
    # Once more, as a broker may.
    for task in tasks:
        for kind in ("assigned", "overdue"):
            queue.enqueue_on_commit("guildhall.modules.tasks.jobs.send_task_notification", str(task.pk), kind)
    queue.enqueue_on_commit(OVERDUE_JOB)
    marker = make_task(house, title="Marker", assignees=[house.user])
    relay.drain()
    wait_for(lambda: TaskMail.objects.filter(task=marker, is_sent=True).exists(), at_most_s=60, what="the last mail")
    assert sorted(box.subjects.values()) == [1] * (2 * MAILS + 1)
    assert TaskHistory.objects.filter(field="is_overdue").count() == MAILS
    assert EventRow.objects.filter(type="tasks.task_overdue").count() == MAILS


def _waits_for_a_lock() -> bool:
    with psycopg.connect(database_url()) as other:
        row = other.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'tasks_taskhistory'::regclass"
        ).fetchone()
    return bool(row and row[0])

"""Log lines: one form everywhere, the request's id in each, also in jobs, and no secrets."""

import json
import logging
import os
import subprocess
import sys
import warnings
from uuid import uuid4

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from django.test import Client
from fastapi.testclient import TestClient

from guildhall.core import logs, metrics, workers
from guildhall.core.http.context import current_request_id
from guildhall.services.compute.app import app as compute
from guildhall.settings import settings


def line_of(record: logging.LogRecord, *, as_json: bool = True) -> str:
    return logs.formatter(as_json=as_json, colours=False).format(record)


def record_of(message, *arguments, level=logging.INFO, error=None, **extra):
    logger = logging.getLogger("guildhall.test")
    exc_info = (type(error), error, None) if error else None
    return logger.makeRecord(logger.name, level, __file__, 1, message, arguments, exc_info, extra=extra)


@pytest.fixture
def lines():
    """What is logged meanwhile, as JSON documents."""
    found = []

    class Keep(logging.Handler):
        def emit(self, record):
            found.append(json.loads(self.format(record)))

    handler = Keep()
    handler.setFormatter(logs.formatter(as_json=True, colours=False))
    logger = logging.getLogger("guildhall")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def test_line_is_json_with_level_logger_time_and_fields():
    document = json.loads(line_of(record_of("Stored %d samples.", 3, datapoint=7)))
    assert document.pop("at").endswith("Z")
    assert document == {
        "event": "Stored 3 samples.",
        "level": "info",
        "logger": "guildhall.test",
        "datapoint": 7,
    }


def test_line_for_people_is_one_line_without_braces():
    line = line_of(record_of("Stored %d samples.", 3, datapoint=7), as_json=False)
    assert "Stored 3 samples." in line
    assert "datapoint=7" in line
    assert "\n" not in line
    assert "{" not in line


def test_line_names_the_request_in_whose_course_it_was_written():
    token = current_request_id.set("request-7")
    try:
        assert json.loads(line_of(record_of("x")))["request_id"] == "request-7"
    finally:
        current_request_id.reset(token)
    assert "request_id" not in json.loads(line_of(record_of("x")))


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    ("message", "extra"),
    [
        ("connecting to postgresql://guildhall:s3cret@db/x", {}),
        ("connecting to redis://:s3cret@cache:6379/0", {}),
        ("Authorization: Bearer s3cret.s3cret.s3cret", {}),
        ("Authorization: Api-Key gh_s3cret", {}),
        ("sign-in", {"password": "s3cret"}),
        ("sign-in", {"headers": {"Cookie": "guildhall_session=s3cret"}}),
        ("sign-in", {"tried": [{"refresh_token": "s3cret"}]}),
        ("sign-in", {"SECRET_KEY": "s3cret"}),
        ("joined", {"invite_code": "s3cret"}),
        ("failed [hidden]", {"request": "<WSGIRequest: GET '/?token=s3cret'>"}),
    ],
)
def test_line_holds_no_secret(message, extra, as_json):
    line = line_of(record_of(message, **extra), as_json=as_json)
    assert "s3cret" not in line
    assert logs.HIDDEN in line


@pytest.mark.parametrize("as_json", [True, False])
def test_traceback_is_told_without_secrets(as_json):
    line = line_of(record_of("failed", error=ValueError("redis://:s3cret@cache")), as_json=as_json)
    assert "ValueError" in line
    assert "s3cret" not in line


def test_process_configures_its_logs_once_however_often_it_is_told():
    program = (
        "import logging, sys; from guildhall.core import logs; assert 'rich' not in sys.modules; "
        "logging.getLogger('uvicorn.error').addHandler(logging.StreamHandler()); "
        "logging.getLogger('uvicorn.error').propagate = False; "
        "logs.configure(); logs.configure(); "
        "assert 'django' not in sys.modules; "
        "logging.getLogger('uvicorn.error').warning('hello'); logging.getLogger('x').debug('unseen')"
    )
    environment = {**os.environ, "LOG_FORMAT": "json", "LOG_LEVEL": "INFO"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["event"] == "hello"


def test_answered_request_is_told_with_route_status_time_and_actor(house, lines):
    client = Client()
    client.force_login(house.admin)
    answer = client.get(f"/api/organizations/{house.organization.pk}/?search=private")
    (line,) = [line for line in lines if line["logger"] == "guildhall.access"]
    assert line.pop("duration_ms") > 0
    line.pop("at")
    assert line == {
        "event": f"GET /api/organizations/{house.organization.pk}/",
        "level": "info",
        "logger": "guildhall.access",
        "status": 200,
        "route": "api/organizations/<uuid:pk>/",
        "actor": str(house.admin.pk),
        "request_id": answer.headers["X-Request-ID"],
    }


def test_request_that_leads_nowhere_is_told_too(db, lines):
    Client().get("/nowhere/")
    (line,) = [line for line in lines if line["logger"] == "guildhall.access"]
    assert (line["status"], line["route"]) == (404, "(none)")
    assert "actor" not in line


@pytest.mark.django_db(transaction=True)
def test_request_to_compute_is_told(lines):
    client = TestClient(compute, base_url="http://testserver", root_path="/api/v1")
    answer = client.get("/organizations", headers={"X-Request-ID": "my-own-request"})
    (line,) = [line for line in lines if line["logger"] == "guildhall.access"]
    assert (line["status"], line["route"], line["request_id"]) == (401, "/api/v1/organizations", "my-own-request")
    assert answer.headers["X-Request-ID"] == "my-own-request"


@pytest.fixture
def celery_app():
    """An application with a queue of its own, and a worker that empties it."""
    app = Celery(f"test-{uuid4().hex}", broker=settings.redis_url.get_secret_value())
    app.conf.update(task_default_queue=f"test-{uuid4().hex}", result_backend="cache+memory://")
    return app


def test_job_carries_the_request_that_asked_for_it(celery_app, lines):
    seen = []

    @celery_app.task(name="test.note")
    def note():
        seen.append(current_request_id.get())
        logging.getLogger("guildhall.test").info("in the job")

    done = metrics.JOBS.labels("test.note", "SUCCESS")
    before = done._value.get()
    token = current_request_id.set("request-of-a-page")
    try:
        note.delay()
    finally:
        current_request_id.reset(token)
    note.delay()
    workers.watch_queue(celery_app)
    try:
        assert "guildhall_queue_length 2.0" in exposed()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with start_worker(celery_app, pool="solo", perform_ping_check=False, logfile=os.devnull):
                wait_for(lambda: done._value.get() == before + 2)
        assert "guildhall_queue_length 0.0" in exposed()
    finally:
        metrics.forget_gauge("guildhall_queue_length")
        celery_app.close()
    assert seen[0] == "request-of-a-page"
    assert seen[1] not in {"", "request-of-a-page"}
    told = {line["event"]: line["request_id"] for line in lines if line.get("request_id") == "request-of-a-page"}
    assert set(told) == {"in the job", "test.note"}
    assert current_request_id.get() == ""


def exposed():
    from prometheus_client import generate_latest

    return generate_latest().decode()


def wait_for(condition, timeout_s=15):
    import time

    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)

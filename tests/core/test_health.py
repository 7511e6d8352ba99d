"""`/healthz` and `/readyz`: alive is alive, and what is missing has a name."""

import pytest
from django.db import connection
from fastapi.testclient import TestClient
from starlette.testclient import TestClient as SiteClient

from guildhall.core.http import health
from guildhall.services.compute.app import app as compute
from guildhall.settings import settings
from guildhall.stack.servers.base import free_port
from tests.support.broker import database_url


@pytest.fixture
def configured(monkeypatch):
    """Sets what this process believes about its servers; the database is the test's own."""

    def choose(**values):
        from pydantic import SecretStr

        secret = {name: SecretStr(value) if name.endswith("_url") else value for name, value in values.items()}
        changed = settings.model_copy(update={"database_url": SecretStr(database_url()), **secret})
        monkeypatch.setattr(health, "settings", changed)

    return choose


@pytest.fixture
def clients(transactional_db):
    """The whole site, and compute alone."""
    from guildhall.config.asgi import application

    return SiteClient(application, base_url="http://localhost"), TestClient(compute)


def test_alive_is_all_that_healthz_says(clients):
    for client in clients:
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_ready_site_says_what_was_looked_at(clients, configured, nats_server):
    configured(nats_url=nats_server.url)
    for client in clients:
        answer = client.get("/readyz")
        assert answer.json() == {"status": "ready", "checked": ["database", "migrations", "redis", "nats"]}
        assert answer.status_code == 200


def nowhere(scheme):
    return f"{scheme}://guildhall:s3cret@127.0.0.1:{free_port()}/x"


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"redis_url": nowhere("redis")}, ["redis"]),
        ({"nats_url": nowhere("nats")}, ["nats"]),
        ({"database_url": nowhere("postgresql")}, ["database", "migrations"]),
        ({"redis_url": nowhere("redis"), "nats_url": nowhere("nats")}, ["redis", "nats"]),
        ({"nats_url": settings.redis_url.get_secret_value()}, ["nats"]),
    ],
)
def test_missing_server_is_named_and_no_secret_told(clients, configured, nats_server, values, missing):
    configured(**{"nats_url": nats_server.url, **values})
    for client in clients:
        answer = client.get("/readyz")
        document = answer.json()
        assert answer.status_code == 503, document
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert [entry["name"] for entry in document["missing"]] == missing
        assert document["code"] == "not_ready"
        assert "s3cret" not in answer.text


def test_missing_migration_is_named(clients, configured, nats_server):
    configured(nats_url=nats_server.url)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'http' RETURNING app, name, applied")
        rows = cursor.fetchall()
        try:
            document = clients[0].get("/readyz").json()
        finally:
            cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows)
    assert [entry["name"] for entry in document["missing"]] == ["migrations"]
    assert document["missing"][0]["detail"].startswith(f"{len(rows)} not applied, first http.0001_answers")


def test_database_without_any_migration_is_told(clients, configured, nats_server):
    configured(nats_url=nats_server.url)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")
        try:
            document = clients[0].get("/readyz").json()
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO django_migrations")
    assert document["missing"] == [{"name": "migrations", "detail": "none is applied; `guildhall migrate` does"}]


def test_checks_are_chosen_by_the_setting(clients, configured):
    configured(readiness_checks=("database",), redis_url=nowhere("redis"), nats_url=nowhere("nats"))
    assert clients[0].get("/readyz").json() == {"status": "ready", "checked": ["database"]}

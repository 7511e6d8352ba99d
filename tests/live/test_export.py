"""Exports of any length, through a real server and PostgreSQL."""

from datetime import UTC, datetime, timedelta

import httpx2
import orjson
import pytest

from guildhall.core.accounts import api_keys, tokens
from guildhall.core.organizations.models import RoleAssignment
from guildhall.live import export
from guildhall.modules.telemetry import asking, series, services
from tests.live.test_telemetry_stream import place, server
from tests.support.samples import put, seal

__all__ = ["place", "server"]
START = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def datapoints(place):
    made = [services.create_datapoint(actor=place.admin, project=place.project, thing=place.thing, key=k) for k in "ab"]
    put(*((one, START + timedelta(minutes=n), n + one.pk) for n in range(50) for one in made))
    seal()
    return made


def bearer(user):
    return {"Authorization": f"Bearer {tokens.issue_tokens(user=user).access}"}


def ask(server, user, query):
    return httpx2.get(f"{server}/telemetry/export/?{query}", headers=bearer(user))


def test_export_holds_everything_however_much_it_is(server, place, datapoints, monkeypatch):
    monkeypatch.setattr(series, "PAGE", 7)
    monkeypatch.setattr(asking, "MAX_ROWS", 20)
    ids = ",".join(str(one.pk) for one in datapoints)
    answer = ask(server, place.user, f"datapoints={ids}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="telemetry.csv"'
    rows = [line.split(",") for line in answer.text.splitlines()]
    assert rows[0] == ["datapoint", "ts", "value"]
    assert [float(value) for _, _, value in rows[1:]] == [n + one.pk for one in datapoints for n in range(50)]
    answer = ask(server, place.user, f"datapoints={ids}&format=ndjson&interval=15m&functions=count&fill=null")
    assert [orjson.loads(line)["count"] for line in answer.text.splitlines()] == [15, 15, 15, 5] * 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "datapoints"),
        ("datapoints=x", "datapoints"),
        ("datapoints=1&format=json", "format"),
        ("datapoints=1&interval=day&tz=Nowhere", "tz"),
    ],
)
def test_bad_parameter_of_an_export_is_named(server, place, query, field):
    answer = ask(server, place.user, query)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_what_one_cannot_see_cannot_be_exported(server, place, datapoints):
    query = f"datapoints={datapoints[0].pk}"
    assert ask(server, place.stranger, query).status_code == 404
    assert httpx2.get(f"{server}/telemetry/export/?{query}").status_code == 401
    for scope, status in (("telemetry:read", 200), ("core:read", 403)):
        key = api_keys.create_api_key(actor=place.admin, name=scope, scopes=[scope]).key
        answer = httpx2.get(f"{server}/telemetry/export/?{query}", headers={"Authorization": f"Api-Key {key}"})
        assert answer.status_code == status


def test_export_breaks_off_when_the_right_ends(server, place, datapoints, monkeypatch):
    monkeypatch.setattr(series, "PAGE", 1)
    monkeypatch.setattr(export, "RIGHTS_INTERVAL_S", 0.0)
    read = series.carry_out
    calls = []

    def slowly(plan):
        calls.append(plan)
        if len(calls) == 5:
            RoleAssignment.objects.filter(user=place.user).delete()
        return read(plan)

    monkeypatch.setattr(series, "carry_out", slowly)
    with pytest.raises(httpx2.RemoteProtocolError):
        ask(server, place.user, f"datapoints={datapoints[0].pk}")
    assert len(calls) < 50

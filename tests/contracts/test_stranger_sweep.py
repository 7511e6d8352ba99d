"""A stranger who tries every address with ids that exist learns nothing: neither by status, nor by body, nor by time."""

import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from rest_framework.test import APIClient

from guildhall.core.accounts import tokens
from guildhall.services.compute.app import app as compute
from tests.contracts.permissions import resolve
from tests.contracts.test_permissions import COMPUTE_TABLE, DJANGO_TABLE
from tests.support.people import build_house

# Counting lines takes longer than they do, and other tests run these lines too.
pytestmark = pytest.mark.no_cover

#: Of the headers only what every answer has anew may differ.
ALWAYS_NEW = {"x-request-id"}
ROUNDS = 15
#: Of the rounds so many at least go the other way where only noise decides; fewer happen once in 135 times.
FEWEST_SURPRISES = 3
LEAST_GAP_S = 0.0005
LEAST_GAP_SHARE = 0.1
#: What shows each time is no noise.
ATTEMPTS = 3


def addressed(table):
    """Routes whose address names something that a stranger must not see."""
    return [
        pytest.param(route, case, id=" ".join(filter(None, (*route, case.name))))
        for route, found in sorted(table.items())
        for case in found
        if case.params and case.expected("token")["stranger"] == 404
    ]


def random_one(value: Any) -> Any:
    """An id of the same kind that nothing has."""
    return uuid4() if isinstance(value, UUID) else 2**40 + uuid4().int % 2**20


def addresses(path, case, house):
    """The address with what exists, and as often as one likes with what does not."""
    real = {name: resolve(value, house, "stranger") for name, value in case.params.items()}

    def imagined():
        return path.format(**{name: random_one(value) for name, value in real.items()})

    def half_imagined():
        last = [*real][-1]
        return path.format(**{**real, last: random_one(real[last])})

    return path.format(**real), imagined, half_imagined


def shape(answer) -> tuple[Any, ...]:
    """All of an answer that could tell something: the body whole but for the request's id, and the headers."""
    document = answer.json()
    document.pop("request_id")
    return answer.status_code, document, sorted({name.lower() for name in answer.headers} - ALWAYS_NEW)


def body_of(case, house) -> bytes:
    body = resolve(case.body, house, "stranger")
    return b"" if body is None else orjson.dumps(body, default=str)


def assert_nothing_is_learnt(send, path, case, house) -> None:
    real, imagined, half_imagined = addresses(path, case, house)
    expected = shape(send(imagined()))
    assert expected[0] == 404
    assert shape(send(real)) == expected
    assert shape(send(half_imagined())) == expected
    assert not all(tells_by_time(lambda: send(real), lambda: send(imagined())) for _ in range(ATTEMPTS)), path


def tells_by_time(one: Callable[[], Any], other: Callable[[], Any]) -> bool:
    """Whether one takes longer than the other: nearly always, and by more than noise.

    The two are called in turn, so that whatever else the machine does falls on both alike.
    """
    times: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        one()
        between = time.perf_counter()
        other()
        times.append((between - begun, time.perf_counter() - between))
    gap = statistics.median(first - second for first, second in times)
    longer = sum(first > second for first, second in times)
    usual = statistics.median(second for _, second in times)
    is_steady = not FEWEST_SURPRISES <= longer <= ROUNDS - FEWEST_SURPRISES
    return is_steady and abs(gap) > max(LEAST_GAP_S, LEAST_GAP_SHARE * usual)


def test_gap_in_time_is_seen_and_noise_is_not():
    def quick():
        time.sleep(0.002)

    def slow():
        time.sleep(0.008)

    assert tells_by_time(slow, quick)
    assert tells_by_time(quick, slow)
    assert not all(tells_by_time(quick, quick) for _ in range(ATTEMPTS))


@pytest.mark.parametrize(("route", "case"), addressed(DJANGO_TABLE))
def test_stranger_learns_nothing_from_django(house, route, case):
    method, path = route
    client = APIClient(headers={"Authorization": f"Bearer {tokens.issue_tokens(user=house.stranger).access}"})
    body = body_of(case, house)
    assert_nothing_is_learnt(
        lambda address: client.generic(method, address, body, content_type="application/json"), path, case, house
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("route", "case"), addressed(COMPUTE_TABLE))
def test_stranger_learns_nothing_from_compute(route, case):
    method, path = route
    house = build_house()
    headers = {
        "Authorization": f"Bearer {tokens.issue_tokens(user=house.stranger).access}",
        "Content-Type": "application/json",
    }
    body = body_of(case, house)
    with TestClient(compute, base_url="http://testserver", headers=headers) as client:
        assert_nothing_is_learnt(
            lambda address: client.request(method, address.removeprefix("/api/v1"), content=body), path, case, house
        )


def test_field_that_names_what_one_cannot_see_says_what_it_says_of_nothing(house):
    client = APIClient(headers={"Authorization": f"Bearer {tokens.issue_tokens(user=house.stranger).access}"})
    mine = str(house.foreign_organization.pk)
    project = str(house.foreign_project.pk)
    for path, body, field, hidden in (
        ("/api/projects/", {"name": "X"}, "organization", house.organization.pk),
        (f"/api/projects/{project}/members/", {"role": "admin"}, "user", house.admin.pk),
        (f"/api/organizations/{mine}/invites/", {"role": "moderator"}, "project", house.project.pk),
        (f"/api/organizations/{mine}/invites/", {"role": "user"}, "object", house.thing.pk),
        (f"/api/organizations/{mine}/teams/", {"name": "X"}, "members", [house.admin.pk]),
        ("/api/datapoints/", {"name": "X", "unit": ""}, "object", house.thing.pk),
        ("/api/datasources/", {"name": "X"}, "project", house.project.pk),
    ):
        imagined = [uuid4()] if isinstance(hidden, list) else uuid4()
        found = [
            shape(client.post(path, orjson.dumps({**body, field: value}, default=str), content_type="application/json"))
            for value in (hidden, imagined)
        ]
        assert found[0] == found[1], path
        assert found[0][0] == 400, (path, found)

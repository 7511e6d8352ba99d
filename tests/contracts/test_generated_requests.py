"""Thousands of requests made from the OpenAPI schemas, good and bad ones: none fails here, and each error is a problem.

Half of the addresses lead to what exists, by the parameters of the permission table; else almost all would end in 404.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from math import ceil
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis import GenerationMode

from guildhall.core.accounts import tokens
from guildhall.core.http.schema import METHODS
from guildhall.services.compute.app import app as compute
from tests.contracts.permissions import resolve
from tests.contracts.test_permissions import COMPUTE_TABLE, DJANGO_TABLE
from tests.support.people import build_house

# Counting lines takes as long as all the rest, and other tests run these lines too.
pytestmark = pytest.mark.no_cover

CASES_IN_TEST = 5_000
CASES_IN_TEST_LONG = 50_000
PERSONS = ("admin", "anonymous")
PROBLEM_FIELDS = {"type", "title", "status", "code"}
HOST = "http://testserver"
NOT_SENT = (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError)

Send = Callable[[requests.PreparedRequest], Any]


@dataclass(frozen=True)
class Service:
    """A schema, the permission table that knows its real ids, and what its paths lack there."""

    schema: Any
    table: Any
    prefix: str = ""

    @cached_property
    def operations(self) -> Any:
        """Operations by path and method, from which requests are drawn."""
        return schemathesis.openapi.from_dict(self.schema)


@cache
def django_service() -> Service:
    return Service(SchemaGenerator().get_schema(request=None, public=True), DJANGO_TABLE)


@cache
def compute_service() -> Service:
    return Service(compute.openapi(), COMPUTE_TABLE, "/api/v1")


def routes(service: Service) -> list[tuple[str, str]]:
    """Method and path of every operation."""
    found = ((method.upper(), path) for path, item in service.schema["paths"].items() for method in item)
    return sorted((method, path) for method, path in found if method.lower() in METHODS)


NUMBER_OF_ROUTES = len(routes(django_service())) + len(routes(compute_service()))


def attack(
    service: Service, route: tuple[str, str], house: Any, send: dict[str, Send], count: int, *, random: bool
) -> int:
    """Send `count` requests to one operation as each person; returns how many were sent."""
    method, path = route
    operation = service.operations[path][method]
    example = service.table[method, f"{service.prefix}{path}"][0]
    real = {name: str(resolve(value, house, "admin")) for name, value in example.params.items()}
    sent = 0
    strategies = [
        operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=not random,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*strategies), leads_somewhere=st.booleans())
    def run(case: Any, leads_somewhere: bool) -> None:  # noqa: FBT001 — drawn by name.
        nonlocal sent
        for person in PERSONS:
            if leads_somewhere:
                case.path_parameters = {**(case.path_parameters or {}), **real}
            try:
                request = requests.Request(**case.as_transport_kwargs(base_url=HOST)).prepare()
            except NOT_SENT:
                # Not even a client that means harm gets this out by HTTP.
                continue
            assert_manners(send[person](request), case, person)
            sent += 1

    run()
    return sent


def assert_manners(answer: Any, case: Any, person: str) -> None:
    told = f"{person}: {answer.status_code} {answer.content[:500]!r}\n{case.as_curl_command()}"
    assert answer.status_code < 500, told
    if answer.status_code < 400:
        return
    assert answer.headers["Content-Type"] == "application/problem+json", told
    document = answer.json()
    assert document.keys() >= PROBLEM_FIELDS, told
    assert document["status"] == answer.status_code, told
    assert answer.headers["X-Request-ID"], told


class _RolledBackError(Exception):
    pass


def django_sender(token: str) -> Send:
    client = APIClient(raise_request_exception=False)

    def send(request: requests.PreparedRequest) -> Any:
        headers = {name: as_text(value) for name, value in request.headers.items() if name.lower() != "content-length"}
        content_type = headers.pop("Content-Type", "application/json")
        if token:
            headers["Authorization"] = token
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        answer = None
        try:
            with transaction.atomic():
                answer = client.generic(
                    request.method, request.path_url, body, content_type=content_type, headers=headers
                )
                raise _RolledBackError
        except _RolledBackError:
            client.cookies.clear()
            return answer

    return send


def as_text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def run_django(house: Any, route: tuple[str, str], count: int, *, random: bool) -> int:
    bearer = f"Bearer {tokens.issue_tokens(user=house.admin).access}"
    send = {"admin": django_sender(bearer), "anonymous": django_sender("")}
    return attack(django_service(), route, house, send, count, random=random)


def run_compute(route: tuple[str, str], count: int, *, random: bool) -> int:
    house = build_house()
    bearer = f"Bearer {tokens.issue_tokens(user=house.admin).access}"
    with TestClient(compute, base_url=HOST, raise_server_exceptions=False) as client:

        def sender(token: str) -> Send:
            def send(request: requests.PreparedRequest) -> Any:
                headers = {name: as_text(value) for name, value in request.headers.items()}
                if token:
                    headers["Authorization"] = token
                answer = client.request(request.method, request.url, content=request.body or b"", headers=headers)
                client.cookies.clear()
                return answer

            return send

        send = {"admin": sender(bearer), "anonymous": sender("")}
        return attack(compute_service(), route, house, send, count, random=random)


def share(total: int) -> int:
    """How many of all the cases each operation gets for each person."""
    return ceil(total / NUMBER_OF_ROUTES / len(PERSONS))


COUNT = int(os.environ.get("GENERATED_REQUESTS", CASES_IN_TEST))


@pytest.mark.parametrize("route", routes(django_service()), ids=" ".join)
def test_generated_request_to_django_is_answered_well(house, route):
    assert run_django(house, route, share(COUNT), random=False) > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", routes(compute_service()), ids=" ".join)
def test_generated_request_to_compute_is_answered_well(route):
    assert run_compute(route, share(COUNT), random=False) > 0


@pytest.mark.long
@pytest.mark.parametrize("route", routes(django_service()), ids=" ".join)
def test_ten_times_as_many_requests_to_django_are_answered_well(house, route):
    assert run_django(house, route, share(CASES_IN_TEST_LONG), random=True) > 0


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", routes(compute_service()), ids=" ".join)
def test_ten_times_as_many_requests_to_compute_are_answered_well(route):
    assert run_compute(route, share(CASES_IN_TEST_LONG), random=True) > 0

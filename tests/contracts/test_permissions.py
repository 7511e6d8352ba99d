"""Walks every route × method of the OpenAPI schemas as everybody, by session, token and API key, against a table."""

import pytest
from django.core.management import call_command
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from fastapi.testclient import TestClient
from rest_framework.test import APIClient

from guildhall.core.accounts import api_keys, tokens
from guildhall.core.http.schema import METHODS
from guildhall.services.compute.app import app as compute
from tests.contracts.permissions import PEOPLE, Case, Table, core, resolve, tasks, telemetry
from tests.contracts.permissions import compute as compute_table

DJANGO_TABLE: Table = {**core.TABLE, **telemetry.TABLE, **tasks.TABLE}
COMPUTE_TABLE: Table = compute_table.TABLE
JSON = {"Content-Type": "application/json"}
WAYS = ("session", "token", "api_key")
PROBLEM_FIELDS = {"type", "title", "status", "code"}


class _RolledBackError(Exception):
    pass


def django_routes():
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods if method in METHODS}


def compute_routes():
    paths = compute.openapi()["paths"]
    return {(method.upper(), f"/api/v1{path}") for path, methods in paths.items() for method in methods}


def test_table_names_every_route_and_no_other():
    assert set(DJANGO_TABLE) == django_routes()
    assert set(COMPUTE_TABLE) == compute_routes()


def cases(table: Table):
    return [
        pytest.param(route, case, id=" ".join(filter(None, (*route, case.name))))
        for route, found in sorted(table.items())
        for case in found
    ]


def address(path: str, case: Case, house, person: str) -> str:
    return path.format(**{name: resolve(value, house, person) for name, value in case.params.items()})


def authorization(user, way: str) -> str:
    """The header with which the user proves who he is; an API key of his may do whatever he may."""
    if way == "token":
        return f"Bearer {tokens.issue_tokens(user=user).access}"
    return f"Api-Key {api_keys.create_api_key(actor=user, name='Everything', scopes=['write']).key}"


def assert_answer(response, person: str, way: str, case: Case) -> None:
    assert response.status_code == case.expected(way)[person], (person, way, response.content)
    if response.status_code >= 400:
        assert response.headers["Content-Type"].startswith("application/problem+json")
        assert response.json().keys() >= PROBLEM_FIELDS


@pytest.mark.parametrize(("route", "case"), cases(DJANGO_TABLE))
def test_django_answers_as_the_table_says(house, route, case):
    method, path = route
    client = APIClient()
    for person in PEOPLE:
        for way in WAYS if person != "anonymous" else ("none",):
            client.credentials()
            client.cookies.clear()
            try:
                with transaction.atomic():
                    url = address(path, case, house, person)
                    body = resolve(case.body, house, person)
                    user = house.person(person)
                    if way == "session":
                        client.force_login(user)
                    elif way != "none":
                        client.credentials(HTTP_AUTHORIZATION=authorization(user, way))
                    response = client.generic(method, url, _json(body), content_type="application/json")
                    raise _RolledBackError
            except _RolledBackError:
                assert_answer(response, person, way, case)


def _json(body):
    import orjson

    return b"" if body is None else orjson.dumps(body, default=str)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("route", "case"), cases(COMPUTE_TABLE))
def test_compute_answers_as_the_table_says(route, case):
    from tests.support.people import PASSWORD, build_house

    method, path = route
    for way in WAYS:
        call_command("flush", interactive=False, verbosity=0)
        house = build_house()
        for person in PEOPLE:
            if person == "anonymous" and way != "session":
                continue
            client = TestClient(compute, base_url="http://testserver")
            headers: dict[str, str] = {}
            user = house.person(person)
            if user is not None and way == "session":
                signed_in = client.post("/auth/login", json={"email": user.email, "password": PASSWORD})
                assert signed_in.status_code == 200
                headers = {"X-CSRFToken": client.cookies["csrftoken"], "Origin": "http://testserver"}
            elif user is not None:
                headers = {"Authorization": authorization(user, way)}
            body = resolve(case.body, house, person)
            if body and "email" in body and path.endswith("register"):
                body["email"] = f"{way}-{body['email']}"
            url = address(path, case, house, person).removeprefix("/api/v1")
            response = client.request(method, url, content=_json(body), headers={**headers, **JSON})
            assert_answer(response, person, way, case)

"""Browsers of people, and what every page asks of the database before its own."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.services import choose_active_organization


def browser_of(user: User, organization: Organization) -> Client:
    choose_active_organization(actor=user, organization=organization)
    client = Client()
    client.force_login(user)
    return client


def queries_of_the_frame(client: Client) -> int:
    """How many queries session, person and navigation take: those of a page that asks nothing of its own, and one for
    the organization that it shows.
    """
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/profile/").status_code == 200
    return len(queries) + 1


def titles(response) -> list[str]:
    return [row.task.title for row in response.context["rows"]]


def form_of(**changed):
    return {
        "title": "Oil the lathe",
        "description": "",
        "status": "todo",
        "priority": "medium",
        "due_date": "2030-05-04T12:00",
        "estimated_hours": "1.5",
        **changed,
    }


def words(response) -> str:
    """What a person reads of the page: no markup, no runs of spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.text).split())

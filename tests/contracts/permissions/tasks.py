"""Who gets which answer from the tracker."""

from datetime import UTC, datetime
from decimal import Decimal

from guildhall.modules.tasks import services
from guildhall.modules.tasks.models import Task
from tests.contracts.permissions import MEMBERS, MODERATORS, SIGNED_IN, Case, Table, creating, deleting

DUE = "2030-05-04T12:00:00Z"


def shared_task(house, person):
    """One that everybody in the house sees: of the moderator's project, given to the user."""
    return _task(house, project=house.project, assignees=[house.user])


def admins_task(house, person):
    return _task(house)


def _task(house, **fields):
    return services.create_task(
        actor=house.superuser,
        organization=house.organization,
        title="Oil the lathe",
        due_date=datetime(2030, 5, 4, tzinfo=UTC),
        estimated_hours=Decimal(1),
        **fields,
    ).pk


#: The comment of the task that was made last, as both have to be of each other.
_latest_comment: list[int] = []


def commented_task(house, person):
    key = shared_task(house, person)
    made = services.add_comment(actor=house.user, task=Task.objects.get(pk=key), body="Hello")
    _latest_comment[:] = [made.pk]
    return key


def comment_of_user(house, person):
    return _latest_comment[0]


def tag(house, person):
    return services.create_tag(actor=house.admin, organization=house.organization, name="Safety").pk


def template(house, person):
    return services.create_template(
        actor=house.admin, organization=house.organization, name="Service", title="Service {{machine}}"
    ).pk


def organization(house, person):
    return house.organization.pk


TASK = {"id": shared_task}
ADMINS_TASK = {"id": admins_task}
COMMENT = {"id": commented_task, "comment_id": comment_of_user}
TAG = {"id": tag}
TEMPLATE = {"id": template}
NEW = {
    "title": "New", "description": "", "status": "todo", "priority": "low", "due_date": DUE, "estimated_hours": "1",
}  # fmt: skip
HERE = {"organization": organization}
#: Of a task with which only admins have to do.
OF_ADMINS = "401 404 404 404 200 200"
#: What a stranger can't see is an error of the field that names it.
BY_MEMBERS = "401 400 201 201 201 201"
BY_MODERATORS = "401 400 403 201 201 201"

TABLE: Table = {
    ("GET", "/api/tasks/"): [Case(SIGNED_IN)],
    ("POST", "/api/tasks/"): [
        Case(creating(SIGNED_IN), body=NEW, name="one's own"),
        Case(BY_MEMBERS, body={**NEW, **HERE}),
    ],
    ("GET", "/api/tasks/search/"): [Case("401 400 400 400 400 400")],
    ("GET", "/api/tasks/suggest/"): [Case("401 400 400 400 400 400")],
    ("GET", "/api/tasks/facets/"): [Case(SIGNED_IN)],
    ("POST", "/api/tasks/bulk/"): [
        Case("401 400 200 200 200 200", body=lambda house, person: {
            "organization": house.organization.pk, "ids": [shared_task(house, person)], "change": {"status": "done"}}),
        Case("401 400 400 400 200 200", name="admins'", body=lambda house, person: {
            "organization": house.organization.pk, "ids": [admins_task(house, person)], "change": {"status": "done"}}),
    ],
    ("GET", "/api/tasks/{id}/"): [Case(MEMBERS, params=TASK), Case(OF_ADMINS, params=ADMINS_TASK, name="admins'")],
    ("PUT", "/api/tasks/{id}/"): [
        Case(MEMBERS, params=TASK, body=NEW),
        Case(OF_ADMINS, params=ADMINS_TASK, body=NEW, name="admins'"),
    ],
    ("PATCH", "/api/tasks/{id}/"): [
        Case(MEMBERS, params=TASK, body={"status": "done"}),
        Case(OF_ADMINS, params=ADMINS_TASK, body={"status": "done"}, name="admins'"),
    ],
    ("DELETE", "/api/tasks/{id}/"): [
        Case(deleting(MODERATORS), params=TASK),
        Case(deleting(OF_ADMINS), params=ADMINS_TASK, name="admins'"),
    ],
    ("POST", "/api/tasks/{id}/assign/"): [
        Case(MEMBERS, params=TASK, body={"add": [], "remove": []}),
        Case(OF_ADMINS, params=ADMINS_TASK, body={}, name="admins'"),
    ],
    ("POST", "/api/tasks/{id}/archive/"): [
        Case(MEMBERS, params=TASK),
        Case(OF_ADMINS, params=ADMINS_TASK, name="admins'"),
    ],
    ("POST", "/api/tasks/{id}/restore/"): [
        Case(MEMBERS, params=TASK),
        Case(OF_ADMINS, params=ADMINS_TASK, name="admins'"),
    ],
    ("GET", "/api/tasks/{id}/comments/"): [
        Case(MEMBERS, params=TASK),
        Case(OF_ADMINS, params=ADMINS_TASK, name="admins'"),
    ],
    ("POST", "/api/tasks/{id}/comments/"): [
        Case(creating(MEMBERS), params=TASK, body={"body": "Hello"}),
        Case(creating(OF_ADMINS), params=ADMINS_TASK, body={"body": "Hello"}, name="admins'"),
    ],
    ("PATCH", "/api/tasks/{id}/comments/{comment_id}/"): [
        Case("401 404 200 403 403 403", params=COMMENT, body={"body": "Goodbye"})
    ],
    ("DELETE", "/api/tasks/{id}/comments/{comment_id}/"): [Case(deleting(MEMBERS), params=COMMENT)],
    ("GET", "/api/tasks/{id}/history/"): [
        Case(MEMBERS, params=TASK),
        Case(OF_ADMINS, params=ADMINS_TASK, name="admins'"),
    ],
    ("GET", "/api/tags/"): [Case(SIGNED_IN)],
    ("POST", "/api/tags/"): [Case(BY_MEMBERS, body={**HERE, "name": "New"})],
    ("GET", "/api/tags/{id}/"): [Case(MEMBERS, params=TAG)],
    ("PATCH", "/api/tags/{id}/"): [Case(MODERATORS, params=TAG, body={"color": "red"})],
    ("DELETE", "/api/tags/{id}/"): [Case(deleting(MODERATORS), params=TAG)],
    ("GET", "/api/task-templates/"): [Case(SIGNED_IN)],
    ("POST", "/api/task-templates/"): [Case(BY_MODERATORS, body={**HERE, "name": "New", "title": "New"})],
    ("GET", "/api/task-templates/{id}/"): [Case(MEMBERS, params=TEMPLATE)],
    ("PATCH", "/api/task-templates/{id}/"): [Case(MODERATORS, params=TEMPLATE, body={"name": "Renamed"})],
    ("DELETE", "/api/task-templates/{id}/"): [Case(deleting(MODERATORS), params=TEMPLATE)],
    ("POST", "/api/task-templates/{id}/instantiate/"): [
        Case(creating(MEMBERS), params=TEMPLATE, body={"values": {"machine": "the lathe"}})
    ],
}  # fmt: skip

"""The API of tasks: lists, one task, and what is done to one or to many."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts.models import User
from guildhall.core.errors import NotFoundError
from guildhall.core.http.drf import actor_of, validated
from guildhall.core.http.records import IF_MATCH, IF_NONE_MATCH, expected_of, record
from guildhall.core.organizations.api.asked import named_organization
from guildhall.modules.tasks import selectors, services
from guildhall.modules.tasks.api import serializers as wire
from guildhall.modules.tasks.api.asked import (
    FIELDS,
    FILTERS,
    ORDERING,
    fields_of,
    filter_of,
    ordering_of,
    people_by,
    resolved,
)
from guildhall.modules.tasks.api.rows import columns_of, thin_row
from guildhall.modules.tasks.filters import order_of
from guildhall.modules.tasks.models import Task, TaskTally


class TaskView(GenericAPIView[Any]):
    """Finds the task of the address among those the caller sees."""

    queryset = Task.objects.none()

    def task(self) -> Task:
        """The task.

        Raises:
            NotFoundError: there is none that the caller sees.
        """
        found = Task.objects.visible_to(actor_of(self.request)).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFoundError
        return found

    def page(self, rows: QuerySet[Any], serializer: type[Any]) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


def asked_tasks(
    request: Request, actor: User, *, in_order: bool = False, newest: int | None = None
) -> tuple[QuerySet[Task], QuerySet[TaskTally] | None]:
    """The tasks that the parameters of a list ask for, and their tally (see `TaskFilter.apply` and `tally`)."""
    organization = named_organization(request)
    standing = selectors.standing_of(actor, organization.pk)
    wanted = replace(filter_of(request.query_params, standing), language=organization.language)
    rows = selectors.tasks_in(organization.pk, standing, assignees=wanted.assignees)
    return wanted.apply(rows, in_order=in_order, newest=newest), wanted.tally(organization.pk, standing)


class TaskListView(TaskView):
    @extend_schema(parameters=[*FILTERS, ORDERING, FIELDS], responses=wire.TaskSerializer(many=True), tags=["tasks"])
    def get(self, request: Request) -> Response:
        """The tasks of one organization that the caller sees, the newest first, without archived ones."""
        names = fields_of(request.query_params)
        self.page_order = order_of(ordering_of(request.query_params))
        rows, _tally = asked_tasks(request, actor_of(request), in_order=True)
        order = [name.removeprefix("-") for name in self.page_order]
        page = self.paginate_queryset(rows.values(*columns_of(names, *order)))
        return self.get_paginated_response([thin_row(row, names) for row in page or ()])

    @extend_schema(request=wire.TaskInputSerializer, responses={201: wire.TaskSerializer}, tags=["tasks"])
    def post(self, request: Request) -> Response:
        """Create a task; its organization is the caller's active one by default."""
        actor, given = actor_of(request), validated(wire.TaskInputSerializer, request)
        organization = named_organization(request, given.pop("organization", None))
        made = services.create_task(actor=actor, organization=organization, **resolved(actor, given))
        answer = record(request, made, wire.TaskSerializer)
        answer.status_code = status.HTTP_201_CREATED
        return answer


class TaskDetailView(TaskView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=wire.TaskSerializer, tags=["tasks"])
    def get(self, request: Request, pk: int) -> Response:
        """One task, archived or not."""
        return record(request, self.task(), wire.TaskSerializer)

    @extend_schema(
        parameters=[IF_MATCH], request=wire.TaskChangeSerializer, responses=wire.TaskSerializer, tags=["tasks"]
    )
    def put(self, request: Request, pk: int) -> Response:
        """Change the task as a whole; what need not be sent keeps its value where it is not."""
        return self.change(request, partial=False)

    @extend_schema(
        parameters=[IF_MATCH],
        request=wire.TaskChangeSerializer(partial=True),
        responses=wire.TaskSerializer,
        tags=["tasks"],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change some fields."""
        return self.change(request, partial=True)

    def change(self, request: Request, *, partial: bool) -> Response:
        task, actor = self.task(), actor_of(request)
        given = resolved(actor, validated(wire.TaskChangeSerializer, request, partial=partial))
        changed = services.update_task(actor=actor, task=task, expected=expected_of(request), **given)
        return record(request, changed, wire.TaskSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["tasks"])
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the task, which its creator, moderators of its project and admins may do; its parts stay."""
        services.delete_task(actor=actor_of(request), task=self.task(), expected=expected_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AssignView(TaskView):
    @extend_schema(parameters=[IF_MATCH], request=wire.AssignSerializer, responses=wire.TaskSerializer, tags=["tasks"])
    def post(self, request: Request, pk: int) -> Response:
        """Give the task to people, and relieve others of it. Safe to repeat."""
        task, actor = self.task(), actor_of(request)
        given = validated(wire.AssignSerializer, request)
        changed = services.assign_task(
            actor=actor,
            task=task,
            expected=expected_of(request),
            add=people_by(actor, given.get("add", []), "add"),
            remove=people_by(actor, given.get("remove", []), "remove"),
        )
        return record(request, changed, wire.TaskSerializer)


class ArchiveView(TaskView):
    @extend_schema(parameters=[IF_MATCH], request=None, responses=wire.TaskSerializer, tags=["tasks"])
    def post(self, request: Request, pk: int) -> Response:
        """Take the task out of the lists. Safe to repeat."""
        changed = services.archive_task(actor=actor_of(request), task=self.task(), expected=expected_of(request))
        return record(request, changed, wire.TaskSerializer)


class RestoreView(TaskView):
    @extend_schema(parameters=[IF_MATCH], request=None, responses=wire.TaskSerializer, tags=["tasks"])
    def post(self, request: Request, pk: int) -> Response:
        """Put an archived task back into the lists. Safe to repeat."""
        changed = services.restore_task(actor=actor_of(request), task=self.task(), expected=expected_of(request))
        return record(request, changed, wire.TaskSerializer)


class BulkView(TaskView):
    @extend_schema(request=wire.BulkSerializer, responses=wire.BulkResultSerializer, tags=["tasks"])
    def post(self, request: Request) -> Response:
        """Make one change to many tasks: to all of them or to none."""
        actor, given = actor_of(request), validated(wire.BulkSerializer, request)
        organization = named_organization(request, given.get("organization"))
        change = resolved(actor, given["change"])
        changed = services.change_tasks(actor=actor, organization=organization, ids=given["ids"], **change)
        return Response(wire.BulkResultSerializer({"results": changed}).data)

"""The API of what belongs to a task: its comments and its history."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.errors import NotFoundError
from guildhall.core.http.drf import actor_of, validated
from guildhall.modules.tasks import selectors, services
from guildhall.modules.tasks.api import serializers as wire
from guildhall.modules.tasks.api.tasks import TaskView
from guildhall.modules.tasks.models import Comment


class CommentListView(TaskView):
    page_order: ClassVar[tuple[str, ...]] = ("created_at", "pk")

    @extend_schema(responses=wire.CommentSerializer(many=True), tags=["tasks"])
    def get(self, request: Request, pk: int) -> Response:
        """What was said about the task, the oldest first."""
        return self.page(selectors.comments_of(self.task()), wire.CommentSerializer)

    @extend_schema(request=wire.CommentInputSerializer, responses={201: wire.CommentSerializer}, tags=["tasks"])
    def post(self, request: Request, pk: int) -> Response:
        """Say something about the task, in Markdown."""
        task = self.task()
        made = services.add_comment(
            actor=actor_of(request), task=task, body=validated(wire.CommentInputSerializer, request)["body"]
        )
        return Response(wire.CommentSerializer(made).data, status=status.HTTP_201_CREATED)


class CommentView(TaskView):
    def comment(self) -> Comment:
        found = selectors.comments_of(self.task()).filter(pk=self.kwargs["comment_id"]).first()
        if found is None:
            raise NotFoundError
        return found

    @extend_schema(request=wire.CommentInputSerializer, responses=wire.CommentSerializer, tags=["tasks"])
    def patch(self, request: Request, pk: int, comment_id: int) -> Response:
        """Change the words of one's own comment."""
        comment = self.comment()
        body = validated(wire.CommentInputSerializer, request)["body"]
        changed = services.edit_comment(actor=actor_of(request), comment=comment, body=body)
        return Response(wire.CommentSerializer(changed).data)

    @extend_schema(responses={204: None}, tags=["tasks"])
    def delete(self, request: Request, pk: int, comment_id: int) -> Response:
        """Delete a comment, which its author, moderators of the task's project and admins may do."""
        services.delete_comment(actor=actor_of(request), comment=self.comment())
        return Response(status=status.HTTP_204_NO_CONTENT)


class HistoryView(TaskView):
    page_order: ClassVar[tuple[str, ...]] = ("-pk",)

    @extend_schema(responses=wire.HistorySerializer(many=True), tags=["tasks"])
    def get(self, request: Request, pk: int) -> Response:
        """What was done to the task, by whom and when, the newest first: one row a changed field."""
        return self.page(selectors.history_of(self.task()), wire.HistorySerializer)

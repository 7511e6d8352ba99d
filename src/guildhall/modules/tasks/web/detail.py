"""The page of one task: its properties, parts, comments and history, and the small changes that it offers."""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from guildhall.modules.tasks import policy, selectors, services
from guildhall.modules.tasks.models import Comment, Task
from guildhall.modules.tasks.models.fields import PRIORITY_CHOICES, STATUS_CHOICES
from guildhall.modules.tasks.web.base import TasksPage
from guildhall.modules.tasks.web.forms import CommentForm
from guildhall.modules.tasks.web.rows import rows_of
from guildhall.modules.tasks.web.sentences import told

SHOWN_CHANGES: Final = 20
MOST_CHANGES: Final = 500
SHOWN_COMMENTS: Final = 50
MOST_SUBTASKS: Final = 200


class TaskPage(TasksPage):
    """What concerns one task."""

    def address(self, task: Task, anchor: str = "") -> str:
        return reverse("tasks:task", kwargs={"pk": task.pk}) + anchor


class ShowTask(TaskPage):
    """`/tasks/ID/`; `?all` shows all comments and the whole history."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.task(pk), CommentForm())

    def page(self, task: Task, form: CommentForm, editing: Comment | None = None) -> HttpResponse:
        standing = selectors.standing_of(self.actor, task.organization_id)
        now, shows_all = timezone.now(), "all" in self.request.GET
        comments, has_earlier = _newest(task, limit=MOST_CHANGES if shows_all else SHOWN_COMMENTS)
        limit = MOST_CHANGES if shows_all else SHOWN_CHANGES
        changes = list(selectors.history_of(task)[: limit + 1])
        (row,) = rows_of([task], now=now)
        parts = rows_of(selectors.subtasks_of(self.actor, task).filter(is_archived=False)[:MOST_SUBTASKS], now=now)
        context = {
            "title": task.title,
            "task": task,
            "row": row,
            "statuses": STATUS_CHOICES,
            "priorities": PRIORITY_CHOICES,
            "is_elsewhere": task.organization_id != self.organization.pk,
            "sees_parent": task.parent_task_id is not None
            and selectors.tasks_in(task.organization_id, standing).filter(pk=task.parent_task_id).exists(),
            "parts": parts,
            "done_parts": sum(part.task.status in policy.CLOSED for part in parts),
            "comments": [_comment_row(comment, task, standing) for comment in comments],
            "comment_count": len(comments),
            "has_earlier_comments": has_earlier,
            "comment_form": form,
            "editing": editing,
            "changes": told(changes[:limit], self.actor),
            "has_earlier_changes": len(changes) > limit and not shows_all,
            "may_delete": policy.may_delete(standing, created_by_id=task.created_by_id, project_id=task.project_id),
            "is_mine": self.actor.pk in task.assignee_ids,
        }
        return render(self.request, "tasks/task.html", context)


def _newest(task: Task, *, limit: int) -> tuple[list[Comment], bool]:
    """The newest comments, the oldest of them first, and whether there are others before."""
    rows = list(selectors.comments_of(task).order_by("-created_at", "-pk")[: limit + 1])
    return rows[:limit][::-1], len(rows) > limit


def _comment_row(comment: Comment, task: Task, standing: policy.Standing) -> dict[str, Any]:
    return {
        "comment": comment,
        "may_edit": policy.may_edit_comment(standing, author_id=comment.author_id),
        "may_delete": policy.may_delete_comment(standing, author_id=comment.author_id, project_id=task.project_id),
    }


class ChangeField(TaskPage):
    """`/tasks/ID/change/`: another status or priority; `assign` gives it to oneself, `relieve` takes it back."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = self.task(pk)
        return self.done(lambda: self.change(task), said=gettext("Saved."), then=self.way_back(self.address(task)))

    def change(self, task: Task) -> None:
        fields: dict[str, Any] = {
            name: self.request.POST[name] for name in ("status", "priority") if name in self.request.POST
        }
        if fields:
            services.update_task(actor=self.actor, task=task, **fields)
        elif "assign" in self.request.POST:
            services.assign_task(actor=self.actor, task=task, add=[self.actor])
        else:
            services.assign_task(actor=self.actor, task=task, remove=[self.actor])


class Archive(TaskPage):
    """`/tasks/ID/archive/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = self.task(pk)
        said = gettext("%(task)s is archived.") % {"task": task}
        then = self.way_back(self.address(task))
        return self.done(
            lambda: services.archive_task(actor=self.actor, task=task), said=said, then=then, undo=f"archived:{task.pk}"
        )


class Restore(TaskPage):
    """`/tasks/ID/restore/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = self.task(pk)
        said = gettext("%(task)s is back in the lists.") % {"task": task}
        return self.done(lambda: services.restore_task(actor=self.actor, task=task), said=said, then=self.address(task))


class Delete(TaskPage):
    """`/tasks/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = self.task(pk)
        said = gettext("%(task)s is deleted.") % {"task": task}
        return self.done(
            lambda: services.delete_task(actor=self.actor, task=task),
            said=said,
            then=reverse("tasks:list"),
            undo=f"deleted:{task.pk}",
        )


class AddComment(ShowTask):
    """`/tasks/ID/comments/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task, form = self.task(pk), CommentForm(request.POST)
        made = form.run(lambda: services.add_comment(actor=self.actor, task=task, body=form.cleaned_data["body"]))
        return redirect(self.address(task, f"#comment-{made.pk}")) if made else self.page(task, form)


class CommentPage(ShowTask):
    def comment(self, task: Task, comment_id: int) -> Comment:
        """The comment on the task.

        Raises:
            Http404: there is none.
        """
        found = selectors.comments_of(task).filter(pk=comment_id).first()
        if found is None:
            raise Http404
        return found


class EditComment(CommentPage):
    """`/tasks/ID/comments/ID/edit/`"""

    def get(self, request: HttpRequest, pk: int, comment_id: int) -> HttpResponse:  # type: ignore[override]
        task = self.task(pk)
        comment = self.comment(task, comment_id)
        return self.page(task, CommentForm(initial={"body": comment.body}), editing=comment)

    def post(self, request: HttpRequest, pk: int, comment_id: int) -> HttpResponse:
        task, form = self.task(pk), CommentForm(request.POST)
        comment = self.comment(task, comment_id)

        def change() -> Comment:
            return services.edit_comment(actor=self.actor, comment=comment, body=form.cleaned_data["body"])

        if form.run(change):
            return redirect(self.address(task, f"#comment-{comment.pk}"))
        return self.page(task, form, editing=comment)


class DeleteComment(CommentPage):
    """`/tasks/ID/comments/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int, comment_id: int) -> HttpResponse:
        task = self.task(pk)
        comment = self.comment(task, comment_id)
        return self.done(
            lambda: services.delete_comment(actor=self.actor, comment=comment),
            said=gettext("The comment is deleted."),
            then=self.address(task, "#comments"),
        )

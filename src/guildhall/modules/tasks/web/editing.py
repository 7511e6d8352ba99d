"""The forms of a task: create and edit."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Organization
from guildhall.core.versions import StaleVersionError
from guildhall.modules.tasks import selectors, services
from guildhall.modules.tasks.models import Task
from guildhall.modules.tasks.web.base import TasksPage, numbered
from guildhall.modules.tasks.web.forms import TaskForm, initial_of_new
from guildhall.modules.tasks.web.merging import merged


class Create(TasksPage):
    """`/tasks/new/`; `?parent=ID` makes a part of another task, `?status=` and the like fill the form."""

    def get(self, request: HttpRequest) -> HttpResponse:
        parent = self.parent()
        organization = parent.organization if parent is not None else self.organization
        initial = initial_of_new(self.standing, parent, request.GET.dict())
        return self.page(TaskForm(actor=self.actor, organization=organization, initial=initial), parent)

    def post(self, request: HttpRequest) -> HttpResponse:
        parent = self.parent()
        organization = parent.organization if parent is not None else self.organization
        form = TaskForm(request.POST, actor=self.actor, organization=organization)
        task = form.run(lambda: self.create(form, organization))
        if task is None:
            return self.page(form, parent)
        messages.success(request, gettext("%(task)s is created.") % {"task": task})
        if "another" in request.POST:
            return redirect(request.get_full_path())
        return redirect("tasks:task", pk=task.pk)

    def create(self, form: TaskForm, organization: Organization) -> Task:
        with transaction.atomic():
            given = form.given
            given["tags"] = [*given["tags"], *self.new_tags(form, organization)]
            return services.create_task(actor=self.actor, organization=organization, **given)

    def new_tags(self, form: TaskForm, organization: Organization) -> list[Any]:
        return services.tags_named(actor=self.actor, organization=organization, names=form.cleaned_data["new_tags"])

    def parent(self) -> Task | None:
        ids = numbered([self.request.GET.get("parent", "")])
        return selectors.task_for(self.actor, ids[0]) if ids else None

    def page(self, form: TaskForm, parent: Task | None) -> HttpResponse:
        context = {"title": _("New task"), "form": form, "parent": parent}
        return render(self.request, "tasks/form.html", context)


class Edit(Create):
    """`/tasks/ID/edit/`"""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:  # type: ignore[override]
        task = self.task(pk)
        return self.form_page(task, TaskForm(actor=self.actor, organization=task.organization, task=task))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:  # type: ignore[override]
        task = self.task(pk)
        form = TaskForm(request.POST, actor=self.actor, organization=task.organization, task=task)
        try:
            changed = form.run(lambda: self.change(task, form))
        except StaleVersionError:
            return self.stale_page(self.task(pk), form)
        if changed is None:
            return self.form_page(task, form)
        messages.success(request, gettext("Saved."))
        return redirect("tasks:task", pk=pk)

    def change(self, task: Task, form: TaskForm) -> Task:
        with transaction.atomic():
            given = form.given
            given["tags"] = [*given["tags"], *self.new_tags(form, task.organization)]
            return services.update_task(actor=self.actor, task=task, expected=form.expected, **given)

    def stale_page(self, task: Task, form: TaskForm) -> HttpResponse:
        """The form again, with what was typed and what others did since; saving it again is a decision."""
        outcome = merged(form, task, self.actor)
        return self.form_page(
            task, outcome.form, status=HTTPStatus.PRECONDITION_FAILED, stale=outcome, title=_("Changed in the meantime")
        )

    def form_page(
        self, task: Task, form: TaskForm, *, status: HTTPStatus = HTTPStatus.OK, **context: Any
    ) -> HttpResponse:
        shown = {"title": _("Edit the task"), "form": form, "task": task, **context}
        return render(self.request, "tasks/form.html", shown, status=status)

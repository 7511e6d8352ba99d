"""Templates of tasks: the list, the form, and a new task from one of them."""

from decimal import Decimal
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import NotAllowedError
from guildhall.core.organizations.models import Organization, Project, Team
from guildhall.core.pages import ServiceForm
from guildhall.modules.tasks import policy, selectors, services
from guildhall.modules.tasks.models import Tag, TaskTemplate
from guildhall.modules.tasks.models.fields import DESCRIPTION_LENGTH, PRIORITY_CHOICES, STATUS_CHOICES, TITLE_LENGTH
from guildhall.modules.tasks.models.templates import LONGEST_DUE_AFTER_HOURS, MOST_SUBTASKS
from guildhall.modules.tasks.services.templates import MOST_OF_A_VALUE
from guildhall.modules.tasks.web.base import TasksPage
from guildhall.modules.tasks.web.forms import MarkdownInput, OneField, SeveralField, TickList, members_for

HOURS_OF_A_DAY: Final = 24
LONGEST_DUE_DAYS: Final = LONGEST_DUE_AFTER_HOURS // HOURS_OF_A_DAY


class SubtasksField(forms.CharField):
    """A title on each line; cleaned, a list of sub-tasks, those that were there before with all that they had."""

    def __init__(self, **kwargs: Any) -> None:
        self.before: list[dict[str, Any]] = []
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        titles = [" ".join(line.split()) for line in str(super().clean(value)).splitlines()]
        titles = [title for title in titles if title]
        if len(titles) > MOST_SUBTASKS or any(len(title) > TITLE_LENGTH for title in titles):
            raise forms.ValidationError(gettext("Give at most 50 titles of at most 200 characters."))
        present: dict[str, list[dict[str, Any]]] = {}
        for subtask in self.before:
            present.setdefault(subtask["title"], []).append(subtask)
        return [present[title].pop(0) if present.get(title) else {"title": title} for title in titles]


class TemplateForm(ServiceForm):
    """A template, new or present."""

    name = forms.CharField(label=_("Name of the template"), max_length=120)
    title = forms.CharField(
        label=_("Title of the task"), max_length=TITLE_LENGTH,
        help_text=_("What differs from task to task is a variable: Service of {{machine}}."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("Description"), required=False, strip=False, max_length=DESCRIPTION_LENGTH, widget=MarkdownInput(6),
        help_text=_("Markdown; may hold variables too."),
    )  # fmt: skip
    subtasks = SubtasksField(
        label=_("Sub-tasks"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A title on each line; may hold variables too."),
    )  # fmt: skip
    status = forms.ChoiceField(label=_("Status"), choices=STATUS_CHOICES)
    priority = forms.ChoiceField(label=_("Priority"), choices=PRIORITY_CHOICES)
    due_days = forms.DecimalField(
        label=_("Due after days"), min_value=Decimal(0), max_value=Decimal(LONGEST_DUE_DAYS), decimal_places=2
    )
    estimated_hours = forms.DecimalField(
        label=_("Estimated hours"), min_value=Decimal(0), max_digits=8, decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    assignees = SeveralField(label=_("Assigned to"), queryset=User.objects.none(), required=False, widget=TickList())
    tags = SeveralField(label=_("Tags"), queryset=Tag.objects.none(), required=False, widget=TickList())
    project = OneField(label=_("Project"), queryset=Project.objects.none(), required=False, empty_label=_("No project"))
    team = OneField(label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("No team"))
    renamed: ClassVar[dict[str, str]] = {"assigned_to": "assignees", "due_after_hours": "due_days"}

    def __init__(
        self, data: Any = None, *, actor: User, organization: Organization, template: TaskTemplate | None = None
    ) -> None:
        super().__init__(data, initial=initial_of(template))
        present = [person.pk for person in template.assignees.all()] if template is not None else []
        offered = {
            "assignees": members_for(organization, present),
            "tags": selectors.tags_for(actor, organization),
            "project": organization.projects.order_by("name", "pk"),
            "team": selectors.teams_for(actor, organization),
        }
        for name, rows in offered.items():
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = rows
        subtasks = self.fields["subtasks"]
        assert isinstance(subtasks, SubtasksField)
        subtasks.before = list(template.subtasks) if template is not None else []

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of the services."""
        given = dict(self.cleaned_data)
        given["due_after_hours"] = int(given.pop("due_days") * HOURS_OF_A_DAY)
        return given


def initial_of(template: TaskTemplate | None) -> dict[str, Any]:
    """What the form begins with."""
    if template is None:
        return {"status": policy.Status.TODO.value, "priority": policy.Priority.MEDIUM.value, "due_days": 7,
                "estimated_hours": Decimal(1)}  # fmt: skip
    names = ("name", "title", "description", "status", "priority", "estimated_hours")
    return {
        **{name: getattr(template, name) for name in names},
        "subtasks": "\n".join(subtask["title"] for subtask in template.subtasks),
        "due_days": round(Decimal(template.due_after_hours) / HOURS_OF_A_DAY, 2).normalize(),
        "project": template.project_id,
        "team": template.team_id,
        "assignees": [person.pk for person in template.assignees.all()],
        "tags": [tag.pk for tag in template.tags.all()],
    }


class TemplatesPage(TasksPage):
    """What concerns templates."""

    def template(self, pk: int) -> TaskTemplate:
        """The template of the organization.

        Raises:
            Http404: there is none.
        """
        rows = selectors.templates_for(self.actor, self.organization).select_related("organization", "project", "team")
        found = rows.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def require_may_curate(self) -> None:
        """Raises NotAllowedError unless the actor looks after templates."""
        if not policy.may_curate(self.standing):
            raise NotAllowedError


class ShowTemplates(TemplatesPage):
    """`/tasks/templates/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "title": _("Templates"),
            "templates": selectors.templates_for(self.actor, self.organization),
            "may_curate": policy.may_curate(self.standing),
        }
        return render(request, "tasks/templates.html", context)


class CreateTemplate(TemplatesPage):
    """`/tasks/templates/new/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        self.require_may_curate()
        return self.page(TemplateForm(actor=self.actor, organization=self.organization))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TemplateForm(request.POST, actor=self.actor, organization=self.organization)
        made = form.run(
            lambda: services.create_template(actor=self.actor, organization=self.organization, **form.given)
        )
        if made is None:
            return self.page(form)
        messages.success(request, gettext("The template “%(name)s” is there.") % {"name": made})
        return redirect("tasks:templates")

    def page(self, form: TemplateForm, template: TaskTemplate | None = None) -> HttpResponse:
        title = _("New template") if template is None else _("Edit the template")
        context = {"title": title, "form": form, "template": template}
        return render(self.request, "tasks/template.html", context)


class EditTemplate(CreateTemplate):
    """`/tasks/templates/ID/edit/`"""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:  # type: ignore[override]
        self.require_may_curate()
        template = self.template(pk)
        return self.page(self.form(template), template)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:  # type: ignore[override]
        template = self.template(pk)
        form = self.form(template, request.POST)
        if form.run(lambda: services.update_template(actor=self.actor, template=template, **form.given)) is None:
            return self.page(form, template)
        messages.success(request, gettext("Saved."))
        return redirect("tasks:templates")

    def form(self, template: TaskTemplate, data: Any = None) -> TemplateForm:
        return TemplateForm(data, actor=self.actor, organization=self.organization, template=template)


class DeleteTemplate(TemplatesPage):
    """`/tasks/templates/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        template = self.template(pk)
        return self.done(
            lambda: services.delete_template(actor=self.actor, template=template),
            said=gettext("The template “%(name)s” is deleted.") % {"name": template},
            then=reverse("tasks:templates"),
        )


class ValuesForm(ServiceForm):
    """The values of a template's variables, each a field."""

    def __init__(self, data: Any = None, *, template: TaskTemplate) -> None:
        super().__init__(data)
        self.template = template
        for name in template.variables:
            # Prefixed, so that no variable takes the name of something else in the form.
            label = name.replace("_", " ").capitalize()
            self.fields[f"value-{name}"] = forms.CharField(label=label, max_length=MOST_OF_A_VALUE)

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"value-{name}"] for name in self.template.variables}


class UseTemplate(TemplatesPage):
    """`/tasks/templates/ID/use/`: asks for the variables and makes the task."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        template = self.template(pk)
        return self.page(template, ValuesForm(template=template))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        template = self.template(pk)
        form = ValuesForm(request.POST, template=template)
        task = form.run(lambda: services.instantiate_template(actor=self.actor, template=template, values=form.values))
        if task is None:
            return self.page(template, form)
        messages.success(request, gettext("%(task)s is created.") % {"task": task})
        return redirect("tasks:task", pk=task.pk)

    def page(self, template: TaskTemplate, form: ValuesForm) -> HttpResponse:
        context = {"title": _("New task from a template"), "template": template, "form": form}
        return render(self.request, "tasks/use_template.html", context)

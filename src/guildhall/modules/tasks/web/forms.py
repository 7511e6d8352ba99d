"""The forms of tasks and comments. What is acceptable is decided by models and services."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization, Project, RoleAssignment, Team
from guildhall.core.pages import ServiceForm
from guildhall.modules.tasks import policy, selectors
from guildhall.modules.tasks.models import Tag, Task
from guildhall.modules.tasks.models.fields import DESCRIPTION_LENGTH, PRIORITY_CHOICES, STATUS_CHOICES, TITLE_LENGTH
from guildhall.modules.tasks.models.people import COMMENT_LENGTH
from guildhall.modules.tasks.web.asked import day_of

if TYPE_CHECKING:
    OneField = forms.ModelChoiceField[Any]
    SeveralField = forms.ModelMultipleChoiceField[Any]
else:  # Django's own fields take no type argument when the program runs.
    OneField, SeveralField = forms.ModelChoiceField, forms.ModelMultipleChoiceField

#: By default a task is due a week from now, when most people's working day ends.
DEFAULT_DUE_DAYS: Final = 7
DEFAULT_DUE_TIME: Final = time(17)
MOST_NEW_TAGS: Final = 20
LONGEST_TAG: Final = 60
NUMBER_DIGITS: Final = 9


class LocalMoment(forms.DateTimeInput):
    """The browser's own choice of day and time, in the reader's time zone."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class MarkdownInput(forms.Textarea):
    def __init__(self, rows: int) -> None:
        super().__init__(attrs={"rows": rows, "data-submit-by-key": ""})


class TickList(forms.CheckboxSelectMultiple):
    def __init__(self) -> None:
        super().__init__(attrs={"class": "checkbox checkbox-sm"})


class NewTagsField(forms.CharField):
    """Names, divided by commas; cleaned, a list."""

    def clean(self, value: Any) -> Any:
        names = [" ".join(name.split()) for name in str(super().clean(value)).split(",")]
        names = list({name.casefold(): name for name in reversed(names) if name}.values())[::-1]
        if len(names) > MOST_NEW_TAGS or any(len(name) > LONGEST_TAG for name in names):
            raise forms.ValidationError(gettext("Give at most 20 names of at most 60 characters."))
        return names


class ParentField(forms.CharField):
    """The number of a task that the reader sees; cleaned, the task or None."""

    def __init__(self, **kwargs: Any) -> None:
        self.rows: Any = Task.objects.none()
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).removeprefix("#")
        if not text:
            return None
        task = None
        if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS:
            task = self.rows.filter(number=int(text)).first()
        if task is None:
            raise forms.ValidationError(gettext("There is no task of this number, or you can't see it."))
        return task


def default_due() -> datetime:
    """A week from now, in the late afternoon of the reader."""
    day = timezone.localdate() + timedelta(days=DEFAULT_DUE_DAYS)
    return datetime.combine(day, DEFAULT_DUE_TIME, tzinfo=timezone.get_current_timezone())


def members_for(organization: Organization, present: Iterable[UUID]) -> QuerySet[User]:
    """Whom tasks can be assigned to: the organization's members, and who is assigned already."""
    members = Q(pk__in=RoleAssignment.objects.filter(organization=organization).values("user_id"), is_active=True)
    return User.objects.filter(members | Q(pk__in=list(present))).order_by("name", "email")


class TaskForm(ServiceForm):
    """A task, new or present."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    description = forms.CharField(
        label=_("Description"), required=False, strip=False, max_length=DESCRIPTION_LENGTH, widget=MarkdownInput(8),
        help_text=_("Markdown: **bold**, *italic*, `code`, lists and links."),
    )  # fmt: skip
    status = forms.ChoiceField(label=_("Status"), choices=STATUS_CHOICES)
    priority = forms.ChoiceField(label=_("Priority"), choices=PRIORITY_CHOICES)
    due_date = forms.DateTimeField(label=_("Due"), widget=LocalMoment())
    estimated_hours = forms.DecimalField(
        label=_("Estimated hours"), min_value=Decimal(0), max_digits=8, decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    actual_hours = forms.DecimalField(
        label=_("Hours worked"), min_value=Decimal(0), max_digits=8, decimal_places=2, required=False,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    project = OneField(label=_("Project"), queryset=Project.objects.none(), required=False, empty_label=_("No project"))
    team = OneField(label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("No team"))
    parent_task = ParentField(
        label=_("Part of"), required=False, max_length=12, help_text=_("The number of the task above, such as #12.")
    )
    assignees = SeveralField(label=_("Assigned to"), queryset=User.objects.none(), required=False, widget=TickList())
    tags = SeveralField(label=_("Tags"), queryset=Tag.objects.none(), required=False, widget=TickList())
    new_tags = NewTagsField(
        label=_("New tags"), required=False, max_length=1300, help_text=_("Names, divided by commas.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    opened_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    renamed: ClassVar[dict[str, str]] = {"assigned_to": "assignees", "name": "new_tags", "color": "new_tags"}

    def __init__(
        self, data: Any = None, *, actor: User, organization: Organization, task: Task | None = None, **kwargs: Any
    ) -> None:
        if task is not None:
            kwargs.setdefault("initial", initial_of(task))
        super().__init__(data, **kwargs)
        self.actor, self.organization, self.task = actor, organization, task
        standing = selectors.standing_of(actor, organization.pk)
        projects = organization.projects.all()
        if not standing.is_admin:
            projects = projects.filter(Q(pk__in=standing.projects) | Q(pk=task.project_id if task else None))
        teams = selectors.teams_for(actor, organization)
        self._offer("project", projects.order_by("name", "pk"))
        self._offer("team", teams)
        self._offer("assignees", members_for(organization, task.assignee_ids if task is not None else ()))
        self._offer("tags", selectors.tags_for(actor, organization))
        parent = self.fields["parent_task"]
        assert isinstance(parent, ParentField)
        parent.rows = selectors.tasks_in(organization.pk, standing)

    def _offer(self, name: str, rows: Any) -> None:
        choice = self.fields[name]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = rows

    @property
    def main_fields(self) -> list[Any]:
        return [self["title"], self["description"]]

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of the services, but for the new tags."""
        left_out = {"new_tags", "version", "opened_at"}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}

    @property
    def expected(self) -> frozenset[int] | None:
        version = self.cleaned_data.get("version")
        return None if version is None else frozenset({version})


def initial_of(task: Task) -> dict[str, Any]:
    """What the form of a present task begins with."""
    parent = task.parent_task
    return {
        **{name: getattr(task, name) for name in ("title", "description", "status", "priority", "due_date")},
        "estimated_hours": task.estimated_hours,
        "actual_hours": task.actual_hours,
        "project": task.project_id,
        "team": task.team_id,
        "parent_task": f"#{parent.number}" if parent is not None else "",
        "assignees": task.assignee_ids,
        "tags": task.tag_ids,
        "version": task.version,
        "opened_at": task.updated_at.isoformat(),
    }


def initial_of_new(standing: policy.Standing, parent: Task | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of a new task begins with: what its address asks for, and what the task above it has."""
    initial: dict[str, Any] = {
        "status": policy.Status.TODO.value,
        "priority": policy.Priority.MEDIUM.value,
        "due_date": default_due(),
        "estimated_hours": Decimal(1),
    }
    if parent is not None:
        initial |= {
            "parent_task": f"#{parent.number}",
            "project": parent.project_id,
            "team": parent.team_id,
            "due_date": parent.due_date,
        }
    for name, value in wanted.items():
        if name in {"status", "priority", "project", "team", "title"} and value:
            initial[name] = value
        elif name == "due" and (day := day_of(value)):
            initial["due_date"] = datetime.combine(day, DEFAULT_DUE_TIME, tzinfo=timezone.get_current_timezone())
        elif name == "assignee" and value == "me":
            initial["assignees"] = [standing.user_id]
    return initial


class CommentForm(ServiceForm):
    """What somebody says about a task."""

    body = forms.CharField(
        label=_("Comment"), max_length=COMMENT_LENGTH, strip=False, widget=MarkdownInput(4),
        help_text=_("Markdown: **bold**, *italic*, `code`, lists and links."),
    )  # fmt: skip

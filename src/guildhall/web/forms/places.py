"""Forms of an organization: itself, its invites, roles, projects, objects and teams."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import ROLE_CHOICES, Organization, Project, ProjectObject
from guildhall.core.organizations.policy import Role
from guildhall.core.organizations.selectors import members_of
from guildhall.core.pages import ServiceForm

CHOOSE = _("Choose…")

if TYPE_CHECKING:
    ObjectChoiceField = forms.ModelChoiceField[ProjectObject]
    PersonChoiceField = forms.ModelChoiceField[User]
    PeopleChoiceField = forms.ModelMultipleChoiceField[User]
else:  # Django's own fields take no type argument when the program runs.
    ObjectChoiceField = PersonChoiceField = forms.ModelChoiceField
    PeopleChoiceField = forms.ModelMultipleChoiceField


class OrganizationForm(ServiceForm):
    """Name and language of an organization."""

    name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("In which the organization writes to people it does not know yet."),
    )


class JoinForm(ServiceForm):
    """An invite code."""

    code = forms.CharField(
        label=_("Invite code"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True, "data-from-fragment": "code"}
        ),
    )


class NamedForm(ServiceForm):
    """A project or an object: a name and what it is."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class _ObjectField(ObjectChoiceField):
    """Objects named with their project, because each project may have a "Workshop"."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.project.name} / {obj.name}"


class ScopeForm(ServiceForm):
    """A role with the scope that it needs. Offers only what the actor sees."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial=Role.USER.value)
    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.none(), required=False, empty_label=CHOOSE
    )
    object = _ObjectField(label=_("Object"), queryset=ProjectObject.objects.none(), required=False, empty_label=CHOOSE)

    shown_when: ClassVar[dict[str, str]] = {"project": "role=moderator", "object": "role=user"}

    def __init__(self, *args: Any, actor: User, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = Project.objects.visible_to(actor).filter(organization=organization).order_by("name")
        objects = (
            ProjectObject.objects.visible_to(actor)
            .filter(project__organization=organization)
            .select_related("project")
            .order_by("project__name", "name")
        )
        project, thing = self.fields["project"], self.fields["object"]
        assert isinstance(project, forms.ModelChoiceField)
        assert isinstance(thing, forms.ModelChoiceField)
        project.queryset, thing.queryset = projects, objects

    @property
    def role_given(self) -> Role:
        """The chosen role."""
        return Role(self.cleaned_data["role"])

    @property
    def scope(self) -> tuple[Project | None, ProjectObject | None]:
        """Project and object of the chosen role; what belongs to another role is left out."""
        role = self.role_given
        project: Project | None = self.cleaned_data["project"] if role is Role.MODERATOR else None
        thing: ProjectObject | None = self.cleaned_data["object"] if role is Role.USER else None
        return (thing.project if thing else project), thing


class PersonField(PersonChoiceField):
    """People named with their address, as two may bear one name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.email})" if obj.name else obj.email


class RoleForm(ScopeForm):
    """A role for somebody whom the actor knows."""

    user = PersonField(label=_("Person"), queryset=User.objects.none(), empty_label=CHOOSE)
    field_order = ("user", "role", "project", "object")

    def __init__(self, *args: Any, actor: User, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, organization=organization, **kwargs)
        person = self.fields["user"]
        assert isinstance(person, forms.ModelChoiceField)
        person.queryset = User.objects.visible_to(actor).filter(is_active=True).order_by("name", "email")


class InviteForm(ScopeForm):
    """An invite code: the role it gives, how long and how often it works."""

    FOREVER = "0"
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        initial=7,
        choices=[(1, _("1 day")), (7, _("1 week")), (30, _("30 days")), (FOREVER, _("until it is revoked"))],
    )
    max_uses = forms.IntegerField(
        label=_("How many people can use it"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("Leave it empty for any number."),
    )
    renamed: ClassVar[dict[str, str]] = {"expires_at": "days"}

    @property
    def expires_at(self) -> datetime | None:
        """When the code ends, or None for never."""
        days: int = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


class _PeopleField(PeopleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class TeamForm(ServiceForm):
    """A team: a name and its members."""

    name = forms.CharField(label=_("Name"), max_length=120)
    members = _PeopleField(
        label=_("Members"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "checkbox checkbox-sm"}),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = self.fields["members"]
        assert isinstance(members, forms.ModelMultipleChoiceField)
        members.queryset = members_of(organization)

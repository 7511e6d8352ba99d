"""What every page's template knows about its frame: navigation, organizations, theme."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.policy import Action, Grant, allows
from guildhall.core.organizations.selectors import active_organization, grants_of
from guildhall.core.shell import NavItem, navigation_for
from guildhall.web.messages import client_messages

THEMES = ("light", "dark")


class Shell:
    """The frame of one page. Everything is read when a template asks for it, so a bare error page reads nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def user(self) -> User | None:
        """Who is signed in."""
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) and user.is_authenticated else None

    @cached_property
    def theme(self) -> str:
        """`light`, `dark`, or nothing where the machine's preference decides."""
        chosen = self._request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def organization(self) -> Organization | None:
        """The organization whose pages are shown."""
        return active_organization(self.user) if self.user else None

    @cached_property
    def _grants(self) -> tuple[Grant, ...]:
        return grants_of(self.user) if self.user else ()

    @cached_property
    def organizations(self) -> list[Organization]:
        """All that the user can switch to, the personal one last."""
        if self.user is None:
            return []
        visible = Organization.objects.visible_to(self.user)
        if self.user.is_superuser:
            # A superuser sees all of them, which no menu could hold; the switch offers the own ones.
            visible = visible.filter(roleassignments__user=self.user).distinct()
        return sorted(visible, key=lambda one: (one.is_personal, one.name.casefold()))

    @cached_property
    def navigation(self) -> list[NavItem]:
        """The modules' entries."""
        if self.user is None or self.organization is None:
            return []
        return navigation_for(self.user, self.organization)

    @cached_property
    def may_invite(self) -> bool:
        """Whether the page of invite codes is shown to this user."""
        return self._may("invite", Action.VIEW)

    @cached_property
    def may_see_audit(self) -> bool:
        """Whether the audit log is shown to this user."""
        return self._may("audit", Action.VIEW)

    @cached_property
    def may_edit_organization(self) -> bool:
        """Whether the page of the organization's settings is shown to this user."""
        return self._may("organization", Action.EDIT)

    def _may(self, resource: str, action: Action) -> bool:
        if self.user is None or self.organization is None:
            return False
        return self.user.is_superuser or allows(self._grants, resource, action, self.organization.place)

    @property
    def client_messages(self) -> dict[str, str]:
        """The scripts' sentences in the language of the page."""
        return client_messages()


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `shell` in every template."""
    return {"shell": Shell(request)}

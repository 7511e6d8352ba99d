"""What can stand in the audit log, with words for people. Modules add their actions with `register`."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_NAME: Final = re.compile(r"[a-z_]+\.[a-z_]+")

_LABELS: dict[str, str | Promise] = {
    "account.registered": _("Account created"),
    "account.changed": _("Account changed"),
    "account.deactivated": _("Account deactivated"),
    "account.reactivated": _("Account reactivated"),
    "account.erased": _("Account erased"),
    "account.powers_changed": _("Powers over the site changed"),
    "account.exported": _("Own data exported"),
    "account.email_verified": _("E-mail address verified"),
    "sign_in.succeeded": _("Signed in"),
    "sign_in.failed": _("Sign-in failed"),
    "sign_in.locked": _("Sign-in locked after failures"),
    "sign_in.ended": _("Signed out"),
    "sign_in.others_ended": _("Signed out everywhere else"),
    "sign_in.token_reused": _("Refresh token used twice"),
    "password.changed": _("Password changed"),
    "password.refused": _("Password not confirmed"),
    "password.reset_requested": _("New password asked for by mail"),
    "password.reset": _("Password set anew by mail"),
    "second_factor.enabled": _("Second factor switched on"),
    "second_factor.disabled": _("Second factor switched off"),
    "second_factor.failed": _("Second factor refused"),
    "second_factor.codes_renewed": _("Recovery codes made anew"),
    "api_key.created": _("API key created"),
    "api_key.revoked": _("API key revoked"),
    "organization.created": _("Organization created"),
    "organization.deleted": _("Organization deleted"),
    "role.granted": _("Role given"),
    "role.revoked": _("Role taken"),
    "invite.created": _("Invite created"),
    "invite.rotated": _("Invite code replaced"),
    "invite.revoked": _("Invite revoked"),
    "invite.used": _("Invite used"),
    "audit.forgotten": _("Old entries forgotten"),
}


def register(labels: Mapping[str, str | Promise]) -> None:
    """Add a module's actions, named `thing.happened`. Safe to repeat.

    Raises:
        ValueError: a name is malformed.
    """
    for name, label in labels.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an action; it reads like datasource.created.")
        _LABELS[name] = label


def is_known(action: str) -> bool:
    """Whether the action was registered."""
    return action in _LABELS


def label_of(action: str) -> str:
    """The action in the reader's language; its name if the module that wrote it is gone."""
    return str(_LABELS.get(action, action))


def choices() -> list[tuple[str, str]]:
    """Every action with its words, in the order of these."""
    return sorted(((name, str(label)) for name, label in _LABELS.items()), key=lambda pair: pair[1].casefold())

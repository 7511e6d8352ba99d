"""That the broker is nearly full, for the home page of those who look after the site."""

from collections.abc import Iterator

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.shell import AttentionItem, Urgency
from guildhall.modules.telemetry.broker.storage import CACHE_KEY, Storage


def full_broker(user: User, _organization: Organization) -> Iterator[AttentionItem]:
    """For superusers, while measurements wait in the broker and hardly more fit in."""
    if not user.is_superuser or (seen := cache.get(CACHE_KEY)) is None:
        return
    if (storage := Storage(*seen)).is_nearly_full:
        yield AttentionItem(
            title=_("The broker's storage is %(percent)d %% full") % {"percent": int(storage.share * 100)},
            detail=_("Measurements wait there because they are not stored, and when it is full, new ones are refused."),
            url=reverse("telemetry:datasources"),
            urgency=Urgency.ERROR,
            icon="hard-drive",
        )

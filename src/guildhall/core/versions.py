"""Records that carry a version: each change raises it, and a change that started from an older one is refused."""

from collections.abc import Set as AbstractSet
from http import HTTPStatus

from django.db import models
from django.utils.translation import gettext_lazy as _

from guildhall.core.errors import GuildhallError, NotFoundError


class StaleVersionError(GuildhallError):
    """Somebody else changed the record since the caller read it."""

    code = "stale_version"
    status = HTTPStatus.PRECONDITION_FAILED
    title = "This was changed by somebody else in the meantime; read it again"


class Versioned(models.Model):
    """A row that many people edit. Its services call `lock_version` before they change it, and `raise_version`."""

    version = models.PositiveIntegerField(_("version"), default=1, db_default=1, editable=False)

    class Meta:
        abstract = True

    def lock_version(self, expected: AbstractSet[int] | None = None) -> None:
        """Lock the row until the end of the transaction and read it anew; `expected` None takes it in any version.

        Raises:
            NotFoundError: it was deleted in the meantime.
            StaleVersionError: it is in none of the expected versions.
        """
        model = type(self)
        # Without its key, so that whoever writes rows that refer to it need not wait.
        locked = model._default_manager.select_for_update(of=("self",), no_key=True)  # noqa: SLF001 — public, as documented.
        try:
            self.refresh_from_db(from_queryset=locked)
        except model.DoesNotExist as error:
            raise NotFoundError from error
        if expected is not None and self.version not in expected:
            raise StaleVersionError

    def raise_version(self) -> None:
        """Count the change that is about to be saved; the caller holds the lock."""
        self.version += 1

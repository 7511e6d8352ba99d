"""Django's sessions in PostgreSQL, each knowing its user, when it was used last and from where (`SESSION_ENGINE`).

The table holds hashes of the keys, so that nobody who reads it can take over a session.
"""

import hashlib
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from guildhall.core.accounts.models import BrowserSession
from guildhall.core.http.context import NOWHERE, current_origin

#: The time of the last use is written at most so often.
LAST_USED_PRECISION: Final = timedelta(minutes=1)
_HASH_BYTES: Final = 20


def stored_key(session_key: str) -> str:
    """Under what a session is stored; a fast hash is enough for a random key of 165 bits."""
    return hashlib.blake2b(session_key.encode(), digest_size=_HASH_BYTES).hexdigest()


class SessionStore(DatabaseStore):
    # Django's stubs leave out what its own store is built of.
    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def _get_session_from_db(self) -> BrowserSession | None:
        now = timezone.now()
        row = BrowserSession.objects.filter(session_key=stored_key(self.session_key or ""), expire_date__gt=now).first()
        if row is None:
            self._session_key = None
            return None
        if row.user_id is not None and row.last_used_at <= now - LAST_USED_PRECISION:
            origin = current_origin.get()
            seen: dict[str, Any] = {"last_used_at": now}
            if origin != NOWHERE:
                seen |= {"address": origin.address or None, "user_agent": origin.user_agent}
            BrowserSession.objects.filter(pk=row.pk).update(**seen)
        return row

    def exists(self, session_key: str) -> bool:
        return BrowserSession.objects.filter(session_key=stored_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        origin = current_origin.get()
        return BrowserSession(
            session_key=stored_key(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get(SESSION_KEY),
            last_used_at=timezone.now(),
            address=origin.address or None,
            user_agent=origin.user_agent,
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            BrowserSession.objects.filter(session_key=stored_key(key)).delete()

"""How Django checks address and password, for pages and the admin site."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from guildhall.core.accounts.models import User, normalize_email
from guildhall.core.validation import is_storable


class EmailBackend(ModelBackend):
    """Signs in by e-mail address in any case; takes as long for an unknown address as for a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        email = username or kwargs.get(User.USERNAME_FIELD)
        if not email or password is None:
            return None
        user = User.objects.filter(email=normalize_email(email)).first() if is_storable(email) else None
        if user is None:
            User().set_password(password)
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None

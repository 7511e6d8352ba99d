"""Django's registration of what the manners of HTTP keep in the database."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HttpConfig(AppConfig):
    name = "guildhall.core.http"
    label = "http"
    verbose_name = _("HTTP")
    default_auto_field = "django.db.models.BigAutoField"

"""Django's registration of the organizations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "guildhall.core.organizations"
    label = "organizations"
    verbose_name = _("Organizations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guildhall.core.organizations import caching  # noqa: F401 — listens to the models.

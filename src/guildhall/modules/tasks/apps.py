"""Django's registration of the tracker."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    name = "guildhall.modules.tasks"
    label = "tasks"
    verbose_name = _("Tasks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guildhall.modules.tasks import errors, reactions  # noqa: F401 — declare what there is.

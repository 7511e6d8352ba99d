"""Django's registration of the tracker."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from guildhall.core.shell import NavItem, register_attention, register_navigation


class TasksConfig(AppConfig):
    name = "guildhall.modules.tasks"
    label = "tasks"
    verbose_name = _("Tasks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guildhall.modules.tasks import errors, reactions  # noqa: F401 — declare what there is.
        from guildhall.modules.tasks.attention import attention

        register_navigation(
            NavItem(
                label=_("Tasks"),
                url_name="tasks:list",
                icon="list-checks",
                order=10,
                description=_("What has to be done, by whom and until when"),
            )
        )
        register_attention(attention)

"""Django's registration of the accounts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "guildhall.core.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guildhall.core import shell
        from guildhall.core.accounts.attention import undelivered_mail

        shell.register_attention(undelivered_mail)

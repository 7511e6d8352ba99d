"""Django's registration of telemetry, with its rows of the policy table and its entry of the navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from guildhall.core.audit import actions as audit_actions
from guildhall.core.organizations import policy
from guildhall.core.organizations.policy import ADMINS, EVERYBODY, MODERATORS, Action
from guildhall.core.shell import NavItem, register_attention, register_navigation


class TelemetryConfig(AppConfig):
    name = "guildhall.modules.telemetry"
    label = "telemetry"
    verbose_name = _("Telemetry")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guildhall.core.identity.callers import register_devices
        from guildhall.modules.telemetry import (
            access,
            reactions,  # noqa: F401 — subscribes to events.
        )
        from guildhall.modules.telemetry.alarms.attention import open_alarms
        from guildhall.modules.telemetry.attention import full_broker

        register_devices(access.caller_of)

        audit_actions.register(
            {
                "datasource.created": _("Datasource created"),
                "datasource.changed": _("Datasource changed"),
                "datasource.secret_rotated": _("Datasource's secret replaced"),
                "datasource.rights_changed": _("Datasource's topic rights changed"),
                "datasource.deleted": _("Datasource deleted"),
                "datapoint.retention_changed": _("Retention of measurements changed"),
                "datapoint.values_deleted": _("Measurements of a range deleted"),
                "alarm_rule.created": _("Alarm rule created"),
                "alarm_rule.changed": _("Alarm rule changed"),
                "alarm_rule.deleted": _("Alarm rule deleted"),
            }
        )
        policy.register(
            "datasource",
            {
                Action.VIEW: EVERYBODY,
                Action.CREATE: MODERATORS,
                Action.EDIT: MODERATORS,
                Action.DELETE: MODERATORS,
                # Its credentials, and what was refused or could not be stored, which shows payloads.
                Action.MANAGE: MODERATORS,
            },
        )
        # Topics outside of a datasource's own, which no other organization can have then.
        policy.register("foreign_topic", {Action.CREATE: ADMINS})
        policy.register(
            "datapoint",
            {
                Action.VIEW: EVERYBODY,
                Action.CREATE: MODERATORS,
                Action.EDIT: MODERATORS,
                Action.DELETE: MODERATORS,
            },
        )
        policy.register(
            "configuration",
            {
                Action.VIEW: EVERYBODY,
                Action.CREATE: MODERATORS,
                Action.EDIT: MODERATORS,
                Action.DELETE: MODERATORS,
            },
        )
        policy.register(
            "alarm_rule",
            {
                Action.VIEW: EVERYBODY,
                Action.CREATE: MODERATORS,
                Action.EDIT: MODERATORS,
                Action.DELETE: MODERATORS,
            },
        )
        # To edit an alarm is to acknowledge it, which is for everybody who is there.
        policy.register("alarm", {Action.VIEW: EVERYBODY, Action.EDIT: EVERYBODY})
        register_attention(open_alarms)
        register_attention(full_broker)
        register_navigation(
            NavItem(
                label=_("Telemetry"),
                url_name="telemetry:home",
                icon="activity",
                order=20,
                description=_("Sensors, machines and their measurements"),
            )
        )

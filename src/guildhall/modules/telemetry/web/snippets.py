"""What to give ordinary devices and programs so that they send to one datasource: texts to copy, with its address."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

#: What stands in the texts where the secret is not known any more.
UNKNOWN_SECRET: Final = "SECRET"  # noqa: S105 — it is none.


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a datasource connects, and as whom. `authority` is the certificate by which the broker is known, if any."""

    host: str
    tls_port: int
    plain_port: int
    username: str
    secret: str
    prefix: str
    site: str
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text to copy, what it is for, and what else is to be known."""

    id: str
    title: str
    text: str
    notes: tuple[str, ...] = ()
    #: A line for the datasource's mapping.
    rule: str = ""


def snippets(target: Target) -> list[Snippet]:
    """The texts for this datasource, with notes in the reader's language."""
    return [_esphome(target), _tasmota(target), _zigbee2mqtt(target), _telegraf(target)]


def _esphome(target: Target) -> Snippet:
    lines = [
        "mqtt:",
        f"  broker: {target.host}",
        f"  port: {target.tls_port}",
        f"  username: {target.username}",
        f'  password: "{target.secret}"',
        f"  topic_prefix: {target.prefix}",
        "  discovery: false",
        "  log_topic: null",
        "  birth_message:",
        "  will_message:",
    ]
    if target.authority:
        lines += ["  certificate_authority: |", *(f"    {line}" for line in target.authority.strip().splitlines())]
    notes = (
        _("Each sensor becomes a datapoint such as sensor/temperature/state."),
        _("TLS needs an ESP32; without the native API, set its reboot_timeout to 0s."),
    )
    return Snippet("esphome", "ESPHome", "\n".join(lines), notes)


def _tasmota(target: Target) -> Snippet:
    text = (
        f"Backlog MqttHost {target.host}; MqttPort {target.tls_port}; SetOption103 1; SetOption132 1; "
        f"MqttUser {target.username}; MqttPassword {target.secret}; "
        f"FullTopic {target.prefix}/%prefix%/%topic%/"
    )
    notes = (
        _(
            "For the console of a Tasmota for ESP32. One for ESP8266 speaks no TLS: leave out both SetOption, and take "
            "port %(port)s, where it is open."
        )
        % {"port": target.plain_port},
        _("To be commanded it needs the right to read the same topics."),
    )
    return Snippet("tasmota", "Tasmota", text, notes, "tele/+/SENSOR /ENERGY/Power power")


def _zigbee2mqtt(target: Target) -> Snippet:
    lines = [
        "mqtt:",
        f"  base_topic: {target.prefix}",
        f"  server: mqtts://{target.host}:{target.tls_port}",
        *(["  ca: /app/data/ca.pem"] if target.authority else []),
        f"  user: {target.username}",
        f'  password: "{target.secret}"',
        "  version: 4",
        "advanced:",
        "  last_seen: ISO_8601",
    ]
    notes = (
        _("Give devices friendly names without spaces."),
        _("To be commanded it needs the right to read the same topics."),
    )
    return Snippet("zigbee2mqtt", "zigbee2mqtt", "\n".join(lines), notes, "+ '/*' '{topic}/{name}' /last_seen")


def _telegraf(target: Target) -> Snippet:
    lines = [
        "[[outputs.influxdb_v2]]",
        f'  urls = ["{target.site}"]',
        f'  token = "{target.username}:{target.secret}"',
        '  organization = "any"',
        '  bucket = "any"',
    ]
    notes = (_("Telegraf and every client of InfluxDB write over HTTP, with the same user name and secret."),)
    return Snippet("telegraf", "Telegraf", "\n".join(lines), notes)

"""What containers need once before the others start: secrets, certificates and the broker's configuration in volumes,
then the database's shape, the first superuser and the demo.

Every step can be repeated: what is there is kept, and what was given in the environment is stronger.
"""

import ipaddress
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from guildhall.stack.errors import StackError
from guildhall.stack.home import Home, write_private
from guildhall.stack.options import Options
from guildhall.stack.plan import callout_issuer, new_callout_seed
from guildhall.stack.servers import NatsSecrets, NatsServer, TlsFiles

BROKER_FOLDER: Final = Path("/var/lib/nats")
BROKER_LOG: Final = Path("/var/log/nats/nats.log")
DATABASE_FOLDER: Final = Path("/var/lib/guildhall-database")
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 — a container's own network.
MINIMUM_SECRET_LENGTH: Final = 32
MINIMUM_PASSWORD_LENGTH: Final = 12
#: With how many characters each secret is refused in production, where somebody chose it.
LENGTHS: Final = {
    "SECRET_KEY": MINIMUM_SECRET_LENGTH,
    "POSTGRES_PASSWORD": MINIMUM_PASSWORD_LENGTH,
    "NATS_SERVICE_PASSWORD": MINIMUM_PASSWORD_LENGTH,
    "NATS_SYSTEM_PASSWORD": MINIMUM_PASSWORD_LENGTH,
    "SUPERUSER_PASSWORD": MINIMUM_PASSWORD_LENGTH,
}


class BrokerInContainer(NatsServer):
    """The broker alone in its container: TLS only on MQTT's port, monitoring for the health check only."""

    @property
    def messages_file(self) -> Path:
        return BROKER_LOG

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "host": EVERYWHERE, "http": "127.0.0.1:8222"}


def initialize() -> None:
    """Write what the other containers read. Raises StackError where a secret that was given is weak in production."""
    given = Options.from_environment().given
    refuse_weak_secrets(given)
    home = Home.default()
    home.make()

    def secret(name: str) -> str:
        return given.get(name) or (
            home.secret(name, new_callout_seed) if name == "NATS_CALLOUT_SEED" else home.secret(name)
        )

    password = secret("POSTGRES_PASSWORD")
    draft = DATABASE_FOLDER / "password.new"
    draft.write_text(password)
    # PostgreSQL runs under an account of its own; nobody but it mounts this volume.
    draft.chmod(0o444)
    # Renamed, since a file that was made unwritable cannot be written a second time without root.
    draft.rename(DATABASE_FOLDER / "password")
    _configure_broker(home, given, secret)
    environment = {
        **_addresses(given),
        **{name: secret(name) for name in ("SECRET_KEY", "NATS_SERVICE_PASSWORD", "NATS_SYSTEM_PASSWORD")},
        "NATS_CALLOUT_SEED": secret("NATS_CALLOUT_SEED"),
        "DATABASE_URL": f"postgresql://guildhall:{quote(password, safe='')}@postgres:5432/guildhall",
        "NATS_LOG_FILE": str(BROKER_LOG),
        "CA_FILE": str(home.certificates / "ca.pem"),
        "TRUSTED_PROXIES": ",".join(own_networks()),
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    write_private(home.environment, "\n".join(["# Written by `guildhall container init`.", *lines, ""]))


def refuse_weak_secrets(given: Mapping[str, str]) -> None:
    """In production, raise StackError that names the secrets which somebody chose too short."""
    if given.get("GUILDHALL_MODE") != "production":
        return
    weak = [f"{name} ({length} characters or more)" for name, length in LENGTHS.items() if _short(given, name, length)]
    if weak:
        raise StackError(f"too weak for production: {', '.join(weak)}; without them, random ones are made")


def _short(given: Mapping[str, str], name: str, length: int) -> bool:
    return name in given and len(given[name]) < length


def own_networks() -> list[str]:
    """The networks that this container is in: the proxy is in one of them, and so is nobody from outside."""
    import psutil

    return [
        str(ipaddress.ip_network(f"{entry.address}/{entry.netmask}", strict=False))
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family == socket.AF_INET and not ipaddress.ip_address(entry.address).is_loopback
    ]


def _addresses(given: Mapping[str, str]) -> dict[str, str]:
    port = given.get("HTTP_PORT", "80")
    url = given.get("PUBLIC_URL") or f"http://localhost{'' if port == '80' else f':{port}'}"
    host = urlsplit(url).hostname or "localhost"
    addresses = {
        "PUBLIC_URL": url,
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", host])),
        "REDIS_URL": "redis://redis:6379/0",
        "NATS_URL": "nats://broker:4222",
        "MQTT_HOST": given.get("MQTT_HOST", host),
    }
    if not given.get("EMAIL_HOST"):
        addresses |= {"EMAIL_HOST": "mail", "EMAIL_PORT": "1025", "EMAIL_SECURITY": "none"}
    return addresses


def _configure_broker(home: Home, given: Mapping[str, str], secret: Any) -> None:
    from guildhall.stack.certificates import ensure_certificates

    names = ["localhost", "127.0.0.1", "broker", _addresses(given)["MQTT_HOST"]]
    files = ensure_certificates(home.certificates, list(dict.fromkeys(names)))
    broker = BrokerInContainer(
        BROKER_FOLDER,
        4222,
        secrets=NatsSecrets(
            secret("NATS_SERVICE_PASSWORD"),
            secret("NATS_SYSTEM_PASSWORD"),
            callout_issuer(secret("NATS_CALLOUT_SEED")),
        ),
        mqtt_port=8883,
        mqtt_host=EVERYWHERE,
        tls=TlsFiles(files.server, files.server_key),
        plain_mqtt=False,
        sync_interval=Options.from_environment().sync_interval,
    )
    broker.prepare()


def migrate() -> None:
    """Bring the database to the code's shape, then make the superuser and the demo that are wanted and missing."""
    from guildhall.stack import migrate as migrations
    from guildhall.stack.seed import seed

    migrations.migrate()
    given = Options.from_environment().given
    if email := given.get("SUPERUSER_EMAIL"):
        make_superuser(email, given.get("SUPERUSER_PASSWORD", ""))
    if given.get("DEMO_DATA", "").lower() == "true":
        seed()


def make_superuser(email: str, password: str) -> None:
    """Make the superuser once; one that exists keeps their password."""
    from django.apps import apps

    users: Any = apps.get_model("accounts", "User")
    if users.objects.filter(email__iexact=email).exists():
        return
    if not password:
        raise StackError("SUPERUSER_EMAIL is set, so SUPERUSER_PASSWORD must be set too")
    users.objects.create_superuser(email, password)

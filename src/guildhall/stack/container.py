"""What containers need once before the others start: secrets, certificates and the broker's configuration in volumes,
then the database's shape, the first superuser and the demo.

Every step can be repeated: what is there is kept, and what was given in the environment is stronger.
"""

import ipaddress
import os
import re
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
PROXIES_FOLDER: Final = Path("/var/lib/guildhall-proxies")
JOBS_FOLDER: Final = Path("/var/lib/guildhall-rabbitmq")
#: Where the operator may put a certificate of their own, for nginx and the broker.
CERTIFICATES_FOLDER: Final = Path("/certificates")
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
    "RABBITMQ_PASSWORD": MINIMUM_PASSWORD_LENGTH,
}
DATABASE_SECRET: Final = "POSTGRES_PASSWORD"  # noqa: S105 — its name.
#: Without these nobody goes on the internet whose secrets come from files.
DEMANDED: Final = ("SECRET_KEY", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD")
#: What may be given as a file of that name in the folder SECRETS_FOLDER.
FROM_FILES: Final = (*LENGTHS, "NATS_CALLOUT_SEED", "EMAIL_PASSWORD")


class BrokerInContainer(NatsServer):
    """The broker alone in its container: TLS only on MQTT's port, monitoring for the health check only."""

    @property
    def messages_file(self) -> Path:
        return BROKER_LOG

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "host": EVERYWHERE, "http": "127.0.0.1:8222"}


def given_values() -> dict[str, str]:
    """The environment and, weaker, the files of the folder SECRETS_FOLDER.

    Raises StackError in production where secrets are to come from files and one is missing, or where one is weak.
    """
    given = dict(Options.from_environment().given)
    if folder := given.get("SECRETS_FOLDER"):
        given = {**_secrets_in(Path(folder)), **given}
        missing = [name for name in DEMANDED if name not in given]
        if missing and given.get("GUILDHALL_MODE") == "production":
            raise StackError(f"production needs the secrets {', '.join(missing)}, each as a file of that name")
    refuse_weak_secrets(given)
    return given


def _secrets_in(folder: Path) -> dict[str, str]:
    try:
        texts = {name: (folder / name).read_text().strip() for name in FROM_FILES if (folder / name).exists()}
    except PermissionError as error:
        raise StackError(f"{error.filename} cannot be read by the user {os.geteuid()} of the containers") from error
    return {name: text for name, text in texts.items() if text}


def initialize() -> None:
    """Write what the other containers read. Raises StackError where a secret that was given is weak in production."""
    given = given_values()
    home = Home.default()
    home.make()

    def secret(name: str) -> str:
        return given.get(name) or (
            home.secret(name, new_callout_seed) if name == "NATS_CALLOUT_SEED" else home.secret(name)
        )

    password = secret(DATABASE_SECRET)
    # PostgreSQL runs under an account of its own; nobody but it mounts this volume.
    _write_readable(DATABASE_FOLDER / "password", password)
    tls = certificate_for(home, given)
    _configure_broker(tls, secret)
    _write_readable(PROXIES_FOLDER / "proxies.conf", proxies_configuration(given))
    _write_readable(PROXIES_FOLDER / "certificate.pem", tls.certificate.read_text())
    _write_readable(PROXIES_FOLDER / "certificate.key", tls.key.read_text())
    environment = {
        **_addresses(given),
        **{name: secret(name) for name in ("SECRET_KEY", "NATS_SERVICE_PASSWORD", "NATS_SYSTEM_PASSWORD")},
        "NATS_CALLOUT_SEED": secret("NATS_CALLOUT_SEED"),
        "DATABASE_URL": f"postgresql://guildhall:{quote(password, safe='')}@postgres:5432/guildhall",
        "NATS_LOG_FILE": str(BROKER_LOG),
        "CA_FILE": str(home.certificates / "ca.pem"),
        "TRUSTED_PROXIES": ",".join(own_networks()),
    }
    if "EMAIL_PASSWORD" in given:
        environment["EMAIL_PASSWORD"] = given["EMAIL_PASSWORD"]
    if jobs_password := given.get("RABBITMQ_PASSWORD"):
        _write_readable(JOBS_FOLDER / "20-guildhall.conf", jobs_configuration(jobs_password))
        environment["CELERY_BROKER_URL"] = f"amqp://guildhall:{quote(jobs_password, safe='')}@rabbitmq:5672//"
    lines = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    write_private(home.environment, "\n".join(["# Written by `guildhall container init`.", *lines, ""]))


def _write_readable(path: Path, text: str) -> None:
    """Write a file that another account reads; its folder is a volume that only that one's container mounts."""
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text)
    draft.chmod(0o444)
    # Renamed, since a file that was made unwritable cannot be written a second time without root.
    draft.rename(path)


def proxies_configuration(given: Mapping[str, str]) -> str:
    """What nginx believes of whom: the address and scheme that the proxies of OUTER_PROXIES tell, and nobody else's."""
    networks = [part.strip() for part in given.get("OUTER_PROXIES", "").split(",") if part.strip()]
    try:
        networks = [str(ipaddress.ip_network(network)) for network in networks]
    except ValueError as error:
        raise StackError(f"OUTER_PROXIES: {error}; give networks such as 10.0.0.0/8,192.0.2.7") from error
    port = given.get("HTTPS_PORT", "443")
    known = "".join(f" {network} 1;" for network in networks)
    schemes = '"1:https" https; "1:http" http; default $scheme;'
    lines = [
        f"geo $realip_remote_addr $is_known_proxy {{ default 0;{known} }}",
        f'map "$is_known_proxy:$http_x_forwarded_proto" $forwarded_scheme {{ {schemes} }}',
        f'map "" $https_port {{ default "{"" if port == "443" else f":{port}"}"; }}',
        *(f"set_real_ip_from {network};" for network in networks),
        "real_ip_header X-Forwarded-For;",
        "real_ip_recursive on;",
    ]
    return "\n".join([*lines, ""])


def jobs_configuration(password: str) -> str:
    """RabbitMQ's own user. Its releases disagree about quotes, so the password holds nothing that needs them."""
    if not re.fullmatch(r"[\w.~/@+=:-]+", password, re.ASCII):
        raise StackError("RABBITMQ_PASSWORD: letters, digits and . ~ / @ + = : _ - only")
    return f"default_user = guildhall\ndefault_pass = {password}\nlog.console = true\n"


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


def certificate_for(home: Home, given: Mapping[str, str]) -> TlsFiles:
    """The operator's certificate or, where there is none, one of the house's own authority."""
    from guildhall.stack.certificates import ensure_certificates

    addresses = _addresses(given)
    names = ["localhost", "127.0.0.1", "broker", urlsplit(addresses["PUBLIC_URL"]).hostname, addresses["MQTT_HOST"]]
    made = ensure_certificates(home.certificates, list(dict.fromkeys(name for name in names if name)))
    own = CERTIFICATES_FOLDER / "fullchain.pem", CERTIFICATES_FOLDER / "privkey.pem"
    try:
        given_own = all(path.exists() and path.read_bytes() for path in own)
    except PermissionError as error:
        raise StackError(f"{error.filename} cannot be read by the user {os.geteuid()} of the containers") from error
    return TlsFiles(*own) if given_own else TlsFiles(made.server, made.server_key)


def _configure_broker(tls: TlsFiles, secret: Any) -> None:
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
        tls=tls,
        plain_mqtt=False,
        sync_interval=Options.from_environment().sync_interval,
    )
    broker.prepare()


def migrate() -> None:
    """Bring the database to the code's shape, then make the superuser and the demo that are wanted and missing."""
    from guildhall.stack import migrate as migrations
    from guildhall.stack.seed import seed

    migrations.migrate()
    given = given_values()
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

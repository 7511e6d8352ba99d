"""Connections to NATS as one of its fixed users. What they are used for lives elsewhere."""

import logging
import ssl
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from nats.aio.client import Client

from guildhall.settings import settings

logger = logging.getLogger(__name__)
RECONNECT_PAUSE_S = 0.25
PING_INTERVAL_S = 5
CONNECT_TIMEOUT_S = 2


class BrokerUser(StrEnum):
    """The users that NATS knows without asking us; each is in an account of its own."""

    DEVICES = "guildhall"
    CALLOUT = "callout"
    SYSTEM = "system"


def credentials_of(user: BrokerUser) -> dict[str, str]:
    """How this user says who it is, in the words of NATS' protocol."""
    password = settings.nats_system_password if user is BrokerUser.SYSTEM else settings.nats_service_password
    return {"user": user.value, "pass": password.get_secret_value()}


async def connect(user: BrokerUser, *, name: str, on_reconnect: Callable[[], Awaitable[None]] | None = None) -> Client:
    """A connection that is opened again for ever when it breaks; waits until the broker is there."""

    async def failed(error: Exception) -> None:
        logger.debug("NATS, %s: %s", name, error)

    async def lost() -> None:
        if client.is_closed:
            return
        logger.warning("The connection to NATS (%s) is lost; trying again.", name)

    async def back() -> None:
        logger.info("The connection to NATS (%s) is back.", name)
        if on_reconnect is not None:
            await on_reconnect()

    credentials = credentials_of(user)
    options: dict[str, Any] = {}
    if settings.nats_url.get_secret_value().startswith("tls://") and settings.ca_file is not None:
        options["tls"] = ssl.create_default_context(cafile=str(settings.ca_file))
    client = Client()
    await client.connect(
        settings.nats_url.get_secret_value(),
        name=name,
        user=credentials["user"],
        password=credentials["pass"],
        error_cb=failed,
        disconnected_cb=lost,
        reconnected_cb=back,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_PAUSE_S,  # type: ignore[arg-type]  # It is slept for, so a fraction does.
        ping_interval=PING_INTERVAL_S,
        max_outstanding_pings=2,
        connect_timeout=CONNECT_TIMEOUT_S,
        **options,
    )
    return client

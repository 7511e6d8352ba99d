"""Logs: one function that every process calls, and what each line carries. JSON or, on a terminal, in colour.

The code logs by the standard library; structlog writes the lines. Each carries the id of the request that it came from,
also in jobs that the request asked for. What looks like a secret is hidden.
"""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import orjson

from guildhall.core.http.context import current_request_id
from guildhall.settings import settings

# structlog loads rich where it can, to draw tracebacks; they are drawn plainly here, and each process saves 6 MB.
_rich_is_loaded = "rich" in sys.modules
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # Python's own way to say that there is no such module.
import structlog  # noqa: E402
from structlog.types import EventDict, Processor, WrappedLogger  # noqa: E402

if not _rich_is_loaded:
    del sys.modules["rich"]

HIDDEN: Final = "[hidden]"
_SECRET_NAME: Final = re.compile(
    r"passw|secret|token|authorization|cookie|api_?key|private|credential|session_?key|csrf|invite_?code", re.IGNORECASE
)
_SECRET_IN_URL: Final = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_BEARER: Final = re.compile(r"\b(Bearer|Api-Key)\s+[\w.~+/=-]+", re.IGNORECASE)
#: They bring handlers of their own, past which nothing would come here.
_OWN_HANDLERS: Final = (
    "django",
    "django.server",
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "celery",
    "celery.task",
)
#: Each request has a line of ours, which says more.
_TOLD_BETTER: Final = frozenset({"uvicorn.access"})
#: They speak of every step of theirs at INFO.
_TALKATIVE: Final = (
    "httpx",
    "httpcore",
    "asyncio",
    "kombu",
    "celery.beat",
    "celery.worker.strategy",
    "celery.app.trace",
)


def configure(choice: Mapping[str, str] | None = None) -> None:
    """Send all logs of this process to standard error, in the form and from the level that the settings ask for.

    Django calls it when it sets itself up, with its `LOGGING`; a process without Django calls it first. Safe to repeat.
    """
    form, level = (choice or {}).get("format", settings.log_format), (choice or {}).get("level", settings.log_level)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(as_json=form == "json", colours=sys.stderr.isatty()))
    root = logging.getLogger()
    for known in root.handlers[:]:
        if isinstance(known.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _OWN_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name not in _TOLD_BETTER
    # What a client did wrong stands in the line of its request; only what we did wrong is told by Django too.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def formatter(*, as_json: bool, colours: bool) -> logging.Formatter:
    """What turns a record into a line."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        drop_request,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        add_request_id,
    ]
    for_people = structlog.dev.ConsoleRenderer(
        colors=colours, timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
    )
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        hide_secrets,
        _json if as_json else for_people,
    ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last)


def add_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Name the request in whose course the line was written."""
    identifier = current_request_id.get()
    if identifier:
        event.setdefault("request_id", identifier)
    return event


def drop_request(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Leave out the request that Django adds to its lines, for its address may hold what is private."""
    event.pop("request", None)
    return event


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide values under names that speak of secrets, passwords in addresses, and tokens of `Authorization`."""
    return _without_secrets(event)


def _without_secrets(fields: MutableMapping[str, Any]) -> dict[str, Any]:
    return {
        name: HIDDEN if isinstance(name, str) and _SECRET_NAME.search(name) else _harmless(value)
        for name, value in fields.items()
    }


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return _BEARER.sub(rf"\1 {HIDDEN}", _SECRET_IN_URL.sub(HIDDEN, value))
    if isinstance(value, Mapping):
        return _without_secrets(dict(value))
    if isinstance(value, (list, tuple)):
        return [_harmless(inner) for inner in value]
    return value


def _json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

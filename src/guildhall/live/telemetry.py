"""`GET /live/telemetry/?datapoints=1,2`: new samples as server-sent events, for as long as one may see them.

The event `sample` carries `{"datapoint", "ts", "value"}`. An id says: everything up to this position was sent; a stream
that begins with it as `Last-Event-ID` reads what came since from PostgreSQL, and may repeat the last batch.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import StreamingResponse

from guildhall.core.errors import GuildhallError, InvalidInputError, NotFoundError, NotSignedInError
from guildhall.core.http.fastapi import identify
from guildhall.core.identity import aio
from guildhall.live.hub import Announcement, Hub, Listener
from guildhall.modules.telemetry import selectors
from guildhall.modules.telemetry.selectors import MAX_MISSED_SAMPLES, StoredSample

#: The scopes of API keys that lead here.
AREA: Final = "telemetry"
MAX_DATAPOINTS: Final = 100
RIGHTS_INTERVAL_S: Final = 4.0
HEARTBEAT_S: Final = 10.0
POLL_INTERVAL_S: Final = 1.0
RETRY_MS: Final = 2000
LARGEST_ID: Final = 2**63 - 1

HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # A proxy that buffers would hold the events back.
    "X-Accel-Buffering": "no",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def telemetry(request: Request) -> StreamingResponse:
    """Open a stream of the asked datapoints, all of which the caller has to see."""
    datapoints = asked_datapoints(request.query_params.get("datapoints", ""))
    await require_visible(request, datapoints)
    hub: Hub = request.app.state.hub
    since = asked_position(request.headers.get("last-event-id", ""))
    return StreamingResponse(_events(request, hub, datapoints, since), headers=HEADERS)


def asked_datapoints(text: str) -> tuple[int, ...]:
    """The ids in `1,2,3`, each once.

    Raises:
        InvalidInputError: there are none, too many, or something else.
    """
    parts = text.split(",")
    if len(parts) > MAX_DATAPOINTS or not all(part.isascii() and part.isdigit() for part in parts):
        raise InvalidInputError(fields={"datapoints": [f"Give 1 to {MAX_DATAPOINTS} ids, divided by commas."]})
    return tuple(dict.fromkeys(min(int(part[:20]), LARGEST_ID) for part in parts))


def asked_position(text: str) -> int | None:
    """The position in a `Last-Event-ID`; None where it is missing or none of ours, which begins with the present."""
    return int(text) if text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID else None


async def require_visible(request: Request, datapoints: Sequence[int]) -> None:
    """Do nothing if whoever asks sees all of the datapoints now.

    Raises:
        NotSignedInError: nobody asks, or not any more.
        NotFoundError: there is one that he does not see.
    """
    if await _visible(request, datapoints) != set(datapoints):
        raise NotFoundError


async def _visible(request: Request, datapoints: Sequence[int]) -> set[int]:
    """Those of the datapoints that whoever asks sees now.

    Raises:
        NotSignedInError: nobody asks, or not any more.
    """
    actor = await identify(request, AREA)
    if actor is None:
        raise NotSignedInError
    return await aio.call(selectors.visible_datapoint_ids, actor.id, datapoints)


async def _events(request: Request, hub: Hub, datapoints: tuple[int, ...], since: int | None) -> AsyncIterator[bytes]:
    async with hub.listening(datapoints) as listener:
        stream = _Stream(listener, await aio.call(selectors.current_position))
        if since is not None and since < stream.position:
            stream.position, listener.behind = since, True
        yield f"retry: {RETRY_MS}\nid: {stream.position}\n\n".encode()
        clock = asyncio.get_running_loop().time
        rights_at = spoken_at = clock()
        while True:
            pieces = stream.announced() if hub.connected and not listener.behind else await stream.read()
            for piece in pieces:
                spoken_at = clock()
                yield piece
            if clock() - rights_at >= RIGHTS_INTERVAL_S:
                if not await _still_visible(request, datapoints):
                    return
                rights_at = clock()
            if clock() - spoken_at >= HEARTBEAT_S:
                spoken_at = clock()
                yield b": still here\n\n"
            await stream.wait(POLL_INTERVAL_S)


async def _still_visible(request: Request, datapoints: tuple[int, ...]) -> bool:
    try:
        await require_visible(request, datapoints)
    except GuildhallError:
        return False
    return True


class _Stream:
    """What one stream has sent: everything up to `position`, and perhaps a part of the batch behind it."""

    def __init__(self, listener: Listener, position: int) -> None:
        self._listener = listener
        self.position = position
        # Announcements of what was read from the database come a second time, perhaps later.
        self._read_until = position

    async def wait(self, at_most_s: float) -> None:
        """Wait until there may be something to send."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._listener.woken.wait()
        except TimeoutError:
            pass
        self._listener.woken.clear()

    def announced(self) -> Iterator[bytes]:
        """Events for what was announced since the last call."""
        alone = len(self._listener.datapoint_ids) == 1
        while not self._listener.waiting.empty():
            announcement: Announcement = self._listener.waiting.get_nowait()
            if announcement.position <= self._read_until:
                continue
            # With several datapoints, others of the same batch may still come.
            self.position = announcement.position if alone else max(self.position, announcement.position - 1)
            for index, (at, value) in enumerate(announcement.samples, start=1):
                known = self.position if index == len(announcement.samples) else announcement.position - 1
                yield event(known, announcement.datapoint_id, _EPOCH + timedelta(microseconds=at), value)

    async def read(self) -> list[bytes]:
        """Events for what the database got since the position."""
        self._listener.behind = False
        found = await aio.call(selectors.samples_since, tuple(self._listener.datapoint_ids), self.position)
        if not found:
            return []
        # The answer ends with a whole batch, however long that is.
        if len(found) >= MAX_MISSED_SAMPLES:
            self._listener.fall_behind()
        self.position = self._read_until = max(self._read_until, found[-1].position)
        return [_read_event(sample, following) for sample, following in zip(found, [*found[1:], None], strict=True)]


def _read_event(sample: StoredSample, following: StoredSample | None) -> bytes:
    last_of_batch = following is None or following.position != sample.position
    position = sample.position if last_of_batch else sample.position - 1
    return event(position, sample.datapoint_id, sample.at, sample.value)


def event(position: int, datapoint_id: int, at: datetime, value: float) -> bytes:
    """One sample as a server-sent event."""
    data: dict[str, Any] = {"datapoint": datapoint_id, "ts": at.isoformat().replace("+00:00", "Z"), "value": value}
    return b"event: sample\nid: %d\ndata: %s\n\n" % (position, orjson.dumps(data))

"""`GET /live/telemetry/export/?datapoints=1,2&format=csv`: samples or buckets of any length, for as long as one may.

The parameters are those of `/api/timeseries/query/`. Page after page is read when the one before was taken, so a slow
reader holds neither a thread nor a connection to the database. An export that can't go on breaks off: its last chunk
is missing, which clients of HTTP notice.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

from rest_framework.exceptions import ValidationError
from starlette.requests import Request
from starlette.responses import StreamingResponse

from guildhall.core.errors import InvalidInputError
from guildhall.core.http.drf import invalid_input_of
from guildhall.core.identity import aio
from guildhall.live.telemetry import RIGHTS_INTERVAL_S, require_visible
from guildhall.modules.telemetry.api import asked
from guildhall.modules.telemetry.asking import Query
from guildhall.modules.telemetry.rendering import MEDIA_TYPES, Format

FORMATS: Final = {Format.CSV.value: Format.CSV, Format.NDJSON.value: Format.NDJSON}


async def export(request: Request) -> StreamingResponse:
    """All of what was asked, as a file."""
    query, how = asked_export(request)
    await require_visible(request, query.datapoints)
    pieces = query.exported(how)
    # What is wrong with the question is found with the first piece, when an error can still be answered.
    first = await aio.call(_next, pieces)
    headers = {
        "Content-Disposition": f'attachment; filename="telemetry.{how.value}"',
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
    }
    body = _sent(request, query, first, pieces)
    return StreamingResponse(body, media_type=MEDIA_TYPES[how], headers=headers)


def asked_export(request: Request) -> tuple[Query, Format]:
    """The question in the address, and the format of the answer.

    Raises:
        InvalidInputError: some parameters are not good.
    """
    given = {name: ",".join(request.query_params.getlist(name)) for name in request.query_params}
    how = FORMATS.get(given.pop("format", Format.CSV.value))
    if how is None:
        raise InvalidInputError(fields={"format": [f"Choose one of {', '.join(FORMATS)}."]})
    try:
        parsed = asked.parsed(asked.SeriesQuerySerializer, given)
    except ValidationError as error:
        raise invalid_input_of(error) from error
    return asked.query_of(parsed["datapoints"], parsed), how


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


async def _sent(request: Request, query: Query, first: bytes | None, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    rights_at = clock()
    piece = first
    while piece is not None:
        yield piece
        if clock() - rights_at >= RIGHTS_INTERVAL_S:
            await require_visible(request, query.datapoints)
            rights_at = clock()
        piece = await aio.call(_next, pieces)

"""Bodies of requests to Django: read whole, unpacked, and never larger than they may be."""

import zlib
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest

from guildhall.core.errors import GuildhallError
from guildhall.core.http.idempotency import KEY_HEADER

CHUNKED: Final = "chunked"
GZIP: Final = frozenset({"gzip", "x-gzip"})
_READ_AT_ONCE: Final = 64 * 1024
#: Tells zlib to expect the head of gzip.
_WITH_GZIP_HEAD: Final = 16 + zlib.MAX_WBITS


class BodyTooLargeError(GuildhallError):
    """The body has more bytes than are taken here."""

    code = "too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "This is too much at once"


class EncodingNotKnownError(GuildhallError):
    """The body is packed in a way that is not known here, or not packed as the header says."""

    code = "content_encoding"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "This content encoding is not understood"


class LengthNeededError(GuildhallError):
    """A body in chunks can't be compared with what an idempotency key was used for before."""

    code = "length_needed"
    status = HTTPStatus.LENGTH_REQUIRED
    title = "With an idempotency key, send the body with its length"


def read_body(request: HttpRequest, *, at_most: int, unpacked_at_most: int | None = None) -> bytes:
    """The body of the request, unpacked where it is packed by gzip; also one that came in chunks, without a length.

    Raises:
        BodyTooLargeError: it is larger than `at_most` as it came, or than `unpacked_at_most`.
        EncodingNotKnownError: it is packed otherwise.
        LengthNeededError: it comes in chunks, with an idempotency key.
    """
    raw = _raw_body(request, at_most)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in GZIP:
        return _unpacked(raw, unpacked_at_most or at_most)
    if encoding not in {"", "identity"}:
        raise EncodingNotKnownError(f"Send it plain, or packed by gzip; {encoding[:32]} is not known.")
    return raw


def _raw_body(request: HttpRequest, at_most: int) -> bytes:
    stream: Any = request
    if request.META.get("HTTP_TRANSFER_ENCODING", "").lower() == CHUNKED and not request.META.get("CONTENT_LENGTH"):
        if KEY_HEADER in request.headers:
            raise LengthNeededError
        # Django takes a body without a length for an empty one.
        stream = request.META["wsgi.input"]
    pieces: list[bytes] = []
    left = at_most
    while piece := stream.read(min(_READ_AT_ONCE, left + 1)):
        left -= len(piece)
        if left < 0:
            raise _too_large(at_most)
        pieces.append(piece)
    return b"".join(pieces)


def _unpacked(packed: bytes, at_most: int) -> bytes:
    """All members of a gzip file, one behind the other."""
    pieces: list[bytes] = []
    left = at_most
    try:
        while packed:
            member = zlib.decompressobj(_WITH_GZIP_HEAD)
            piece = member.decompress(packed, left + 1)
            left -= len(piece)
            if left < 0:
                raise _too_large(at_most)
            if not member.eof:
                raise EncodingNotKnownError("The gzip file is cut off.")
            pieces.append(piece)
            packed = member.unused_data
    except zlib.error as error:
        raise EncodingNotKnownError("The header says gzip, but the body is something else.") from error
    return b"".join(pieces)


def _too_large(at_most: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"Send at most {at_most / 1024**2:g} MiB at once.")

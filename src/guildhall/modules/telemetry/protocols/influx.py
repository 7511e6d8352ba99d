"""The part of InfluxDB's HTTP interface by which its clients write, of versions 2 (`/api/v2/write`) and 1 (`/write`).

A datasource writes with its own credentials; then organization and bucket (or database) may be named anything. Who has
an API key names by the bucket the datasource on whose behalf he writes: its user name or id. Which datapoints the lines
belong to is said in `intake.influx`. Errors are JSON as InfluxDB's clients know them: `code` and `message`, for those
of version 1 `error`; `reason` is the stable code of this site, `line` the line at fault.
"""

import time
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from guildhall.core.errors import GuildhallError, InvalidInputError, NotFoundError, NotSignedInError
from guildhall.core.http.bodies import read_body
from guildhall.core.http.context import current_request_id
from guildhall.core.identity.facade import API_KEY, Asked, proof_of_authorization
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.modules.telemetry import access, selectors
from guildhall.modules.telemetry.intake import influx, storing
from guildhall.modules.telemetry.intake.influx import BadLineError, Precision
from guildhall.modules.telemetry.intake.points import Points
from guildhall.modules.telemetry.intake.storing import Outcome
from guildhall.modules.telemetry.models import REASON_CHOICES, Datasource
from guildhall.modules.telemetry.payload import RejectReason

MAX_BYTES: Final = 10 * 1024**2
MAX_UNPACKED_BYTES: Final = 32 * 1024**2
KEY_MARK: Final = "gh_"
#: Clients look at the beginning to choose between the versions' ways.
VERSION: Final = "v2.7.0"
MAX_NAMED: Final = 5
_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "invalid",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not found",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "invalid",
    HTTPStatus.UNPROCESSABLE_ENTITY: "unprocessable entity",
    HTTPStatus.TOO_MANY_REQUESTS: "too many requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}


class InvalidLineError(InvalidInputError):
    """A line of the body is not right, so nothing is stored."""

    code = "line_not_valid"
    title = "A line can't be stored"

    def __init__(self, error: BadLineError) -> None:
        super().__init__(f"unable to parse points: {error}")
        self.members = {"line": error.line}


class PartialWriteError(GuildhallError):
    """Some samples are stored, and others can't be."""

    code = "partial_write"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Some samples can't be stored"

    def __init__(self, outcome: Outcome) -> None:
        words = dict(REASON_CHOICES)
        told = [
            f"{key}: {words[RejectReason(reason)] if reason else 'the datasource may not publish this'}"
            for key, (reason, _) in list(outcome.unknown.items())[:MAX_NAMED]
        ]
        if len(outcome.unknown) > MAX_NAMED:
            told.append(f"{len(outcome.unknown) - MAX_NAMED} other keys likewise")
        if outcome.too_old:
            told.append(f"{outcome.too_old} are older than what is kept")
        super().__init__(
            f"partial write: {outcome.stored} samples are stored, {outcome.refused} are not; {'; '.join(told)}"
        )


@csrf_exempt
@require_POST
def write(request: HttpRequest, place: str) -> HttpResponse:
    """Store the samples in the lines of the body; 204 where all of them are stored."""
    # What programs log is in one language.
    with translation.override("en"):
        try:
            outcome = _write(request, place)
            if outcome.refused:
                raise PartialWriteError(outcome)
        except GuildhallError as error:
            return _refusal(error)
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=_version())


def _write(request: HttpRequest, place: str) -> Outcome:
    datasource = _datasource(request, place)
    asked = request.GET.get("precision", "")
    if asked not in influx.ALIASES:
        known = ", ".join(Precision)
        raise InvalidInputError(f"precision {asked[:16]} is not known; choose one of {known}", code="precision")
    body = read_body(request, at_most=MAX_BYTES, unpacked_at_most=MAX_UNPACKED_BYTES)
    return storing.store_points(datasource, _points(body, influx.ALIASES[asked]))


def _points(body: bytes, precision: Precision) -> Points:
    try:
        return influx.parse(body.decode(), precision, time.time_ns() // 1000)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise InvalidLineError(BadLineError(line, "this is not UTF-8")) from error
    except BadLineError as error:
        raise InvalidLineError(error) from error


def _datasource(request: HttpRequest, place: str) -> Datasource:
    """On whose behalf is written.

    Raises:
        GuildhallError: nobody proved that he may.
    """
    header = request.headers.get("Authorization", "")
    pair = access.pair_of_authorization(header)
    if not header and "p" in request.GET:
        pair = request.GET.get("u", ""), request.GET["p"]
    key = _api_key(header, pair)
    if key is None and pair is not None:
        return access.datasource_of(*pair)
    proof = proof_of_authorization(
        header if key is None else f"{API_KEY} {key}", Asked(method="POST", area="telemetry")
    )
    if proof is None:
        raise NotSignedInError("Send `Authorization: Token` with USERNAME:SECRET of a datasource, or with an API key.")
    named = request.GET.get(place, "")
    found = _named(selectors.datasources_for(proof.user), named)
    if found is None:
        raise NotFoundError(f"There is no datasource with the user name or id {named[:64]!r}; {place} has to name one.")
    require(proof.user, "datasource", Action.EDIT, found)
    return found


def _api_key(header: str, pair: tuple[str, str] | None) -> str | None:
    """The API key, whether it stands as a token or as the password of any user."""
    kind, _, value = header.partition(" ")
    if kind.lower() == access.TOKEN and value.strip().startswith(KEY_MARK):
        return value.strip()
    return pair[1] if pair is not None and pair[1].startswith(KEY_MARK) else None


def _named(rows: QuerySet[Datasource], name: str) -> Datasource | None:
    try:
        return rows.filter(pk=UUID(name)).first()
    except ValueError:
        return rows.filter(username=name.replace("\0", "")).first()


def _refusal(error: GuildhallError) -> HttpResponse:
    told = error.detail
    document: dict[str, Any] = {
        "code": _CODES.get(HTTPStatus(error.status), "internal error"),
        "message": told,
        "error": told,
        "reason": error.reason,
        "request_id": current_request_id.get(),
        **error.members,
    }
    return HttpResponse(
        orjson.dumps(document),
        status=error.status,
        content_type="application/json",
        headers={**_version(), **error.headers},
    )


@require_safe
def ping(request: HttpRequest) -> HttpResponse:
    """That there is somebody to write to."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=_version())


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The same in more words."""
    document = {
        "name": "influxdb", "message": "ready for writes", "status": "pass", "checks": [], "version": VERSION,
        "commit": "",
    }  # fmt: skip
    return HttpResponse(orjson.dumps(document), content_type="application/json", headers=_version())


def _version() -> dict[str, str]:
    return {"X-Influxdb-Version": VERSION, "X-Influxdb-Build": "Guildhall"}

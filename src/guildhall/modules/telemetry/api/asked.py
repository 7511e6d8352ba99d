"""How questions about series look over the wire: parameters of the address, or a body, and the format of the answer."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, tzinfo
from functools import cache
from itertools import chain
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from guildhall.core.accounts.api.serializers import StrictSerializer
from guildhall.core.errors import InvalidInputError
from guildhall.core.http.drf import OrjsonRenderer
from guildhall.core.http.fields import ChoiceField
from guildhall.modules.telemetry.asking import Query
from guildhall.modules.telemetry.rendering import MEDIA_TYPES, Format
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.filling import Fill, Function
from guildhall.modules.telemetry.store.layout import microseconds

MAX_DATAPOINTS: Final = 100
MAX_POINTS: Final = 5000
MAX_LIMIT: Final = 10_000
DEFAULT_LIMIT: Final = 1000
LARGEST_ID: Final = 2**63 - 1
#: An answer of no more bytes is sent as a whole.
SENT_AT_ONCE: Final = 256 * 1024


class CsvRenderer(OrjsonRenderer):
    """Names the format. The view itself writes the rows; what this one gets to render is a problem document."""

    media_type = "text/csv"
    format = Format.CSV.value


class NdjsonRenderer(OrjsonRenderer):
    """Names the format, as the one above."""

    media_type = MEDIA_TYPES[Format.NDJSON]
    format = Format.NDJSON.value


class FormatNegotiation(DefaultContentNegotiation):
    """`?format=` before `Accept`; an unknown format is an error of that parameter."""

    def filter_renderers(self, renderers: Iterable[Any], format: str) -> list[Any]:  # noqa: A002 — REST framework's name.
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = ", ".join(one.value for one in Format)
            raise InvalidInputError(fields={"format": [_("Choose one of %(formats)s.") % {"formats": known}]})
        return found


RENDERERS: Final = [OrjsonRenderer, CsvRenderer, NdjsonRenderer]


def format_of(request: Request) -> Format:
    """What the caller wants to read."""
    return Format(request.accepted_renderer.format)


def answer(pieces: Iterator[bytes], how: Format) -> HttpResponseBase:
    """The pieces as they come; a short answer as a whole, with its length. What is wrong is raised before any is sent.

    Raises:
        GuildhallError: whatever the first pieces raise.
    """
    head: list[bytes] = []
    size = 0
    for piece in pieces:
        head.append(piece)
        size += len(piece)
        if size >= SENT_AT_ONCE:
            break
    else:
        return HttpResponse(b"".join(head), content_type=MEDIA_TYPES[how])
    response = StreamingHttpResponse(chain(head, pieces), content_type=MEDIA_TYPES[how])
    # A proxy that buffers would write the whole to its disk first.
    response["X-Accel-Buffering"] = "no"
    return response


@cache
def _zones() -> frozenset[str]:
    """Their names; to find them, many files are looked for."""
    return frozenset(available_timezones())


@extend_schema_field({"type": "string"})
class ZoneField(serializers.Field[Any, Any, Any, Any]):
    """The name of a time zone of the IANA database."""

    def to_internal_value(self, data: Any) -> tzinfo:
        if not isinstance(data, str) or data not in _zones():
            raise serializers.ValidationError(_("There is no such time zone."))
        return UTC if data == "UTC" else ZoneInfo(data)

    def to_representation(self, value: Any) -> str:
        return str(value)


@extend_schema_field({"type": "array", "items": {"type": "string", "enum": [one.value for one in Function]}})
class FunctionsField(serializers.Field[Any, Any, Any, Any]):
    """`avg,min`, or a list of them."""

    def to_internal_value(self, data: Any) -> tuple[Function, ...]:
        names = data.split(",") if isinstance(data, str) else data
        if not isinstance(names, list) or not names or not all(name in list(Function) for name in names):
            known = ", ".join(one.value for one in Function)
            raise serializers.ValidationError(_("Choose some of %(functions)s.") % {"functions": known})
        return tuple(dict.fromkeys(Function(name) for name in names))

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "maxItems": MAX_DATAPOINTS})
class IdsField(serializers.Field[Any, Any, Any, Any]):
    """`1,2,3`, or a list of ids."""

    def to_internal_value(self, data: Any) -> tuple[int, ...]:
        given = data.split(",") if isinstance(data, str) else data
        if not isinstance(given, list) or not 0 < len(given) <= MAX_DATAPOINTS:
            raise serializers.ValidationError(_("Give 1 to %(most)s ids.") % {"most": MAX_DATAPOINTS})
        found = [self._id(one) for one in given]
        return tuple(dict.fromkeys(found))

    @staticmethod
    def _id(given: Any) -> int:
        text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
        if not isinstance(text, str) or not (text.isascii() and text.isdigit()):
            raise serializers.ValidationError(_("An id is a whole number."))
        return min(int(text[:20]), LARGEST_ID)

    def to_representation(self, value: Any) -> Any:
        return value


class RangeSerializer(StrictSerializer):
    start = serializers.DateTimeField(required=False, help_text="The first time, included.")
    end = serializers.DateTimeField(required=False, help_text="The last time, not included.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "start" in attrs and "end" in attrs and attrs["end"] < attrs["start"]:
            raise serializers.ValidationError({"end": [_("The end lies before the start.")]})
        return attrs


class SamplesQuerySerializer(RangeSerializer):
    order = ChoiceField(choices=["asc", "desc"], default="asc")
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_LIMIT,
        help_text=f"{DEFAULT_LIMIT} by itself in JSON; CSV and NDJSON hold the whole range without it.",
    )
    cursor = serializers.CharField(required=False, max_length=200, help_text="Where the page begins.")
    max_points = serializers.IntegerField(
        required=False,
        min_value=4,
        max_value=MAX_POINTS,
        help_text="For charts: at most so many points that draw the same line (M4); without pages.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "max_points" in attrs and (attrs.keys() & {"limit", "cursor"} or attrs["order"] != "asc"):
            raise serializers.ValidationError({"max_points": [_("This goes without limit, cursor and order.")]})
        return attrs


class AggregatesQuerySerializer(RangeSerializer):
    interval = ChoiceField(choices=[one.value for one in Interval])
    tz = ZoneField(required=False, help_text="In which zone hours, days and so on begin; UTC by itself.")
    functions = FunctionsField(
        required=False, help_text="Some of avg, min, max, sum, count, first, last; avg by itself."
    )
    fill = ChoiceField(
        choices=[one.value for one in Fill], default=Fill.NONE.value, help_text="What empty buckets get."
    )


class SeriesQuerySerializer(AggregatesQuerySerializer):
    datapoints = IdsField(help_text="Ids; in an address with commas between them.")
    interval = ChoiceField(choices=[one.value for one in Interval], required=False, help_text="Without it: samples.")
    order = ChoiceField(choices=["asc", "desc"], default="asc", help_text="Of samples.")
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_LIMIT, help_text="Samples of each datapoint."
    )
    max_points = serializers.IntegerField(
        required=False, min_value=4, max_value=MAX_POINTS, help_text="Of each datapoint, for charts."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "max_points" in attrs and ("limit" in attrs or attrs["order"] != "asc" or "interval" in attrs):
            raise serializers.ValidationError({"max_points": [_("This goes without interval, limit and order.")]})
        if "interval" in attrs and ("limit" in attrs or attrs["order"] != "asc"):
            raise serializers.ValidationError({"interval": [_("This goes without limit and order.")]})
        return attrs


class FormatSerializer(serializers.Serializer[Any]):
    """For the documentation; REST framework itself reads the parameter."""

    format = ChoiceField(
        choices=[one.value for one in Format], required=False, help_text=gettext_lazy("Instead of the header Accept.")
    )


def parsed(serializer_class: type[serializers.Serializer[Any]], given: Any) -> dict[str, Any]:
    """The parameters as the serializer understands them; a misspelt name is told.

    Raises:
        rest_framework.exceptions.ValidationError: with every parameter at fault.
    """
    data: Any = given
    if isinstance(given, QueryDict):
        # A name that comes twice is a list, as it is with commas.
        data = {name: ",".join(map(str, values)) for name, values in given.lists() if name != "format"}
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def query_of(datapoints: tuple[int, ...], given: Mapping[str, Any]) -> Query:
    """What was parsed, as a question to the store."""
    return Query(
        datapoints=datapoints,
        start=microseconds(given["start"]) if "start" in given else None,
        end=microseconds(given["end"]) if "end" in given else None,
        descending=given.get("order") == "desc",
        limit=given.get("limit"),
        max_points=given.get("max_points"),
        interval=Interval(given["interval"]) if "interval" in given else None,
        zone=given.get("tz", UTC),
        functions=given.get("functions", (Function.AVG,)),
        fill=Fill(given.get("fill", Fill.NONE)),
    )

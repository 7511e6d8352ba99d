"""The API of series: samples and buckets of one datapoint or of several, as JSON, CSV or NDJSON."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
import orjson
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError
from guildhall.core.http import wire as core_wire
from guildhall.core.http.drf import actor_of
from guildhall.modules.telemetry import rendering, selectors, series
from guildhall.modules.telemetry.api import asked
from guildhall.modules.telemetry.api import serializers as wire
from guildhall.modules.telemetry.api.datapoints import LARGEST_ID, DatapointView
from guildhall.modules.telemetry.asking import Query
from guildhall.modules.telemetry.rendering import Format
from guildhall.modules.telemetry.store.filling import Table
from guildhall.modules.telemetry.store.layout import microseconds

IDS_AT_ONCE: Final = 10_000


class BucketSerializer(serializers.Serializer[Any]):
    """A bucket; of the functions those that were asked for."""

    ts = serializers.DateTimeField(help_text="Where it begins.")
    avg = serializers.FloatField(required=False, allow_null=True)
    min = serializers.FloatField(required=False, allow_null=True)
    max = serializers.FloatField(required=False, allow_null=True)
    sum = serializers.FloatField(required=False, allow_null=True)
    count = serializers.IntegerField(required=False)
    first = serializers.FloatField(required=False, allow_null=True)
    last = serializers.FloatField(required=False, allow_null=True)


class AggregatesSerializer(serializers.Serializer[Any]):
    results = BucketSerializer(many=True)


class RowSerializer(BucketSerializer):
    """A sample or a bucket."""

    value = serializers.FloatField(required=False, help_text="Of a sample.")


class OneSeriesSerializer(serializers.Serializer[Any]):
    datapoint = serializers.IntegerField()
    results = RowSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Where the samples behind the limit are.")


class SeriesSerializer(serializers.Serializer[Any]):
    series = OneSeriesSerializer(many=True)


def formats(json: type[serializers.Serializer[Any]]) -> dict[Any, Any]:
    """How an answer that has three formats is described."""
    return {
        (200, "application/json"): json,
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "application/x-ndjson"): OpenApiTypes.STR,
    }


class SeriesView(DatapointView):
    """Answers in the format that was asked for."""

    renderer_classes = asked.RENDERERS
    content_negotiation_class = asked.FormatNegotiation
    # Samples are paged by time and by a size of their own.
    pagination_class = None

    def number(self) -> int:
        """The datapoint of the address.

        Raises:
            Http404: there is none that the caller sees.
        """
        datapoint: int = min(self.kwargs["pk"], LARGEST_ID)
        if not selectors.visible_ids(actor_of(self.request), [datapoint]):
            raise Http404
        return datapoint


class TimeseriesView(SeriesView):
    @extend_schema(
        parameters=[asked.SamplesQuerySerializer, asked.FormatSerializer],
        responses=formats(wire.TimeseriesSerializer),
        tags=["datapoints"],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The samples in [start, end): a page at a time as JSON, all of them as CSV or NDJSON."""
        datapoint, how = self.number(), asked.format_of(request)
        given = asked.parsed(asked.SamplesQuerySerializer, request.query_params)
        query = asked.query_of((datapoint,), given)
        after = _time_in_cursor(given["cursor"]) if "cursor" in given else None
        if how is not Format.JSON:
            if after is not None:
                query = _behind(query, after)
            query.require_short()
            return asked.answer(query.lines(how, several=False), how)
        if query.max_points is not None:
            rows = rendering.json_rows(table for _id, table in query.tables())
            return asked.answer(_framed(b'{"results":[', rows, b'],"next":null}'), how)
        query = replace(query, limit=query.limit or asked.DEFAULT_LIMIT)
        table, cursor = _page(_behind(query, after) if after is not None else query)
        tail = b'],"next":' + orjson.dumps(_following(request, query, cursor)) + b"}"
        return asked.answer(_framed(b'{"results":[', rendering.json_rows([table]), tail), how)


class DatapointIdsView(SeriesView):
    @extend_schema(
        parameters=[wire.DatapointQuerySerializer, asked.FormatSerializer],
        responses=formats(wire.DatapointIdsSerializer),
        tags=["datapoints"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The ids of all datapoints that the caller sees, in order, without pages."""
        how = asked.format_of(request)
        found = self.chosen(request).order_by("pk").values_list("pk", flat=True).iterator(chunk_size=IDS_AT_ONCE)
        if how is Format.JSON:
            return asked.answer(_framed(b'{"ids":[', _numbers(found, b","), b"]}"), how)
        return asked.answer(chain([b"id\n"] if how is Format.CSV else [], _numbers(found, b"", b"\n")), how)


class AggregatesView(SeriesView):
    @extend_schema(
        parameters=[asked.AggregatesQuerySerializer, asked.FormatSerializer],
        responses=formats(AggregatesSerializer),
        tags=["datapoints"],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Buckets of [start, end): quarters of an hour up to years, as they are in the asked zone."""
        datapoint, how = self.number(), asked.format_of(request)
        given = asked.parsed(asked.AggregatesQuerySerializer, request.query_params)
        query = asked.query_of((datapoint,), given)
        if how is not Format.JSON:
            return asked.answer(query.lines(how, several=False), how)
        rows = rendering.json_rows(table for _id, table in query.tables())
        return asked.answer(_framed(b'{"results":[', rows, b"]}"), how)


class QueryView(SeriesView):
    # It changes nothing, also where the question is too long for an address.
    only_reads = True

    @extend_schema(
        parameters=[asked.SeriesQuerySerializer, asked.FormatSerializer],
        responses=formats(SeriesSerializer),
        tags=["timeseries"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Samples or buckets of several datapoints."""
        return self.answered(request, request.query_params)

    @extend_schema(
        request=asked.SeriesQuerySerializer,
        parameters=[asked.FormatSerializer],
        responses=formats(SeriesSerializer),
        tags=["timeseries"],
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Samples or buckets of several datapoints."""
        return self.answered(request, request.data)

    def answered(self, request: Request, given: Any) -> HttpResponseBase:
        how = asked.format_of(request)
        parsed = asked.parsed(asked.SeriesQuerySerializer, given)
        query = asked.query_of(visible(actor_of(request), parsed["datapoints"]), parsed)
        if how is not Format.JSON:
            query.require_short()
            return asked.answer(query.lines(how, several=True), how)
        if query.interval is None and query.max_points is None:
            query = replace(query, limit=query.limit or asked.DEFAULT_LIMIT)
        return asked.answer(self.documents(request, query), how)

    def documents(self, request: Request, query: Query) -> Iterator[bytes]:
        comma = b'{"series":['
        if query.interval is not None:
            for datapoint, table in query.tables():
                yield from _framed(
                    comma + b'{"datapoint":%d,"results":[' % datapoint, rendering.json_rows([table]), b'],"next":null}'
                )
                comma = b","
        else:
            for datapoint in query.datapoints:
                alone = query.alone(datapoint)
                table, cursor = _page(alone)
                head = comma + b'{"datapoint":%d,"results":[' % datapoint
                tail = b'],"next":' + orjson.dumps(_following(request, alone, cursor)) + b"}"
                yield from _framed(head, rendering.json_rows([table]), tail)
                comma = b","
        yield b"]}"


class QueryWithoutSlashView(QueryView):
    """The same where the last slash of the address is missing."""

    schema = None


def visible(actor: User, datapoints: tuple[int, ...]) -> tuple[int, ...]:
    """These ids, all of which the actor sees.

    Raises:
        InvalidInputError: there is one that he does not see.
    """
    if selectors.visible_ids(actor, datapoints) != set(datapoints):
        raise InvalidInputError(fields={"datapoints": [_("There is no such thing, or you can't see it.")]})
    return datapoints


def _page(query: Query) -> tuple[Table, str | None]:
    """The samples of one datapoint up to the limit, and the cursor that leads on where there are more."""
    wanted = query if query.limit is None else replace(query, limit=query.limit + 1)
    table = series.table_of(table for _id, table in wanted.tables())
    if query.limit is None or len(table) <= query.limit:
        return table, None
    table = table.take(slice(0, query.limit))
    return table, core_wire.encode_cursor(rendering.iso_texts(table.times[-1:]))


def _following(request: Request, query: Query, cursor: str | None) -> str | None:
    """The address at which the samples of the datapoint go on."""
    if cursor is None:
        return None
    parameters = {"order": "desc" if query.descending else "asc", "limit": str(query.limit)}
    for name, at in (("start", query.start), ("end", query.end)):
        if at is not None:
            parameters[name] = rendering.iso_texts(np.array([at]))[0]
    address = f"/api/datapoints/{query.datapoints[0]}/timeseries/?{urlencode({**parameters, 'cursor': cursor})}"
    return request.build_absolute_uri(address)


def _numbers(found: Iterator[int], between: bytes, behind: bytes = b"") -> Iterator[bytes]:
    before = b""
    while some := list(islice(found, IDS_AT_ONCE)):
        yield before + between.join(b"%d%b" % (one, behind) for one in some)
        before = between


def _framed(head: bytes, rows: Iterator[bytes], tail: bytes) -> Iterator[bytes]:
    first = next(rows, b"")
    second = next(rows, None)
    if second is None:
        yield head + first + tail
        return
    yield head + first
    yield second
    yield from rows
    yield tail


def _behind(query: Query, after: datetime) -> Query:
    at = microseconds(after)
    return replace(query, end=at) if query.descending else replace(query, start=at + 1)


def _time_in_cursor(cursor: str) -> datetime:
    """The time of the last sample of the page before.

    Raises:
        InvalidInputError: this is no cursor of ours.
    """
    (text,) = core_wire.decode_cursor(cursor, 1)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError(fields={"cursor": [_("This is not a cursor of this list.")]}) from error

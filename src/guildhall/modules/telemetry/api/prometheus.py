"""The query API of Prometheus, as far as Grafana and other clients need it, under `/api/prometheus/api/v1/`."""

import base64
import binascii
import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import numpy as np
import promql_parser as parser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import get_authorization_header
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guildhall.core.accounts.models import User
from guildhall.core.accounts.scopes import area_of
from guildhall.core.http.drf import IdentityAuthentication, OrjsonParser, actor_of
from guildhall.core.identity.facade import Asked, Proof, proof_of_authorization
from guildhall.modules.telemetry import promql, selectors
from guildhall.modules.telemetry.promql import BadQueryError, Evaluation, Labels
from guildhall.modules.telemetry.store.layout import FIRST_TIME, LAST_TIME, SECOND, microseconds

#: Of a range; Prometheus has the same limit.
MAX_STEPS: Final = 11_000
#: By this clients decide what they may ask.
VERSION: Final = "2.45.0"
_DURATION: Final = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS: Final = (7 * 86_400 * SECOND, 86_400 * SECOND, 3600 * SECOND, 60 * SECOND, SECOND, 1000)


class KeyAsPassword(IdentityAuthentication):
    """As everywhere, and `Basic` with an API key as the password, whatever the user name."""

    def authenticate(self, request: Request) -> tuple[User, Proof] | None:
        kind, _, value = get_authorization_header(request).decode("latin-1").partition(" ")
        if kind.lower() != "basic":
            return super().authenticate(request)
        try:
            key = base64.b64decode(value.strip(), validate=True).decode("latin-1").partition(":")[2]
        except binascii.Error:
            key = ""
        area = area_of(type(request.parser_context["view"]).__module__)
        proof = proof_of_authorization(f"Api-Key {key}", Asked(method="GET", area=area))
        assert proof is not None
        return proof.user, proof


class KeyAsPasswordScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of it."""

    target_class = "guildhall.modules.telemetry.api.prometheus.KeyAsPassword"
    name = "api-key-as-password"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "An API key as the password, whatever the user name; what is said elsewhere works too.",
        }


class AnswerSerializer(serializers.Serializer[Any]):
    """What Prometheus answers."""

    status = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]  # The name is Prometheus', and ours only in the schema.


def _text(name: str, *, required: bool = False, many: bool = False, text: str = "") -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, required=required, many=many, description=text)


QUERY: Final = [_text("query", required=True, text="PromQL."), _text("time")]
RANGE: Final = [
    _text("query", required=True, text="PromQL."),
    *(_text(n, required=True) for n in ("start", "end", "step")),
]
MATCH: Final = [_text("match[]", many=True, text="Selectors of series.")]
FORM: Final = {"application/x-www-form-urlencoded": OpenApiTypes.OBJECT}


class PrometheusView(APIView):
    authentication_classes = [KeyAsPassword]
    parser_classes = [FormParser, OrjsonParser]
    # Grafana sends its questions by POST.
    only_reads = True

    def given(self, name: str) -> str:
        """A parameter of the address or of the form.

        Raises:
            BadQueryError: it is missing.
        """
        value = self.optional(name)
        if value is None:
            raise BadQueryError(f"The parameter {name} is missing.")
        return value

    def optional(self, name: str) -> str | None:
        form = self.request.data if isinstance(self.request.data, dict) else {}
        found = self.request.query_params.get(name, form.get(name))
        return None if found is None else str(found)

    def visible(self) -> dict[int, Labels]:
        """The labels of all datapoints that the caller sees."""
        return promql.all_labels(list(selectors.datapoints_for(actor_of(self.request)).select_related("organization")))

    def matched(self) -> list[Labels]:
        """The labels of the series that `match[]` names, of all where it is missing."""
        visible = self.visible()
        form = self.request.data
        wanted = [
            *self.request.query_params.getlist("match[]"),
            *(form.getlist("match[]") if hasattr(form, "getlist") else []),
        ]
        if not wanted:
            return list(visible.values())
        found: dict[int, Labels] = {}
        for text in wanted:
            selector = promql.parse(text)
            if not isinstance(selector, parser.VectorSelector):
                raise BadQueryError("match[] is a selector of series.")
            found |= {id_: visible[id_] for id_ in promql.selected(visible, selector)}
        return list(found.values())


def success(data: Any) -> Response:
    return Response({"status": "success", "data": data})


def moment_of(text: str) -> int:
    """Seconds since 1970, or RFC 3339, as microseconds.

    Raises:
        BadQueryError: it is neither, or none of our times.
    """
    try:
        number = float(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text)
            found = microseconds(at)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadQueryError(f"{text[:50]!r} is no time.") from error
    else:
        found = round(number * SECOND) if math.isfinite(number) and abs(number) < LAST_TIME / SECOND else LAST_TIME + 1
    if not FIRST_TIME <= found <= LAST_TIME:
        raise BadQueryError(f"{text[:50]!r} is no time.")
    return found


def step_of(text: str) -> int:
    """Seconds, or a length such as `1h30m`, as microseconds.

    Raises:
        BadQueryError: it is neither, or not positive.
    """
    found = 0.0
    try:
        found = float(text) * SECOND
    except ValueError:
        match = _DURATION.fullmatch(text[:50])
        if match is not None:
            found = sum(int(number or 0) * unit for number, unit in zip(match.groups(), _UNITS, strict=True))
    if not 1 <= found <= LAST_TIME:
        raise BadQueryError("step is a length of time.")
    return round(found)


def number(value: float) -> str:
    """A value as Prometheus writes it; no digit is lost."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)


def pairs(times: Iterable[int], values: Iterable[float]) -> list[list[Any]]:
    """Times in seconds with values as text; NaN, which stands for nothing, is left out."""
    return [[at / SECOND, number(value)] for at, value in zip(times, values, strict=True) if not math.isnan(value)]


class QueryView(PrometheusView):
    @extend_schema(parameters=QUERY, responses=AnswerSerializer, tags=["prometheus"])
    def get(self, request: Request) -> Response:
        """PromQL at one time."""
        at = moment_of(text) if (text := self.optional("time")) else microseconds(timezone.now())
        tree = promql.parse(self.given("query"))
        evaluation = Evaluation(self.visible(), np.array([at]))
        while isinstance(tree, parser.ParenExpr):
            tree = tree.expr
        if isinstance(tree, parser.MatrixSelector):
            found = [
                {"metric": labels, "values": pairs(times.tolist(), values.tolist())}
                for labels, times, values in evaluation.raw(tree)
            ]
            return success({"resultType": "matrix", "result": found})
        answer = evaluation.of(tree)
        if isinstance(answer, np.ndarray):
            return success({"resultType": "scalar", "result": [at / SECOND, number(float(answer[0]))]})
        lines = [(line.labels, pairs([at], line.values.tolist())) for line in answer]
        result = [{"metric": labels, "value": found[0]} for labels, found in lines if found]
        return success({"resultType": "vector", "result": result})

    @extend_schema(request=FORM, parameters=QUERY, responses=AnswerSerializer, tags=["prometheus"])
    def post(self, request: Request) -> Response:
        """PromQL at one time."""
        return self.get(request)


class QueryRangeView(PrometheusView):
    @extend_schema(parameters=RANGE, responses=AnswerSerializer, tags=["prometheus"])
    def get(self, request: Request) -> Response:
        """PromQL at each step of a range."""
        tree = promql.parse(self.given("query"))
        start, end, step = moment_of(self.given("start")), moment_of(self.given("end")), step_of(self.given("step"))
        if end < start:
            raise BadQueryError("end lies before start.")
        if (end - start) // step >= MAX_STEPS:
            raise BadQueryError(f"This makes more than {MAX_STEPS} steps.")
        times = np.arange(start, end + 1, step)
        answer = Evaluation(self.visible(), times).of(tree)
        lines = [({}, answer)] if isinstance(answer, np.ndarray) else [(line.labels, line.values) for line in answer]
        moments = times.tolist()
        found = [(labels, pairs(moments, values.tolist())) for labels, values in lines]
        result = [{"metric": labels, "values": values} for labels, values in found if values]
        return success({"resultType": "matrix", "result": result})

    @extend_schema(request=FORM, parameters=RANGE, responses=AnswerSerializer, tags=["prometheus"])
    def post(self, request: Request) -> Response:
        """PromQL at each step of a range."""
        return self.get(request)


class SeriesView(PrometheusView):
    @extend_schema(parameters=MATCH, responses=AnswerSerializer, tags=["prometheus"])
    def get(self, request: Request) -> Response:
        """The labels of the series that selectors name."""
        return success(self.matched())

    @extend_schema(request=FORM, parameters=MATCH, responses=AnswerSerializer, tags=["prometheus"])
    def post(self, request: Request) -> Response:
        """The labels of the series that selectors name."""
        return success(self.matched())


class LabelsView(PrometheusView):
    @extend_schema(parameters=MATCH, responses=AnswerSerializer, tags=["prometheus"])
    def get(self, request: Request) -> Response:
        """The names of labels."""
        return success(sorted({name for labels in self.matched() for name in labels}))

    @extend_schema(request=FORM, parameters=MATCH, responses=AnswerSerializer, tags=["prometheus"])
    def post(self, request: Request) -> Response:
        """The names of labels."""
        return self.get(request)


class LabelValuesView(PrometheusView):
    @extend_schema(parameters=MATCH, responses=AnswerSerializer, tags=["prometheus"])
    def get(self, request: Request, name: str) -> Response:
        """The values of a label."""
        return success(sorted({labels[name] for labels in self.matched() if name in labels}))


class MetadataView(PrometheusView):
    @extend_schema(parameters=[_text("metric")], responses=AnswerSerializer, tags=["prometheus"])
    def get(self, request: Request) -> Response:
        """Units of the series, by their names."""
        wanted = self.optional("metric")
        found: dict[str, list[dict[str, str]]] = {}
        for labels in self.visible().values():
            name = labels[promql.NAME]
            one = {"type": "gauge", "help": "", "unit": labels.get("unit", "")}
            if wanted in {None, name} and one not in found.setdefault(name, []):
                found[name].append(one)
        return success(found)


class BuildInfoView(PrometheusView):
    @extend_schema(responses=AnswerSerializer, tags=["prometheus"])
    def get(self, request: Request) -> Response:
        """With which version of Prometheus this goes together."""
        return success(
            {"version": VERSION, "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": ""}
        )

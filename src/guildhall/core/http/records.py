"""The adapter of versions for Django REST framework: records with their `ETag`, and changes with `If-Match`."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from guildhall.core.http.versions import etag, expected_versions, is_known
from guildhall.core.versions import Versioned

IF_MATCH: Final = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of what the change starts from; 412 if it is stale."
)
IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of what is known; 304 if nothing changed."
)


def record(request: Request, row: Versioned, serializer: type[BaseSerializer[Any]]) -> Response:
    """The record with its `ETag`; 304 without it where whoever reads it has this version already."""
    headers = {"ETag": etag(row.version)}
    is_read = request.method in {"GET", "HEAD"}
    if is_read and is_known(row.version, request.headers.get("If-None-Match")):
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(serializer(row).data, headers=headers)


def expected_of(request: Request) -> frozenset[int] | None:
    """From which versions the change may start, by `If-Match`; None for any."""
    return expected_versions(request.headers.get("If-Match"))

"""Cursor paging for Django REST framework, by the values of the last row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.errors import InvalidInputError
from guildhall.core.http import keyset, wire

if TYPE_CHECKING:
    from rest_framework.views import APIView  # It loads this module by its settings, so not at run time.

MAXIMUM_PAGE_SIZE: Final = 200
DEFAULT_PAGE_SIZE: Final = 50


def page_size_of(request: Request) -> int:
    """How many rows a page is to hold.

    Raises:
        InvalidInputError: it is no whole number, or too large.
    """
    given = request.query_params.get("page_size", "")
    if not given:
        return DEFAULT_PAGE_SIZE
    if not (given.isascii() and given.isdigit()) or not 1 <= int(given[:9]) <= MAXIMUM_PAGE_SIZE:
        raise InvalidInputError(fields={"page_size": [f"Choose a whole number from 1 to {MAXIMUM_PAGE_SIZE}."]})
    return int(given)


class KeysetPagination(BasePagination):
    """Pages by the values of the last row, so the tenth page costs what the first does.

    The view names its order in `page_order`, ending in a unique field; a leading `-` means descending. Null values sort
    nowhere by comparison, so ordered fields must not be null.
    """

    # It pages what the database orders, never a list.
    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        order: Sequence[str] = getattr(view, "page_order", ("pk",))
        size = page_size_of(request)
        cursor = request.query_params.get("cursor", "")
        if cursor:
            queryset = keyset.behind(queryset, order, wire.decode_cursor(cursor, len(order)))
        rows = list(queryset.order_by(*order)[: size + 1])
        self._next_cursor = None
        if len(rows) > size:
            rows = rows[:size]
            self._next_cursor = keyset.cursor_at(rows[-1], order)
        self._request = request
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if self._next_cursor:
            query = self._request.query_params.copy()
            query["cursor"] = self._next_cursor
            following = self._request.build_absolute_uri(f"{self._request.path}?{query.urlencode()}")
        return Response({"results": data, "next": following})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": "string", "format": "uri", "nullable": True, "description": "The next page, if any."},
            },
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "Where the page begins."},
            {
                "name": "page_size",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAXIMUM_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
            },
        ]

"""Database work as generators of statements, so that Django's cursors and asynchronous connections run the same code.

A plan yields statements with parameters, gets the rows of each, and returns its result.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from guildhall.modules.telemetry.store.connection import Connection

T = TypeVar("T")
Rows: TypeAlias = list[tuple[Any, ...]]
Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
Plan: TypeAlias = Generator[tuple[str, Parameters], Rows, T]


def array(numbers: Sequence[int]) -> str:
    """Numbers as PostgreSQL writes an array; far quicker to make than what psycopg makes of a list."""
    return f"{{{str(list(numbers))[1:-1]}}}"


class Cursor(Protocol):
    """What psycopg's and Django's cursors have in common, as far as it is needed."""

    @property
    def pgresult(self) -> Any: ...
    def execute(self, query: Any, params: Any = None) -> Any: ...
    def fetchall(self) -> list[Any]: ...


def run(plan: Plan[T], cursor: Cursor) -> T:
    """Carry the plan out on this cursor."""
    try:
        query, parameters = next(plan)
        while True:
            cursor.execute(query, parameters)
            query, parameters = plan.send(cursor.fetchall() if _tells(cursor) else [])
    except StopIteration as end:
        result: T = end.value
        return result


async def run_async(plan: Plan[T], connection: Connection) -> T:
    """Carry the plan out on this connection."""
    async with connection.cursor(binary=True) as cursor:
        try:
            query, parameters = next(plan)
            while True:
                await cursor.execute(query.encode(), parameters)
                query, parameters = plan.send(await cursor.fetchall() if _tells(cursor) else [])
        except StopIteration as end:
            result: T = end.value
            return result


def _tells(cursor: Any) -> bool:
    """Whether the statement has rows, be they none. The cursor's description would tell too, but is long in making."""
    return bool(cursor.pgresult.nfields)

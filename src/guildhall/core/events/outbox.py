"""Writing: append an event in the transaction of the change that it tells of."""

import uuid
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.connection import ConnectionProxy

from guildhall.core.events.registry import EventData
from guildhall.core.http.context import current_request_id

DjangoConnection = BaseDatabaseWrapper | ConnectionProxy  # type: ignore[type-arg]

APPEND = "SELECT events_append(%s::uuid, %s, %s::smallint, %s, %s::uuid, %s::uuid, %s, %s::jsonb)"


class SqlConnection(Protocol):
    """SQLAlchemy's connection, as far as it is needed; from its asynchronous one, call `append` by `run_sync`."""

    def exec_driver_sql(self, statement: str, parameters: Any) -> Any: ...


def append(
    connection: DjangoConnection | SqlConnection,
    data: EventData,
    *,
    subject: str,
    organization_id: uuid.UUID | None,
    actor_id: uuid.UUID | None,
) -> int:
    """Append an event and return its position. Nothing is told if the caller's transaction is rolled back.

    The subject is locked to the end of the transaction before the position is drawn, so that positions are in the order
    of commits within a subject. Whoever appends to several subjects does so in their alphabetical order.

    Raises:
        RuntimeError: there is no transaction.
    """
    parameters = (
        str(uuid.uuid4()),
        data.type,
        data.version,
        subject,
        organization_id and str(organization_id),
        actor_id and str(actor_id),
        current_request_id.get(),
        data.model_dump_json(),
    )
    if isinstance(connection, DjangoConnection):
        if not connection.in_atomic_block:
            raise RuntimeError("An event is appended in the transaction of its change; there is none here.")
        with connection.cursor() as cursor:
            cursor.execute(APPEND, parameters)
            (position,) = cursor.fetchone()
    else:
        (position,) = connection.exec_driver_sql(APPEND, parameters).fetchone()
    return int(position)

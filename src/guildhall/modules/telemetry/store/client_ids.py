"""Writes which organization uses which MQTT client id."""

from collections.abc import Mapping
from uuid import UUID

from guildhall.modules.telemetry.store.connection import Connection

#: Programs that take a new id at each start would otherwise fill the table.
KEPT_PER_ORGANIZATION = 10_000

_CLAIM = """
INSERT INTO telemetry_clientid AS known (client_id, organization_id, used_at)
SELECT g.client_id, d.organization_id, now()
FROM (SELECT unnest(%s::text[]) AS client_id, unnest(%s::uuid[]) AS datasource_id) g
JOIN telemetry_datasource d ON d.id = g.datasource_id
ORDER BY g.client_id
ON CONFLICT (client_id) DO UPDATE SET used_at = excluded.used_at
    WHERE known.organization_id = excluded.organization_id
RETURNING client_id
"""
_FORGET_OLDEST = """
DELETE FROM telemetry_clientid WHERE client_id IN (
    SELECT client_id FROM (
        SELECT client_id, row_number() OVER (PARTITION BY organization_id ORDER BY used_at DESC, client_id) AS age
        FROM telemetry_clientid
    ) ranked WHERE age > %s
)
"""


async def claim(connection: Connection, wanted: Mapping[str, UUID]) -> set[str]:
    """Of these client ids, each wanted by a datasource, those that its organization has now; others have the rest."""
    cursor = await connection.execute(_CLAIM, [list(wanted), list(wanted.values())])
    return {client_id async for (client_id,) in cursor}


async def forget_oldest(connection: Connection) -> None:
    """Give up the ids that an organization used longest ago, beyond the ten thousand latest."""
    await connection.execute(_FORGET_OLDEST, [KEPT_PER_ORGANIZATION])

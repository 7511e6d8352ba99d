"""The envelope of an event, with the attributes of CloudEvents 1.0. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

SPEC_VERSION = "1.0"
SOURCE_PREFIX = "/guildhall/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    `position` orders the events of one subject (and only those); `id` is the same however often the event is delivered.
    """

    position: int
    id: UUID
    type: str
    version: int
    subject: str
    organization_id: UUID | None
    actor_id: UUID | None
    request_id: str
    time: datetime
    data: dict[str, Any]

    def as_cloud_event(self) -> dict[str, Any]:
        """The event as a JSON object after CloudEvents 1.0, with Guildhall's own attributes as extensions."""
        return {
            "specversion": SPEC_VERSION,
            "id": str(self.id),
            "source": SOURCE_PREFIX + self.type.split(".", 1)[0],
            "type": f"{self.type}.v{self.version}",
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "organizationid": str(self.organization_id) if self.organization_id else None,
            "actorid": str(self.actor_id) if self.actor_id else None,
            "requestid": self.request_id or None,
            "sequence": str(self.position),
            "data": self.data,
        }

"""The long-running process of the events."""

from guildhall.core.processes import Process, Server

PROCESSES = (
    Process(
        name="event-relay",
        entry="guildhall.core.events.main:main",
        needs=(Server.POSTGRESQL,),
        summary="tells subscribers what happened",
    ),
)

"""The long-running processes of telemetry."""

from guildhall.core.processes import Process, Server

PROCESSES = (
    Process(
        name="mqtt-auth",
        entry="guildhall.modules.telemetry.gate.main:main",
        needs=(Server.POSTGRESQL, Server.NATS),
        summary="lets datasources in with their rights",
    ),
    Process(
        name="telemetry-consumer",
        entry="guildhall.modules.telemetry.ingest.main:main",
        needs=(Server.POSTGRESQL, Server.REDIS, Server.NATS),
        summary="carries measurements into the database",
    ),
    Process(
        name="telemetry-sealer",
        entry="guildhall.modules.telemetry.background:main",
        needs=(Server.POSTGRESQL,),
        summary="compresses measurements, sums them up, evaluates alarm rules",
    ),
)

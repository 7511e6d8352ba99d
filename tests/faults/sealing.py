"""The sealer as a process of its own that hardly waits, so that whatever is killed meets it at work."""

from guildhall.modules.telemetry import sealer


def main() -> None:
    """Entry of the process."""
    sealer.INTERVAL_S = 0.0  # type: ignore[misc]
    sealer.LOOK_INTERVAL_S = 0.05  # type: ignore[misc]
    sealer.PAUSE_S = 0.1  # type: ignore[misc]
    sealer.main()

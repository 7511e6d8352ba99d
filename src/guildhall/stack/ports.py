"""Telling which ports are taken, and by whom, before anything is started."""

import os
import socket
from collections.abc import Mapping

import psutil

from guildhall.stack.errors import PortBusyError
from guildhall.stack.options import LOOPBACK, PORTS

HIGHEST_OF_ROOT = 1023


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether one could listen on the port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do, so that connections that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def owner_of(port: int) -> str:
    """The program that listens on the port, as far as the system lets one see it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        connections = []
    for connection in connections:
        if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
            if connection.pid is None:
                break
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.Error:
                break
    return "another program"


def require_free(ports: Mapping[str, int], host: str = LOOPBACK) -> None:
    """Raise PortBusyError that names every busy port, who holds it, and the way out."""
    busy = {name: port for name, port in ports.items() if not is_free(port, host)}
    if not busy:
        return
    lines = []
    for name, port in busy.items():
        variable = PORTS[name][0]
        reason = (
            f"is taken by {owner_of(port)}"
            if port > HIGHEST_OF_ROOT or os.geteuid() == 0
            else "may only be used by root"
        )
        lines.append(f"port {port} ({name}) {reason}; stop that, or choose another: {variable}={_another(port)}")
    raise PortBusyError("\n".join(lines))


def _another(port: int) -> int:
    """A free port near the wanted one, to be proposed."""
    return next((other for other in range(port + 1, min(port + 200, 2**16)) if is_free(other)), port)

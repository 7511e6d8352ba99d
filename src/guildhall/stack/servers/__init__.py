"""Real servers from Python wheels, each knowing how to prepare, start, probe and stop itself."""

from guildhall.stack.servers.base import EmbeddedServer, free_port, temporary_home
from guildhall.stack.servers.nats import NatsSecrets, NatsServer, TlsFiles
from guildhall.stack.servers.postgresql import PostgresServer
from guildhall.stack.servers.valkey import ValkeyServer

__all__ = [
    "EmbeddedServer",
    "NatsSecrets",
    "NatsServer",
    "PostgresServer",
    "TlsFiles",
    "ValkeyServer",
    "free_port",
    "temporary_home",
]

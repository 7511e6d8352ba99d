"""Ports and servers from outside, as the environment and .env name them; and busy ports."""

import socket

import psutil
import pytest

from guildhall.stack.errors import PortBusyError, StackError
from guildhall.stack.options import PORTS, Options
from guildhall.stack.ports import is_free, owner_of, require_free


def loopbacks() -> set[str]:
    """The addresses of this machine that only it reaches."""
    return {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    for variable in ("DATABASE_URL", "REDIS_URL", "NATS_URL", "PUBLIC_URL", *(name for name, _ in PORTS.values())):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)


def test_options_of_bare_environment_start_every_server():
    options = Options.from_environment()
    assert [options.outside(server) for server in ("postgresql", "redis", "nats")] == [None, None, None]
    assert options.public_url == "http://127.0.0.1:8000"


def test_options_environment_is_stronger_than_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://file/a\nMQTT_PORT=2883\n")
    assert Options.from_environment().outside("postgresql") == "postgresql://file/a"
    monkeypatch.setenv("DATABASE_URL", "postgresql://environment/b")
    options = Options.from_environment(port=9000)
    assert options.outside("postgresql") == "postgresql://environment/b"
    assert (options.ports["mqtt"], options.ports["site"]) == (2883, 9000)


@pytest.mark.parametrize("text", ["http", "0", "70000", "-1"])
def test_options_port_of_no_sense_is_refused(monkeypatch, text):
    monkeypatch.setenv("MQTT_PORT", text)
    with pytest.raises(StackError, match="MQTT_PORT is"):
        Options.from_environment()


def test_options_sync_interval_of_no_sense_is_refused(monkeypatch):
    monkeypatch.setenv("NATS_SYNC_INTERVAL", "sometimes")
    with pytest.raises(StackError, match="must be one of always, 1s"):
        Options.from_environment()


@pytest.mark.parametrize(
    ("host", "everywhere", "near"),
    [
        ("0.0.0.0", True, "127.0.0.1"),
        ("::", True, "127.0.0.1"),
        ("10.0.0.7", False, "10.0.0.7"),
        ("hall", False, "hall"),
    ],
)
def test_options_host_is_reached_from_here_by(host, everywhere, near):
    options = Options.from_environment(host=host)
    assert (options.listens_everywhere, options.near_host) == (everywhere, near)


def test_busy_port_is_named_with_its_owner_and_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortBusyError, match=rf"port {port} \(site\) is taken by .*GUILDHALL_PORT=\d+"):
            require_free({"site": port})
    assert is_free(port)
    require_free({"site": port})


def test_owner_of_free_port_is_unknown():
    with socket.socket() as unlistened:
        unlistened.bind(("127.0.0.1", 0))
        assert owner_of(unlistened.getsockname()[1]) == "another program"


def test_port_of_address_that_is_not_ours_is_not_free():
    assert not is_free(8000, "192.0.2.1")


@pytest.mark.skipif("::1" not in loopbacks(), reason="this machine speaks no IPv6, as most containers")
def test_port_of_ipv6_is_free():
    assert is_free(0, "::1")

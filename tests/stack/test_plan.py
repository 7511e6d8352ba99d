"""What the plan makes of the options: names in certificates and in the hosts that the site answers to."""

from types import SimpleNamespace

import psutil
import pytest

from guildhall.stack.home import Home
from guildhall.stack.options import PORTS, Options
from guildhall.stack.plan import Plan
from guildhall.stack.servers import free_port


@pytest.fixture
def plan_for(tmp_path, monkeypatch):
    def make(host: str) -> Plan:
        return Plan(Home(tmp_path), Options(given={}, ports={name: free_port() for name in PORTS}, host=host))

    addresses = {
        "lo": [SimpleNamespace(address="127.0.0.1")],
        "eth0": [
            SimpleNamespace(address="192.168.7.20"),
            SimpleNamespace(address="2001:db8::7"),
            SimpleNamespace(address="fe80::1%eth0"),
            SimpleNamespace(address="02:42:ac:11:00:02"),
        ],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: addresses)
    monkeypatch.setattr("socket.gethostname", lambda: "makerspace")
    return make


def test_site_on_loopback_answers_to_nobody_else(plan_for):
    assert plan_for("127.0.0.1")._allowed_hosts() == ["localhost", "127.0.0.1", "[::1]"]


def test_site_on_one_address_answers_to_it_and_to_the_name(plan_for):
    assert plan_for("192.168.7.20")._allowed_hosts()[3:] == ["makerspace", "192.168.7.20"]


def test_site_on_every_address_answers_to_all_that_reach_the_machine(plan_for):
    plan = plan_for("0.0.0.0")
    assert plan._own_names() == ["makerspace", "192.168.7.20", "2001:db8::7"]
    assert plan._allowed_hosts()[3:] == ["makerspace", "192.168.7.20", "[2001:db8::7]"]

"""docker-compose.yml as it is written: every declared process has its service, and hardly anything is published."""

import pytest
import yaml

from guildhall.settings.environment import PROJECT_ROOT
from guildhall.stack.declared import declared_processes

COMPOSE = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ONCE = {"init", "migrate"}
PUBLISHED = {"nginx": ["${HTTP_PORT:-80}:8080"], "broker": ["${MQTTS_PORT:-8883}:8883"]}

each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_services_every_declared_process_has_one_that_runs_it():
    for process in declared_processes():
        assert SERVICES[process.name]["command"][-2:] == ["run", process.name]


def test_services_only_the_site_and_mqtts_are_published():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == PUBLISHED


@each_service
def test_service_logs_rotate_and_memory_is_limited(name):
    service = SERVICES[name]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert "mem_limit" in service


@each_service
def test_service_restarts_unless_it_runs_once(name):
    assert SERVICES[name]["restart"] == ("no" if name in ONCE else "unless-stopped")


def test_networks_the_inner_one_leads_nowhere():
    assert COMPOSE["networks"]["inside"] == {"internal": True}

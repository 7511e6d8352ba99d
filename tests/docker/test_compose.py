"""docker-compose.yml as it is written: every declared process has its service, and hardly anything is published."""

import pytest
import yaml

from guildhall.settings.environment import PROJECT_ROOT
from guildhall.stack.declared import declared_processes

COMPOSE = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ONCE = {"init", "migrate", "backup"}
#: Runs with the tests only, never beside a site.
TESTING = {"test", "test-postgres", "test-redis"}
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
    expected = None if name in TESTING else "no" if name in ONCE else "unless-stopped"
    assert SERVICES[name].get("restart") == expected


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - TESTING))
def test_service_can_write_to_volumes_only_and_gains_no_rights(name):
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_production_every_process_is_in_production_mode():
    production = yaml.safe_load((PROJECT_ROOT / "docker-compose.prod.yml").read_text())["services"]
    own = {name for name, service in SERVICES.items() if service.get("env_file")} - {"backup"}
    assert {name for name in own if production[name]["environment"]["GUILDHALL_MODE"] == "production"} == own


def test_production_only_the_site_and_mqtts_are_published():
    production = yaml.safe_load((PROJECT_ROOT / "docker-compose.prod.yml").read_text())["services"]
    assert {name for name, service in production.items() if "ports" in service} == {"nginx"}


def test_development_what_is_added_listens_on_this_machine_only():
    added = yaml.safe_load((PROJECT_ROOT / "docker-compose.dev.yml").read_text())["services"]
    ports = [port for service in added.values() for port in service["ports"]]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_networks_the_inner_one_leads_nowhere():
    assert COMPOSE["networks"]["inside"] == {"internal": True}

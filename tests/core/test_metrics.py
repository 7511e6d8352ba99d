"""Metrics: requests by template, the pool, gauges of modules, and a port of its own for each process."""

import subprocess
import sys
import urllib.request

import pytest
from django.test import Client
from fastapi.testclient import TestClient
from prometheus_client import generate_latest

from guildhall.core import metrics
from guildhall.services.compute.app import app as compute
from guildhall.settings import settings
from guildhall.settings.environment import home_folder


def read(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return answer.read().decode()


def counted(route, method, status):
    return metrics.REQUESTS.labels(route, method, status)._value.get()


def test_request_is_counted_by_the_template_of_its_address(house):
    before = counted("api/organizations/<uuid:pk>/", "GET", 200)
    client = Client()
    client.force_login(house.admin)
    client.get(f"/api/organizations/{house.organization.pk}/")
    assert counted("api/organizations/<uuid:pk>/", "GET", 200) == before + 1
    assert str(house.organization.pk) not in generate_latest().decode()


def test_made_up_addresses_and_methods_share_one_name(db):
    before = counted("(none)", "GET", 404)
    for number in range(3):
        Client().get(f"/api/nowhere-{number}/")
    Client().generic("BREW", "/api/users/")
    text = generate_latest().decode()
    assert counted("(none)", "GET", 404) == before + 3
    assert "nowhere-1" not in text
    assert "BREW" not in text


@pytest.mark.django_db(transaction=True)
def test_request_to_compute_is_counted():
    before = counted("/api/v1/organizations", "GET", 401)
    TestClient(compute, base_url="http://testserver", root_path="/api/v1").get("/organizations")
    assert counted("/api/v1/organizations", "GET", 401) == before + 1


def test_process_serves_its_metrics_and_says_where():
    folder = home_folder() / "metrics"
    with metrics.serving("tester") as port:
        (file,) = folder.glob("tester-*")
        assert file.read_text() == f"127.0.0.1:{port}\n"
        text = read(port)
    assert "guildhall_http_requests_total" in text
    assert "process_resident_memory_bytes" in text
    assert not file.exists()
    with pytest.raises(OSError):
        read(port)


def test_taken_port_is_left_to_who_has_it(monkeypatch, caplog):
    with metrics.serving("first") as port:
        monkeypatch.setattr(metrics, "settings", settings.model_copy(update={"metrics_port": port}))
        with metrics.serving("second") as other:
            assert other != port
            assert "is taken" in caplog.text


def test_gauge_of_a_module_is_read_when_it_is_asked_for():
    lag = {("telemetry",): 7.0, ("mirror",): 0.0}
    metrics.gauge("guildhall_test_lag", "Messages behind.", lambda: lag, labels=("consumer",))
    metrics.gauge("guildhall_test_broken", "Never there.", lambda: 1 / 0)
    metrics.gauge("guildhall_test_number", "A number.", lambda: 3)
    try:
        text = generate_latest().decode()
        assert 'guildhall_test_lag{consumer="telemetry"} 7.0' in text
        lag["telemetry",] = 8.0
        assert 'guildhall_test_lag{consumer="telemetry"} 8.0' in generate_latest().decode()
        assert "guildhall_test_number 3.0" in text
        assert "guildhall_test_broken" not in text
    finally:
        for name in ("lag", "broken", "number"):
            metrics.forget_gauge(f"guildhall_test_{name}")
    assert "guildhall_test" not in generate_latest().decode()


def test_pool_of_connections_is_told(user):
    assert 'guildhall_database_connections{state="allowed"} 60.0' in generate_latest().decode()


def test_process_without_django_does_not_load_it_for_its_metrics():
    program = (
        "import sys; from guildhall.core import metrics; from prometheus_client import generate_latest; "
        "generate_latest(); assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

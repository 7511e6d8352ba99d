"""What the pages say about connecting, and datasources in the admin site."""

import re
import shlex
import tomllib
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages

from guildhall.core.audit.models import AuditEntry
from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.telemetry.mapping import Rule
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.web import views
from guildhall.modules.telemetry.web.snippets import Target, snippets
from guildhall.settings import settings
from tests.telemetry.conftest import make_source

pytestmark = pytest.mark.django_db

TARGET = Target(
    host="house.example", tls_port=8883, plain_port=1883, username="abcdefgh", secret="s-e_cret", prefix="guildhall/d/abcdefgh",
    site="https://house.example", authority="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
)  # fmt: skip


@pytest.fixture
def texts() -> dict[str, str]:
    return {one.id: one.text for one in snippets(TARGET)}


@pytest.mark.parametrize("name", ["esphome", "tasmota", "zigbee2mqtt"])
def test_text_for_a_device_has_address_credentials_and_topics_of_the_datasource(texts, name):
    for part in ("house.example", "8883", "abcdefgh", "s-e_cret", "guildhall/d/abcdefgh"):
        assert part in texts[name]


def test_text_for_esphome_holds_the_authority_indented(texts):
    _, _, rest = texts["esphome"].partition("certificate_authority: |\n")
    assert [line.strip() for line in rest.splitlines()] == TARGET.authority.split("\n")[:3]
    assert all(line.startswith("    ") for line in rest.splitlines())


def test_text_for_telegraf_is_toml(texts):
    (output,) = tomllib.loads(texts["telegraf"])["outputs"]["influxdb_v2"]
    assert (output["urls"], output["token"]) == (["https://house.example"], "abcdefgh:s-e_cret")


def test_rules_that_are_shown_are_rules():
    shown = [one.rule for one in snippets(TARGET) if one.rule]
    assert len(shown) == 2
    for line in shown:
        topic, pointer, key, *time = shlex.split(line)
        assert Rule(pointer, key, topic, *time).problem() is None


def test_pages_show_the_texts_with_the_secret_only_once(client, house, monkeypatch, tmp_path):
    (tmp_path / "ca.pem").write_text(TARGET.authority)
    monkeypatch.setattr(views, "settings", SimpleNamespace(**{**settings.model_dump(), "ca_file": tmp_path / "ca.pem"}))
    choose_active_organization(actor=house.admin, organization=house.organization)
    client.force_login(house.admin)
    made = client.post("/telemetry/datasources/new/", {"name": "Kettle", "place": f"project:{house.project.pk}"})
    source = Datasource.objects.get(name="Kettle")
    page = made.content.decode()
    secret = re.search(r'id="mqtt-secret" value="([^"]+)"', page)[1]
    assert page.count(secret) >= 5
    assert "BEGIN CERTIFICATE" in page
    later = client.get(f"/telemetry/datasources/{source.pk}/").content.decode()
    assert secret not in later
    assert f"MqttUser {source.username}; MqttPassword SECRET;" in later


def test_pages_show_until_when_the_credentials_hold(client, house):
    source = make_source(house, thing=house.thing, expires_at=datetime(2099, 5, 4, tzinfo=UTC)).datasource
    choose_active_organization(actor=house.admin, organization=house.organization)
    client.force_login(house.admin)
    for address in ("/telemetry/datasources/", f"/telemetry/datasources/{source.pk}/"):
        assert "until 05/04/2099" in client.get(address).content.decode()


def test_admin_site_creates_changes_and_deletes_by_the_services(admin_client, house):
    body = {
        "name": "Rescue", "project": str(house.project.pk), "object": "", "enabled": "on", "may_create_datapoints": "on",
        "expires_at_0": "2030-01-01", "expires_at_1": "00:00:00",
        "topic_rights-TOTAL_FORMS": "0", "topic_rights-INITIAL_FORMS": "0",
    }  # fmt: skip
    answer = admin_client.post("/admin/telemetry/datasource/add/", body)
    assert answer.status_code == 302, answer.content
    source = Datasource.objects.get(name="Rescue")
    assert (source.organization, source.topic_rights.count(), source.expires_at.year) == (house.organization, 1, 2030)
    assert any(source.username in str(message) for message in get_messages(answer.wsgi_request))
    address = f"/admin/telemetry/datasource/{source.pk}/change/"
    assert source.username in admin_client.get(address).content.decode()
    right = source.topic_rights.get()
    changed = {
        "name": "Rescued", "may_create_datapoints": "on", "expires_at_0": "", "expires_at_1": "",
        "topic_rights-TOTAL_FORMS": "1", "topic_rights-INITIAL_FORMS": "1", "topic_rights-0-id": str(right.pk),
        "topic_rights-0-datasource": str(source.pk), "topic_rights-0-DELETE": "on",
    }  # fmt: skip
    assert admin_client.post(address, changed).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.enabled, source.expires_at, source.topic_rights.count()) == ("Rescued", False, None, 0)
    assert admin_client.get("/admin/telemetry/datasource/?q=Rescued").status_code == 200
    admin_client.post(
        "/admin/telemetry/datasource/", {"action": "delete_selected", "_selected_action": str(source.pk), "post": "yes"}
    )
    assert not Datasource.objects.exists()
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"datasource.created", "datasource.changed", "datasource.deleted"} <= done


def test_admin_site_lists_what_was_made_elsewhere(admin_client, house):
    source = make_source(house, thing=house.thing)
    assert source.datasource.username in admin_client.get("/admin/telemetry/datasource/").content.decode()

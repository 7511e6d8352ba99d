"""Who is let in, with which rights, and what happens when rights change; with clients that nobody here wrote."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Project
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.gate import client_ids as gate_client_ids
from guildhall.modules.telemetry.models import ClientId, Datapoint, Datasource, RefusedPublish
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.services import RightGiven
from guildhall.modules.telemetry.store import client_ids as store_client_ids
from guildhall.settings import settings
from tests.support import samples
from tests.support.broker import Device, mosquitto, wait_for
from tests.telemetry.conftest import make_source

pytestmark = pytest.mark.usefixtures("gate_running")

#: What the page promises: a refused publish shows, and a change of rights holds, within two seconds.
SOON_S = 2.0


def test_mosquitto_pub_over_tls_stores_a_value(source, consumer_running):
    done = mosquitto("mosquitto_pub", "-q", "1", "-t", source.topic("temperature"), "-m", "21.5",
                     username=source.login[0], secret=source.secret)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    (sample,) = wait_for(samples.stored)
    assert (sample.value, sample.datasource_id) == (21.5, source.datasource.pk)
    assert Datapoint.objects.get(pk=sample.datapoint_id).key == "temperature"
    seen = wait_for(lambda: Datasource.objects.filter(pk=source.datasource.pk, last_seen_at__isnull=False).first())
    assert seen.messages_stored == 1


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"secret": "wrong"}, 5, "not authorised"),
        ({"username": "nobodyhere"}, 5, "not authorised"),
        ({"secret": "", "username": ""}, 4, "bad user name or password"),
    ],
    ids=["wrong secret", "unknown name", "nothing"],
)
def test_wrong_credentials_are_refused_at_connect(source, change, code, reason):
    given = {"username": source.login[0], "secret": source.secret, **change}
    done = mosquitto("mosquitto_pub", "-q", "1", "-t", source.topic("t"), "-m", "1", **given)
    assert done.returncode == code
    assert reason in done.stderr


@pytest.mark.parametrize("state", [{"enabled": False}, {"expires_at": timezone.now() - timedelta(seconds=1)}])
def test_disabled_or_expired_datasource_is_refused(committed_house, state):
    source = make_source(committed_house, **state)
    device = Device(*source.login)
    with device:
        assert (device.connects, device.refusals > 0) == (0, True)


def test_client_id_of_another_organization_is_refused_and_its_device_stays_connected(source):
    stranger = User.objects.create_user(email="rival@example.org", password="correct horse battery")
    project = Project.objects.visible_to(stranger).get()
    made = services.create_datasource(actor=stranger, project=project, name="Rival")
    with (
        Device(*source.login, client_id="kettle") as ours,
        Device(made.datasource.username, made.secret, client_id="kettle") as theirs,
    ):
        assert (theirs.connects, theirs.refusals > 0) == (0, True)
        refused = wait_for(lambda: RefusedPublish.objects.filter(datasource=made.datasource).first(), at_most_s=SOON_S)
        assert (refused.action, refused.topic) == ("connect", "kettle")
        ours.publish(source.topic("t"), "1")
        assert (ours.connects, ours.disconnects) == (1, 0)


def test_client_id_goes_on_with_another_datasource_of_the_same_organization(committed_house, source):
    with Device(*source.login, client_id="kettle") as before:
        assert before.connects == 1
    other = make_source(committed_house, name="Other")
    with Device(*other.login, client_id="kettle") as after:
        assert (after.connects, after.refusals) == (1, 0)


@pytest.mark.parametrize(("client_id", "connects"), [("", 1), ("k" * 256, 1), ("k" * 257, 0), ("kä-ttle", 1)])
def test_client_id_may_be_missing_but_not_endless(source, client_id, connects):
    with Device(*source.login, client_id=client_id) as device:
        assert device.connects == connects


def test_many_devices_connect_at_once_with_ids_of_their_own(source):
    devices = [Device(*source.login, client_id=f"device-{number}") for number in range(40)]
    for device in devices:
        device.client.connect_async("127.0.0.1", settings.mqtt_port)
        device.client.loop_start()
    wait_for(lambda: all(device.connects or device.refusals for device in devices))
    assert [device.refusals for device in devices] == [0] * 40
    assert ClientId.objects.count() == 40
    for device in devices:
        device.__exit__()


def test_oldest_client_ids_of_an_organization_are_forgotten(source, monkeypatch):
    monkeypatch.setattr(store_client_ids, "KEPT_PER_ORGANIZATION", 2)
    monkeypatch.setattr(gate_client_ids, "FORGET_INTERVAL_S", 0.0)
    for name in ("one", "two", "three"):
        with Device(*source.login, client_id=name):
            pass
    assert set(ClientId.objects.values_list("client_id", flat=True)) == {"two", "three"}


def test_forbidden_publish_stores_nothing_reaches_nobody_and_shows_within_two_seconds(
    committed_house, source, consumer_running
):
    other = make_source(committed_house, name="Other")
    services.set_topic_rights(
        actor=committed_house.admin, datasource=other.datasource,
        rights=[RightGiven(Right.READ, f"{other.datasource.topic_prefix}/#")],
    )  # fmt: skip
    with Device(*other.login) as reader, Device(*source.login) as writer:
        reader.client.subscribe(other.topic("#"), qos=1)
        time.sleep(0.2)
        writer.publish(other.topic("t"), "1")
        writer.publish(other.topic("t"), "2", qos=0)
        refused = wait_for(
            lambda: RefusedPublish.objects.filter(count=2).select_related("datasource").first(), at_most_s=SOON_S
        )
        assert (refused.datasource, refused.topic, refused.action) == (source.datasource, other.topic("t"), "publish")
        assert reader.received == []
    source.datasource.refresh_from_db()
    assert source.datasource.publishes_refused == 2
    assert samples.stored() == []
    assert not Datapoint.objects.exists()


def test_forbidden_subscription_shows_as_refused_reading(source):
    with Device(*source.login) as device:
        device.client.subscribe("guildhall/#", qos=1)
        refused = wait_for(RefusedPublish.objects.first, at_most_s=SOON_S)
        assert (refused.action, refused.topic) == ("read", "guildhall/#")


def test_right_taken_away_cuts_the_open_connection_at_once(committed_house, source, consumer_running):
    with Device(*source.login) as device:
        device.publish(source.topic("t"), "1")
        wait_for(samples.stored)
        began = time.monotonic()
        services.set_topic_rights(actor=committed_house.admin, datasource=source.datasource, rights=[])
        wait_for(lambda: device.disconnects, at_most_s=SOON_S)
        assert time.monotonic() - began < SOON_S
        # It may connect again, but what it publishes now is refused.
        wait_for(lambda: device.connects > 1)
        device.publish(source.topic("t"), "2")
        wait_for(RefusedPublish.objects.exists, at_most_s=SOON_S)
    assert samples.stored_values() == [1]


@pytest.mark.parametrize("how", ["disable", "rotate", "delete"])
def test_ended_datasource_is_cut_and_stays_out(committed_house, source, how):
    admin = committed_house.admin
    with Device(*source.login) as device:
        if how == "disable":
            services.update_datasource(actor=admin, datasource=source.datasource, enabled=False)
        elif how == "rotate":
            services.rotate_secret(actor=admin, datasource=source.datasource)
        else:
            services.delete_datasource(actor=admin, datasource=source.datasource)
        wait_for(lambda: device.disconnects, at_most_s=SOON_S)
        wait_for(lambda: device.refusals)
        assert device.connects == 1


def test_connection_ends_when_the_datasource_expires(committed_house):
    source = make_source(committed_house, expires_at=timezone.now() + timedelta(seconds=2))
    with Device(*source.login) as device:
        assert device.connects == 1
        wait_for(lambda: device.disconnects, at_most_s=5)
        wait_for(lambda: device.refusals, at_most_s=5)


def test_reading_right_brings_messages_of_both_qualities(committed_house, source):
    reader = make_source(committed_house, name="Reader")
    wanted = f"{source.datasource.topic_prefix}/#"
    services.set_topic_rights(
        actor=committed_house.admin, datasource=reader.datasource, rights=[RightGiven(Right.READ, wanted)]
    )
    for qos in (0, 1):
        with Device(*reader.login, client_id=f"reader{qos}") as listener, Device(*source.login) as device:
            listener.client.subscribe(wanted, qos=qos)
            time.sleep(0.3)
            device.publish(source.topic("a/b.c"), "1")
            wait_for(lambda listener=listener: listener.received)
            assert listener.received == [(source.topic("a/b.c"), b"1")]


@pytest.mark.parametrize(("own", "stored"), [(True, True), (False, False)])
def test_will_obeys_the_rights(committed_house, source, consumer_running, own, stored):
    other = make_source(committed_house, name="Other")
    topic = (source if own else other).topic("will")
    device = Device(*source.login)
    device.client.will_set(topic, "9", qos=1)
    with device:
        assert device.connects == 1
        device.client._sock.shutdown(2)
        if stored:
            wait_for(samples.stored)
        else:
            wait_for(lambda: RefusedPublish.objects.filter(topic=topic).exists(), at_most_s=SOON_S)
            assert samples.stored() == []

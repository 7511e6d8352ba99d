"""Devices whose topics are fixed: who grants them, that nobody shares them, and how their messages become samples."""

import threading
from itertools import product

import pytest
from django.db import IntegrityError, connection, connections, transaction

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError
from guildhall.core.organizations.models import Project
from guildhall.modules.telemetry import policy, services
from guildhall.modules.telemetry.models import Datapoint, Datasource, DeadLetter, RefusedPublish, TopicRight
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.services import RightGiven
from tests.support import samples
from tests.support.broker import Device, wait_for
from tests.telemetry.conftest import Source, make_source

SENSOR = '{"Time": "2026-05-04T10:00:00", "ENERGY": {"Power": 42, "Total": 3.5}}'
RULE = {"topic": "tele/+/SENSOR", "pointer": "/ENERGY/Power", "key": "power", "time": ""}


def grant(house, source: Source | Datasource, *rights: RightGiven, actor=None) -> None:
    datasource = source.datasource if isinstance(source, Source) else source
    own = RightGiven(Right.PUBLISH, policy.default_filter(datasource.username))
    services.set_topic_rights(actor=actor or house.admin, datasource=datasource, rights=[own, *rights])


def publishing(filter_: str) -> RightGiven:
    return RightGiven(Right.PUBLISH, filter_)


def reading(filter_: str) -> RightGiven:
    return RightGiven(Right.READ, filter_)


@pytest.fixture
def elsewhere(db) -> Datasource:
    """A datasource of another organization."""
    rival = User.objects.create_user(email="rival@example.org", password="correct horse battery")
    project = Project.objects.visible_to(rival).get()
    return services.create_datasource(actor=rival, project=project, name="Rival").datasource


def grant_elsewhere(datasource: Datasource, right: RightGiven) -> None:
    TopicRight.objects.create(datasource=datasource, action=right.action.value, filter=right.filter)


@pytest.mark.django_db
def test_admin_grants_and_moderator_keeps_but_adds_none(house):
    source = make_source(house, thing=house.thing)
    grant(house, source, publishing("tele/kettle/#"), reading("cmnd/kettle/#"))
    grant(house, source, publishing("tele/kettle/#"), actor=house.moderator)
    with pytest.raises(InvalidInputError) as raised:
        grant(house, source, publishing("tele/kettle/#"), publishing("tele/lamp/#"), actor=house.moderator)
    assert list(raised.value.fields) == ["rights.2.filter"]
    assert set(source.datasource.topic_rights.values_list("filter", flat=True)) == {
        policy.default_filter(source.datasource.username), "tele/kettle/#"
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("filter_", ["#", "+/x", "_INBOX/#", "tele/my kettle/#", "guildhall/x"])
def test_topics_of_all_or_with_spaces_can_not_be_granted(house, filter_):
    source = make_source(house, thing=house.thing)
    with pytest.raises(InvalidInputError) as raised:
        grant(house, source, publishing(filter_))
    assert list(raised.value.fields) == ["rights.1.filter"]


@pytest.mark.django_db
@pytest.mark.parametrize("filter_", ["#", "+/x", "_INBOX/x", "$JS", "guildhall", "guildhall/x", "tele/a b", "tele//x"])
def test_database_itself_refuses_such_topics(house, filter_):
    source = make_source(house, thing=house.thing)
    with pytest.raises(IntegrityError, match="topic_right_filter_is_safe"):
        grant_elsewhere(source.datasource, publishing(filter_))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (publishing("tele/+/SENSOR"), publishing("tele/kettle/#")),
        (publishing("tele/kettle/#"), reading("tele/kettle")),
        (reading("cmnd/#"), reading("cmnd/kettle/+")),
    ],
)
def test_no_two_organizations_hold_topics_that_overlap(house, elsewhere, ours, theirs):
    grant_elsewhere(elsewhere, theirs)
    source = make_source(house, thing=house.thing)
    with pytest.raises(InvalidInputError, match="need another value") as raised:
        grant(house, source, ours)
    assert raised.value.fields == {"rights.1.filter": ["Another datasource holds some of these topics."]}
    elsewhere.topic_rights.filter(filter=theirs.filter).delete()
    grant(house, source, ours)


@pytest.mark.django_db
def test_in_one_organization_others_may_read_but_not_publish_the_same(house):
    one, two = make_source(house, thing=house.thing), make_source(house, name="Two")
    grant(house, one, publishing("tele/kettle/#"))
    grant(house, two, reading("tele/#"), publishing("tele/lamp/#"))
    with pytest.raises(InvalidInputError):
        grant(house, two, publishing("tele/+/SENSOR"))


@pytest.mark.django_db
def test_database_says_of_filters_what_the_policy_says():
    levels = [["a"], ["a", "b"], ["a", "+"], ["a", "b", "c"], ["a", "+", "c"], ["a", "+", "d"], ["b"]]
    filters = ["/".join(one) for one in levels] + ["/".join([*one, "#"]) for one in levels]
    with connection.cursor() as cursor:
        for one, other in product(filters, filters):
            cursor.execute("SELECT telemetry_filters_overlap(%s, %s)", [one, other])
            assert cursor.fetchone() == (policy.overlap(one, other),), (one, other)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_granted_the_same_at_once_one_gets_it(committed_house, elsewhere):
    ours = make_source(committed_house, thing=committed_house.thing).datasource
    barrier, refused = threading.Barrier(2), []

    def take(datasource: Datasource) -> None:
        try:
            with transaction.atomic():
                barrier.wait()
                grant_elsewhere(datasource, publishing("tele/kettle/#"))
        except IntegrityError as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(one,)) for one in (ours, elsewhere)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert "holds topics that overlap" in refused[0]
    assert TopicRight.objects.filter(filter="tele/kettle/#").count() == 1


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.usefixtures("gate_running", "consumer_running")
def test_message_on_a_granted_topic_finds_datasource_and_datapoints(committed_house, qos):
    source = make_source(committed_house, thing=committed_house.thing)
    grant(committed_house, source, publishing("tele/kettle/#"), publishing("kitchen.1/sensor/#"))
    services.update_datasource(actor=committed_house.admin, datasource=source.datasource, mapping=[RULE])
    with Device(*source.login) as device:
        device.publish("tele/kettle/LWT", "Online", qos=qos)
        device.publish("tele/kettle/STATE", '{"Uptime": "0T00:10:15", "Wifi": {"RSSI": 80}}', qos=qos)
        device.publish("kitchen.1/sensor/temperature/state", "21.5", qos=qos)
        device.publish("tele/kettle/SENSOR", SENSOR, qos=qos)
        wait_for(lambda: len(samples.stored()) == 2)
    found = {Datapoint.objects.get(pk=one.datapoint_id).key: one for one in samples.stored()}
    assert {key: one.value for key, one in found.items()} == {"power": 42, "kitchen.1/sensor/temperature/state": 21.5}
    assert {one.datasource_id for one in found.values()} == {source.datasource.pk}
    counted = Datasource.objects.get(pk=source.datasource.pk)
    assert (counted.messages_stored, counted.messages_rejected) == (2, 0)
    assert not DeadLetter.objects.exists()


@pytest.mark.usefixtures("gate_running", "consumer_running")
def test_what_a_rule_wants_and_can_not_read_is_a_dead_letter(committed_house):
    source = make_source(committed_house, thing=committed_house.thing)
    grant(committed_house, source, publishing("tele/kettle/#"))
    services.update_datasource(actor=committed_house.admin, datasource=source.datasource, mapping=[RULE])
    with Device(*source.login) as device:
        device.publish("tele/kettle/SENSOR", '{"ENERGY": {"Power": "much"}}')
        letter = wait_for(DeadLetter.objects.first)
    assert (letter.topic, letter.reason, letter.datasource_id) == (
        "tele/kettle/SENSOR", "not_a_number", source.datasource.pk
    )  # fmt: skip


@pytest.mark.usefixtures("gate_running", "consumer_running")
def test_grant_holds_at_once_for_an_open_connection_and_so_does_its_end(committed_house):
    source = make_source(committed_house, thing=committed_house.thing)
    with Device(*source.login) as device:
        device.publish("tele/kettle/power", "1")
        wait_for(RefusedPublish.objects.first)
        grant(committed_house, source, publishing("tele/kettle/#"))
        wait_for(lambda: device.connects == 2)
        device.publish("tele/kettle/power", "2")
        wait_for(samples.stored)
        grant(committed_house, source)
        wait_for(lambda: device.connects == 3)
        device.publish("tele/kettle/power", "3")
        wait_for(lambda: RefusedPublish.objects.filter(count=2).exists())
    assert samples.stored_values() == [2]


@pytest.mark.usefixtures("gate_running")
def test_device_reads_its_commands_on_a_granted_topic(committed_house):
    source, panel = (
        make_source(committed_house, thing=committed_house.thing),
        make_source(committed_house, name="Panel"),
    )
    grant(committed_house, source, reading("cmnd/kettle/#"))
    grant(committed_house, panel, publishing("cmnd/kettle/+"))
    with Device(*source.login) as kettle, Device(*panel.login) as switch:
        kettle.client.subscribe("cmnd/kettle/#", qos=1)
        wait_for(lambda: (switch.publish("cmnd/kettle/POWER", "ON"), kettle.received)[1])
        assert kettle.received[0] == ("cmnd/kettle/POWER", b"ON")

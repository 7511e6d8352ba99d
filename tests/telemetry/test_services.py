"""Writes of people, and what the database itself refuses and counts."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.models import Datapoint, Datasource, RetiredUsername, TopicRight, Watermark
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.services import RightGiven
from tests.support import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(house) -> Datasource:
    return services.create_datasource(actor=house.admin, project=house.project, thing=house.thing, name="A").datasource


def refused_by(constraint, change):
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        change()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert constraint in str(raised.value)


def test_names_are_unique_in_their_place_only(house, source):
    services.create_datasource(actor=house.admin, project=house.project, name="A")
    with pytest.raises(services.NameTakenError):
        services.create_datasource(actor=house.admin, project=house.project, name="A")


@pytest.mark.parametrize("person", ["user", "stranger"])
def test_only_moderators_write(house, source, person):
    actor = house.person(person)
    for write in (
        lambda: services.create_datasource(actor=actor, project=house.project, name="B"),
        lambda: services.update_datasource(actor=actor, datasource=source, name="B"),
        lambda: services.rotate_secret(actor=actor, datasource=source),
        lambda: services.set_topic_rights(actor=actor, datasource=source, rights=[]),
        lambda: services.delete_datasource(actor=actor, datasource=source),
        lambda: services.create_datapoint(actor=actor, project=house.project, key="k"),
    ):
        with pytest.raises(NotAllowedError):
            write()


@pytest.mark.parametrize(
    "change",
    [
        lambda source, admin: services.update_datasource(actor=admin, datasource=source, enabled=False),
        lambda source, admin: services.rotate_secret(actor=admin, datasource=source),
        lambda source, admin: services.set_topic_rights(actor=admin, datasource=source, rights=[]),
        lambda source, admin: Datasource.objects.filter(pk=source.pk).update(
            expires_at=datetime(2030, 1, 1, tzinfo=UTC)
        ),
        lambda source, admin: TopicRight.objects.update(filter=f"{source.topic_prefix}/x"),
        lambda source, admin: TopicRight.objects.create(
            datasource=source, action="read", filter=f"{source.topic_prefix}/x"
        ),
    ],
    ids=["disable", "rotate", "rights", "update by hand", "right by hand", "new right by hand"],
)
def test_every_change_of_rights_counts_the_version_up(house, source, change):
    earlier = source.rights_version
    change(source, house.admin)
    source.refresh_from_db()
    assert source.rights_version > earlier


def test_other_changes_leave_the_version_alone(house, source):
    services.update_datasource(actor=house.admin, datasource=source, name="B", enabled=True)
    services.set_topic_rights(
        actor=house.admin, datasource=source, rights=[RightGiven(Right.PUBLISH, f"{source.topic_prefix}/#")]
    )
    Datasource.objects.update(messages_stored=5)
    version = source.rights_version
    source.refresh_from_db()
    assert source.rights_version == version


def test_deleted_datasource_retires_its_name_and_leaves_its_samples(house, source):
    datapoint = services.create_datapoint(actor=house.admin, project=house.project, key="k")
    known = source.pk
    samples.put((datapoint, datetime(2026, 5, 4, tzinfo=UTC), 1), source=known)
    services.delete_datasource(actor=house.admin, datasource=source)
    assert RetiredUsername.objects.filter(pk=source.username).exists()
    assert [one.datasource_id for one in samples.stored()] == [known]


def test_too_many_rights_are_refused(house, source):
    rights = [RightGiven(Right.PUBLISH, f"{source.topic_prefix}/{number}") for number in range(101)]
    with pytest.raises(InvalidInputError) as raised:
        services.set_topic_rights(actor=house.admin, datasource=source, rights=rights)
    assert list(raised.value.fields) == ["rights"]


def test_database_refuses_what_makes_no_sense(house, source):
    services.create_datapoint(actor=house.admin, project=house.project, key="k")
    elsewhere = house.foreign_organization
    for constraint, change in (
        ("datasource_username_is_safe", lambda: Datasource.objects.update(username="a.b")),
        ("topic_right_action_known", lambda: TopicRight.objects.update(action="own")),
        ("topic_right_filter_is_safe", lambda: TopicRight.objects.update(filter="guildhall/#")),
        ("topic_right_filter_is_safe", lambda: TopicRight.objects.update(filter="guildhall/d/abcdefgh/#/x")),
        ("topic_right_once", lambda: TopicRight.objects.create(
            datasource=source, action="publish", filter=f"{source.topic_prefix}/#")),
        ("datasource_project_in_organization", lambda: Datasource.objects.update(organization=elsewhere)),
        ("datasource_object_in_project", lambda: Datasource.objects.update(project=house.other_project)),
        ("datapoint_project_in_organization", lambda: Datapoint.objects.update(organization=elsewhere)),
        ("datapoint_object_in_project", lambda: Datapoint.objects.update(object=house.foreign_thing)),
        ("datapoint_key_unique_in_place", lambda: Datapoint.objects.create(
            organization=house.organization, project=house.project, key="k", name="other")),
        ("datapoint_name_unique_in_place", lambda: Datapoint.objects.create(
            organization=house.organization, project=house.project, key="other", name="k")),
        ("watermark_sequence_not_negative", lambda: Watermark.objects.create(stream="S", sequence=-1)),
    ):  # fmt: skip
        refused_by(constraint, change)


def test_rows_say_what_they_are(house, source):
    datapoint = services.create_datapoint(actor=house.admin, project=house.project, key="k")
    right = source.topic_rights.get()
    assert (str(source), str(datapoint), str(right)) == ("A", "k", f"publish {source.topic_prefix}/#")

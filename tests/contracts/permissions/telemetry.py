"""Who gets which answer from the telemetry module."""

from django.utils import timezone

from guildhall.modules.telemetry import configurations, services
from guildhall.modules.telemetry.alarms import services as alarms
from guildhall.modules.telemetry.alarms.models import AlarmEpisode
from guildhall.modules.telemetry.alarms.policy import Kind
from guildhall.modules.telemetry.models import Datapoint
from tests.contracts.permissions import MEMBERS, MODERATORS, SIGNED_IN, Case, Table, deleting


def datapoint_of(thing_name):
    def make(house, person):
        thing = getattr(house, thing_name)
        return services.create_datapoint(actor=house.superuser, project=thing.project, thing=thing, key="t").pk

    return make


def datasource_of(thing_name):
    def make(house, person):
        thing = getattr(house, thing_name)
        made = services.create_datasource(actor=house.superuser, project=thing.project, thing=thing, name="Sensor")
        return made.datasource.pk

    return make


def configuration_of(thing_name):
    def make(house, person):
        thing = getattr(house, thing_name)
        return configurations.create_configuration(
            actor=house.superuser, project=thing.project, thing=thing, name="Settings", document={"a": {"b": 1}}
        ).pk

    return make


def rule_of(thing_name):
    def make(house, person):
        datapoint = Datapoint.objects.get(pk=datapoint_of(thing_name)(house, person))
        made = alarms.create_rule(
            actor=house.superuser, datapoint=datapoint, name="Too hot", kind=Kind.ABOVE.value, high=30.0
        )
        return made.pk

    return make


def alarm_of(thing_name):
    def make(house, person):
        now = timezone.now()
        rule_id = rule_of(thing_name)(house, person)
        return AlarmEpisode.objects.create(rule_id=rule_id, began_at=now, started_at=now).pk

    return make


RULE = {"id": rule_of("thing")}
OTHERS_RULE = {"id": rule_of("other_thing")}
ALARM = {"id": alarm_of("thing")}
OTHERS_ALARM = {"id": alarm_of("other_thing")}
CONFIGURATION = {"id": configuration_of("thing")}
OTHERS_CONFIGURATION = {"id": configuration_of("other_thing")}
SECTION = {**CONFIGURATION, "path": "a/b"}
FIRST_VERSION = {**CONFIGURATION, "number": 1}
DATAPOINT = {"id": datapoint_of("thing")}
OTHERS_DATAPOINT = {"id": datapoint_of("other_thing")}
DATASOURCE = {"id": datasource_of("thing")}
OTHERS_DATASOURCE = {"id": datasource_of("other_thing")}
OF_OTHERS = "401 404 404 200 200 200"
# What a stranger can't see is an error of the field that names it, as there is no address to miss.
CREATING = "401 400 403 201 201 201"


def place(house, person):
    return house.project.pk


def thing(house, person):
    return house.thing.pk


def some_datapoint(house, person):
    return [datapoint_of("thing")(house, person)]


def others_datapoint(house, person):
    return [datapoint_of("other_thing")(house, person)]


def one_to_create(house, person):
    return [{"project": str(house.project.pk), "object": str(house.thing.pk), "key": "one"}]


def one_to_change(house, person):
    return [{"id": datapoint_of("thing")(house, person), "unit": "K"}]


TABLE: Table = {
    ("GET", "/api/alarm-rules/"): [Case(SIGNED_IN)],
    ("POST", "/api/alarm-rules/"): [
        Case(CREATING, body={"datapoint": datapoint_of("thing"), "name": "New", "kind": "above", "high": 30})
    ],
    ("GET", "/api/alarm-rules/{id}/"): [
        Case(MEMBERS, params=RULE),
        Case(OF_OTHERS, params=OTHERS_RULE, name="another's"),
    ],
    ("PATCH", "/api/alarm-rules/{id}/"): [
        Case(MODERATORS, params=RULE, body={"high": 31}),
        Case(OF_OTHERS, params=OTHERS_RULE, body={"high": 31}, name="another's"),
    ],
    ("DELETE", "/api/alarm-rules/{id}/"): [Case(deleting(MODERATORS), params=RULE)],
    ("GET", "/api/alarms/"): [Case(SIGNED_IN)],
    ("GET", "/api/alarms/{id}/"): [
        Case(MEMBERS, params=ALARM),
        Case(OF_OTHERS, params=OTHERS_ALARM, name="another's"),
    ],
    ("POST", "/api/alarms/{id}/acknowledge/"): [
        Case(MEMBERS, params=ALARM),
        Case(OF_OTHERS, params=OTHERS_ALARM, name="another's"),
    ],
    ("GET", "/api/configurations/"): [Case(SIGNED_IN)],
    ("POST", "/api/configurations/"): [
        Case(CREATING, body={"project": place, "object": thing, "name": "New", "document": {"a": 1}})
    ],
    ("GET", "/api/configurations/{id}/"): [
        Case(MEMBERS, params=CONFIGURATION),
        Case(OF_OTHERS, params=OTHERS_CONFIGURATION, name="another's"),
    ],
    ("PUT", "/api/configurations/{id}/"): [
        Case(MODERATORS, params=CONFIGURATION, body={"document": []}),
        Case(OF_OTHERS, params=OTHERS_CONFIGURATION, body={"document": []}, name="another's"),
    ],
    ("DELETE", "/api/configurations/{id}/"): [Case(deleting(MODERATORS), params=CONFIGURATION)],
    ("GET", "/api/configurations/{id}/sections/{path}"): [
        Case(MEMBERS, params=SECTION),
        Case(OF_OTHERS, params={**OTHERS_CONFIGURATION, "path": "a"}, name="another's"),
    ],
    ("PUT", "/api/configurations/{id}/sections/{path}"): [Case(MODERATORS, params=SECTION, body={"c": 1})],
    ("DELETE", "/api/configurations/{id}/sections/{path}"): [Case(deleting(MODERATORS), params=SECTION)],
    ("GET", "/api/configurations/{id}/versions/"): [Case(MEMBERS, params=CONFIGURATION)],
    ("GET", "/api/configurations/{id}/versions/{number}/"): [Case(MEMBERS, params=FIRST_VERSION)],
    ("POST", "/api/configurations/{id}/versions/{number}/restore/"): [Case(MODERATORS, params=FIRST_VERSION)],
    ("GET", "/api/datapoints/"): [Case(SIGNED_IN)],
    ("POST", "/api/datapoints/"): [Case(CREATING, body={"project": place, "object": thing, "key": "new"})],
    ("POST", "/api/datapoints/bulk/"): [
        Case("401 400 403 200 200 200", body={"datapoints": one_to_create}),
        Case("401 400 403 200 200 200", body={"datapoints": one_to_change}, name="change"),
    ],
    ("GET", "/api/datapoints/ids/"): [Case(SIGNED_IN)],
    ("GET", "/api/datapoints/{id}/"): [
        Case(MEMBERS, params=DATAPOINT),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, name="another's"),
    ],
    ("POST", "/api/datapoints/{id}/"): [
        Case(MODERATORS, params=DATAPOINT, body={"unit": "K", "tags": ["new"]}),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, body={"unit": "K"}, name="another's"),
    ],
    ("PATCH", "/api/datapoints/{id}/"): [
        Case(MODERATORS, params=DATAPOINT, body={"unit": "K"}),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, body={"unit": "K"}, name="another's"),
    ],
    ("DELETE", "/api/datapoints/{id}/"): [Case(deleting(MODERATORS), params=DATAPOINT)],
    ("GET", "/api/datapoints/{id}/aggregates/"): [
        # The address lacks the interval, which those are told who see the datapoint.
        Case("401 404 400 400 400 400", params=DATAPOINT),
        Case("401 404 404 400 400 400", params=OTHERS_DATAPOINT, name="another's"),
    ],
    ("GET", "/api/datapoints/{id}/timeseries/"): [
        Case(MEMBERS, params=DATAPOINT),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, name="another's"),
    ],
    ("DELETE", "/api/datapoints/{id}/timeseries/"): [
        # The address lacks a range, which those are told who may delete.
        Case("401 404 403 400 400 400", params=DATAPOINT),
        Case("401 404 404 400 400 400", params=OTHERS_DATAPOINT, name="another's"),
    ],
    ("GET", "/api/datapoints/{id}/retention/"): [
        Case(MEMBERS, params=DATAPOINT),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, name="another's"),
    ],
    ("PUT", "/api/datapoints/{id}/retention/"): [
        Case(MODERATORS, params=DATAPOINT, body={"raw_days": 30}),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, body={"raw_days": 30}, name="another's"),
    ],
    ("GET", "/api/projects/{id}/retention/"): [Case(MEMBERS, params={"id": place})],
    ("PUT", "/api/projects/{id}/retention/"): [Case(MODERATORS, params={"id": place}, body={"raw_days": 30})],
    ("POST", "/api/datapoints/{id}/timeseries/"): [
        Case(MODERATORS, params=DATAPOINT, body=[{"ts": "2026-05-04T10:00:00Z", "value": 1}]),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, body={"value": 1}, name="another's"),
    ],
    ("GET", "/api/datasources/"): [Case(SIGNED_IN)],
    ("POST", "/api/datasources/"): [Case(CREATING, body={"project": place, "object": thing, "name": "New"})],
    ("GET", "/api/datasources/{id}/"): [
        Case(MEMBERS, params=DATASOURCE),
        Case(OF_OTHERS, params=OTHERS_DATASOURCE, name="another's"),
    ],
    ("PATCH", "/api/datasources/{id}/"): [Case(MODERATORS, params=DATASOURCE, body={"name": "Renamed"})],
    ("DELETE", "/api/datasources/{id}/"): [Case(deleting(MODERATORS), params=DATASOURCE)],
    ("POST", "/api/datasources/{id}/rotate/"): [Case(MODERATORS, params=DATASOURCE)],
    ("GET", "/api/datasources/{id}/rights/"): [Case(MEMBERS, params=DATASOURCE)],
    ("PUT", "/api/datasources/{id}/rights/"): [Case(MODERATORS, params=DATASOURCE, body={"rights": []})],
    ("POST", "/api/datasources/{id}/mapping/try/"): [
        Case(MODERATORS, params=DATASOURCE, body={"topic": "t", "payload": "1"})
    ],
    ("GET", "/api/datasources/{id}/refused/"): [Case(MODERATORS, params=DATASOURCE)],
    ("GET", "/api/datasources/{id}/dead-letters/"): [Case(MODERATORS, params=DATASOURCE)],
    ("GET", "/api/timeseries/query/"): [Case("401 400 400 400 400 400")],
    ("POST", "/api/timeseries/query/"): [
        Case("401 400 200 200 200 200", body={"datapoints": some_datapoint}),
        Case("401 400 400 200 200 200", body={"datapoints": others_datapoint}, name="another's"),
    ],
    ("GET", "/api/prometheus/api/v1/query"): [Case("401 400 400 400 400 400")],
    ("POST", "/api/prometheus/api/v1/query"): [Case(SIGNED_IN, body={"query": "1"})],
    ("GET", "/api/prometheus/api/v1/query_range"): [Case("401 400 400 400 400 400")],
    ("POST", "/api/prometheus/api/v1/query_range"): [
        Case(SIGNED_IN, body={"query": "1", "start": "0", "end": "1", "step": "1"})
    ],
    ("GET", "/api/prometheus/api/v1/series"): [Case(SIGNED_IN)],
    ("POST", "/api/prometheus/api/v1/series"): [Case(SIGNED_IN)],
    ("GET", "/api/prometheus/api/v1/labels"): [Case(SIGNED_IN)],
    ("POST", "/api/prometheus/api/v1/labels"): [Case(SIGNED_IN)],
    ("GET", "/api/prometheus/api/v1/label/{name}/values"): [Case(SIGNED_IN, params={"name": "unit"})],
    ("GET", "/api/prometheus/api/v1/metadata"): [Case(SIGNED_IN)],
    ("GET", "/api/prometheus/api/v1/status/buildinfo"): [Case(SIGNED_IN)],
}

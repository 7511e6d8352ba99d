"""Who gets which answer from the telemetry module."""

from guildhall.modules.telemetry import configurations, services
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


TABLE: Table = {
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
    ("GET", "/api/datapoints/{id}/"): [
        Case(MEMBERS, params=DATAPOINT),
        Case(OF_OTHERS, params=OTHERS_DATAPOINT, name="another's"),
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
    ("GET", "/api/datasources/{id}/refused/"): [Case(MODERATORS, params=DATASOURCE)],
    ("GET", "/api/datasources/{id}/dead-letters/"): [Case(MODERATORS, params=DATASOURCE)],
    ("GET", "/api/timeseries/query/"): [Case("401 400 400 400 400 400")],
    ("POST", "/api/timeseries/query/"): [
        Case("401 400 200 200 200 200", body={"datapoints": some_datapoint}),
        Case("401 400 400 200 200 200", body={"datapoints": others_datapoint}, name="another's"),
    ],
}

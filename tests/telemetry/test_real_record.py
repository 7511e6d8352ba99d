"""A year of hourly temperatures that somebody measured, published by a client that nobody here wrote, read by months.

The record is Seattle's of 2010, which the package vega_datasets brings (source: NOAA). pandas says what the months are.
"""

import subprocess

import pandas as pd
import pytest
from rest_framework.test import APIClient
from vega_datasets import local_data

from guildhall.modules.telemetry.models import Datapoint
from guildhall.settings import settings
from tests.support import samples
from tests.support.broker import authority, mosquitto_program, wait_for

pytestmark = pytest.mark.usefixtures("gate_running", "consumer_running")
#: The record's degrees have one decimal, and a month some 720 of them.
TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def record() -> "pd.Series[float]":
    rows = local_data.seattle_temps()
    return pd.Series(rows["temp"].to_numpy(), pd.DatetimeIndex(rows["date"], tz="UTC"))


def replay(source, record) -> None:
    """Publish every hour as a message of its own, at QoS 1 over TLS."""
    lines = "".join(f'{{"ts": "{at.isoformat()}", "value": {value}}}\n' for at, value in record.items())
    command = [mosquitto_program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(settings.mqtt_port)]
    command += ["--cafile", str(authority()), "-u", source.login[0], "-P", source.secret]
    command += ["-q", "1", "-l", "-t", source.topic("temperature")]
    subprocess.run(command, input=lines, text=True, timeout=120, check=True)


def test_real_record_months_are_those_of_pandas(source, committed_house, record):
    replay(source, record)
    wait_for(lambda: len(samples.stored()) == len(record), at_most_s=60)
    samples.seal()
    client = APIClient()
    client.force_login(committed_house.admin)
    path = f"/api/datapoints/{Datapoint.objects.get(key='temperature').pk}/aggregates/"
    for zone in ("UTC", "America/Los_Angeles", "Asia/Kolkata"):
        answer = client.get(path, {"interval": "month", "tz": zone, "functions": "avg,min,max,count"})
        assert answer.status_code == 200, answer.content
        found = {row["ts"]: row for row in answer.json()["results"]}
        months = record.tz_convert(zone).resample("MS")
        expected = months.agg(["mean", "min", "max", "count"])
        assert [pd.Timestamp(ts).tz_convert(zone) for ts in found] == list(expected.index)
        for row, (_, wanted) in zip(found.values(), expected.iterrows(), strict=True):
            assert row["avg"] == pytest.approx(wanted["mean"], rel=TOLERANCE)
            assert (row["min"], row["max"], row["count"]) == (wanted["min"], wanted["max"], wanted["count"])

"""A device that sends garbage as fast as it can does not slow the others down."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from guildhall.stack.servers import temporary_home
from tests.faults.flow import Flow, Site
from tests.support import samples
from tests.support.broker import wait_for

#: A value of the honest device is to be stored so soon, at the latest, on a machine that does much else.
PATIENCE_S = 5.0
VALUES = 40
FLOOD_S = 8
MAKE_SOURCE = """
import django; django.setup()
import json
from guildhall.core.organizations.models import Project
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.services import create_datasource
from guildhall.core.accounts.models import User
made = create_datasource(actor=User.objects.get(), project=Project.objects.get(), name="Garbage")
print(json.dumps([made.datasource.username, made.secret]))
"""
FLOOD = """
import sys, time
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
port, username, secret, seconds = sys.argv[1:]
client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="garbage")
client.username_pw_set(username, secret)
client.reconnect_delay_set(0.1, 0.2)
client.connect("127.0.0.1", int(port))
client.loop_start()
end, sent = time.time() + float(seconds), 0
while time.time() < end:
    if client.is_connected():
        for _ in range(200):
            client.publish(f"guildhall/d/{username}/t", b"{garbage", qos=0)
            sent += 1
    else:
        time.sleep(0.01)
print(sent)
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with ExitStack() as running:
        yield Site(running.enter_context(temporary_home()), running)


@contextmanager
def garbage(site: Site) -> Iterator[None]:
    username, secret = json.loads(site.run_python("-c", MAKE_SOURCE))
    command = [sys.executable, "-c", FLOOD, str(site.nats.mqtt_port), username, secret, str(FLOOD_S)]
    with subprocess.Popen(command) as flood:
        yield
        flood.wait(FLOOD_S + 20)


def delays(site: Site) -> list[float]:
    """How long each of some values took from being published until it was stored."""
    found = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="honest")
    client.username_pw_set(site.username, site.secret)
    wait_for(lambda: client.connect("127.0.0.1", site.nats.mqtt_port) == 0)
    client.loop_start()
    with site.connect() as connection:
        connection.autocommit = True
        for number in range(VALUES):
            began = time.monotonic()
            client.publish(f"guildhall/d/{site.username}/t", json.dumps({"ts": number, "value": number}), qos=1)
            wait_for(
                lambda number=number: any(sample.value == number for sample in samples.stored_in(connection)),
                at_most_s=60,
                what="the honest device's value",
            )
            found.append(time.monotonic() - began)
            time.sleep(0.1)
    client.disconnect()
    client.loop_stop()
    return sorted(found)


def test_garbage_at_full_rate_does_not_slow_others(site):
    with Flow(site, 50) as flow:
        flow.wait_until_it_flows(50)
        flow.finish()
    alone = delays(site)
    with garbage(site):
        beside = delays(site)
    with site.connect() as connection:
        (row,) = connection.execute(
            "SELECT paused_until IS NOT NULL, messages_rejected FROM telemetry_datasource WHERE name = 'Garbage'"
        ).fetchall()
        print(f"median {alone[VALUES // 2]:.3f} s alone, {beside[VALUES // 2]:.3f} s beside; "
              f"longest {alone[-1]:.3f} s and {beside[-1]:.3f} s; {row[1]} rejected")  # fmt: skip
        assert row[0]
        assert row[1] > 6000
    assert beside[-1] < PATIENCE_S
    assert beside[VALUES // 2] < 1

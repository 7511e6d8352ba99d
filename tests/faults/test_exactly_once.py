"""Processes and servers are killed while a device publishes; every acknowledged value is stored, and none twice."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from guildhall.stack.servers import temporary_home
from tests.faults.flow import Flow, Site, assert_chunks_and_rollups_fit, assert_everything_is_stored_once, stored_values
from tests.support.broker import Program, wait_for

RATE = 1000
VICTIMS = ("consumer", "sealer", "postgresql", "nats", "gate", "valkey")


@pytest.fixture
def site() -> Iterator[Site]:
    with ExitStack() as running:
        home = running.enter_context(temporary_home())
        yield Site(home, running)


def test_kill_of_each_in_turn_loses_and_doubles_nothing(site):
    with Flow(site, RATE) as flow:
        for victim in VICTIMS:
            flow.wait_until_it_flows()
            site.kill(victim)
        flow.wait_until_it_flows()
        flow.finish()
        assert_everything_is_stored_once(site, flow)
        assert_chunks_and_rollups_fit(site, flow)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_hundred_rounds_of_kills_lose_and_double_nothing(site):
    rng = random.Random(2)
    with Flow(site, RATE) as flow:
        for _ in range(100):
            flow.wait_until_it_flows()
            for victim in rng.sample(VICTIMS, rng.randint(1, 2)):
                time.sleep(rng.uniform(0, 0.5))
                site.kill(victim)
        flow.finish(300)
        assert_everything_is_stored_once(site, flow)
        assert_chunks_and_rollups_fit(site, flow)


def test_second_consumer_stands_by_and_takes_over(site):
    with Program("guildhall.modules.telemetry.ingest.main:main", site.environment), Flow(site, RATE) as flow:
        flow.wait_until_it_flows()
        site.consumer.kill()
        flow.wait_until_it_flows()
        wait_for(lambda: stored_values(site) >= set(range(300)), what="the other consumer")
        site.consumer.start()
        flow.finish()
        assert_everything_is_stored_once(site, flow)

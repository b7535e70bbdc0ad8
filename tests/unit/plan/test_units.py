"""Clusters of a pool, as runs look at them."""

from dataclasses import replace

import pytest
from daskflow.plan.units import Unit, ordinal_of, template_of, waiting_for

from tests.unit.plan.pool.stage import full
from tests.unit.plan.stage import SETTINGS


@pytest.mark.parametrize(
    ("name", "number"),
    [("small-x7k2p-41", 41), ("small", 0), ("small-x", 0), ("a-1234567890", 0), ("a-٣", 0)],
)
def test_the_number_is_the_end_of_a_name(name: str, number: int) -> None:
    assert ordinal_of(name) == number


def test_those_of_the_template_that_live() -> None:
    pool = full(ready=3)
    ended = pool.with_status({"phase": "Stopped"}, 0)
    going = {**ended.units[1], "metadata": {**ended.units[1]["metadata"], "deletionTimestamp": "now"}}
    there = replace(ended, units=(ended.units[0], going, ended.units[2]))
    found = waiting_for(there.resource, there.units, None, SETTINGS)
    assert found is not None
    given, units = found
    assert given.spec["image"] == "flows:1"
    assert [unit.ordinal for unit in units] == [3]
    assert units[0].waits
    changed = pool.spec(template={"spec": {"image": "flows:2"}})
    assert waiting_for(changed.resource, changed.units, None, SETTINGS) is not None
    assert not waiting_for(changed.resource, changed.units, None, SETTINGS)[1]  # type: ignore[index]


def test_one_that_somebody_has_changed_is_of_no_template() -> None:
    pool = full()
    changed = {**pool.units[0], "metadata": {**pool.units[0]["metadata"], "generation": 2}}
    assert Unit(changed).hash == ""
    assert Unit(pool.units[1]).hash != ""
    later = replace(pool, units=(changed, pool.units[1]))
    assert [delete.uid for delete in later.plan().deletes] == [changed["metadata"]["uid"]]


def test_a_pool_that_cannot_be_read_has_none() -> None:
    assert waiting_for({"spec": {"ready": 1}}, (), None, SETTINGS) is None
    assert template_of(None) == {}
    assert template_of({"spec": {}}) == {}


def test_one_is_deleted_as_it_was_seen() -> None:
    unit = Unit(full().units[0])
    assert (unit.deletion.uid, unit.deletion.revision) == (unit.uid, "5")

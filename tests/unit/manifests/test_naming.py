"""Names of children: valid for pods, Services and labels whatever the owner's name is."""

import re
from datetime import timedelta

import pytest
from daskflow.manifests.naming import (
    base_name,
    cluster_name,
    runner_name,
    scheduled_run_name,
    worker_name,
    worker_ordinal,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.schedule.stage import MIDNIGHT, UID

LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
owners = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?", fullmatch=True)
groups = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?", fullmatch=True)


@given(owners, st.uuids(), st.integers(1, 999), groups, st.integers(0, 9999))
def test_every_name_is_a_dns_label(owner: str, uid: object, attempt: int, group: str, ordinal: int) -> None:
    base = base_name(owner, str(uid), attempt)
    for name in (base, runner_name(owner, str(uid), attempt), worker_name(base, ordinal, group)):
        assert LABEL.fullmatch(name), name
        assert len(name) <= 63
    assert worker_ordinal(worker_name(base, ordinal, group)) == ordinal


def test_incarnations_attempts_and_long_names_stay_apart() -> None:
    long = "a" * 50
    names = {
        cluster_name(long + tail, uid, attempt)
        for tail in ("",)
        for uid in ("one", "two")
        for attempt in (1, 2)
    }
    assert len(names) == 4


def test_a_short_name_is_kept_whole() -> None:
    assert cluster_name("diamond", "uid", 1).startswith("diamond-")


@pytest.mark.parametrize("name", ["x", "a" * 50, "a" * 27 + "-" * 10 + "b"])
def test_names_of_runs_fit(name: str) -> None:
    made = scheduled_run_name(name, UID, MIDNIGHT)
    assert len(made) <= 50
    assert "." not in made
    assert made.startswith(name[:5])
    assert made != scheduled_run_name(name, "another", MIDNIGHT)
    assert made != scheduled_run_name(name, UID, MIDNIGHT + timedelta(seconds=10))

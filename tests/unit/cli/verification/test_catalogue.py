"""The catalogue is consistent, and all that its checks make could be made."""

import re
from collections import Counter
from pathlib import Path

import pytest
from daskflow.api.clusterpool import ClusterPoolSpec
from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.api.flowschedule import FlowScheduleSpec
from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.verification.catalogue import CHECKS, PROBE
from daskflow.cli.verification.check import Check, Expect, Look, Make, Operator, Until
from daskflow.cli.verification.reference import page
from daskflow.client.checks import known, understood
from daskflow.client.kinds import KINDS

from benchmarks.verify_hints import CAUGHT_BY
from tests.simulation.mutants import MUTANTS
from tests.unit.cli.verification.seen import item, observed

ALL = (PROBE, *CHECKS)
CLOUDY = {kind: [item("x", status={"address": "tls://10.0.0.1:8786"})] for kind in (FLOW_RUN, DASK_CLUSTER)}


def test_there_are_enough_of_them_in_little_enough_time() -> None:
    assert len(ALL) >= 60
    assert sum(each.quick for each in ALL) >= 15
    longest = max(each.seconds for each in CHECKS if each.quick)
    assert longest <= 420, "a quick check that fails should not take long to say so"


def test_slugs_are_words_that_tell_objects_apart() -> None:
    assert [slug for slug, times in Counter(each.slug for each in ALL).items() if times > 1] == []
    # With a prefix of four letters and `-part` a name is not cut (manifests.naming).
    assert [each.slug for each in ALL if not re.fullmatch(r"[a-z0-9]{1,14}", each.slug)] == []


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.slug)
def test_what_a_check_makes_is_understood(check: Check) -> None:
    seen = observed("x", **CLOUDY)
    for step in check.steps:
        if not isinstance(step, Make) or step.refused:
            continue
        made = step.what(seen)
        assert made["kind"] in KINDS
        assert KINDS[made["kind"]].version == made["apiVersion"]
        if made["kind"] == FLOW_RUN:
            understood(made)
        elif made["kind"] == DASK_CLUSTER:
            known(made["spec"], DaskClusterSpec.model_validate(made["spec"]), "spec")
        elif made["kind"] == CLUSTER_POOL:
            known(made["spec"], ClusterPoolSpec.model_validate(made["spec"]), "spec")
        elif made["kind"] == FLOW_SCHEDULE:
            known(made["spec"], FlowScheduleSpec.model_validate(made["spec"]), "spec")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.slug)
def test_a_check_can_fail(check: Check) -> None:
    """Nothing that was seen satisfies it, where it is not one that says that it cannot prove anything."""
    seen = observed("x")
    waits = [step.moment for step in check.steps if isinstance(step, Until | Look)]
    wrong = [each(seen) for step in check.steps if isinstance(step, Expect) for each in step.expectations]
    refused = [step for step in check.steps if isinstance(step, Make) and step.refused]
    fails = any(not moment.here(seen) for moment in waits) or any(wrong) or bool(refused)
    assert fails or check.slug in ("faults", "nodes")


def test_who_stops_the_operator_starts_it_again() -> None:
    for check in ALL:
        acts = [step.act for step in check.steps if isinstance(step, Operator)]
        assert acts in ([], ["delete"], ["stop", "start"], ["upgrade"]), check.slug
        assert ("stop" in acts) == ("stop operator" in check.needs)
        assert ("upgrade" in acts) == ("upgrade" in check.needs)


def test_hints_name_mutants_and_checks_that_there_are() -> None:
    assert set(CAUGHT_BY) <= {mutant.name for mutant in MUTANTS if not mutant.test}
    assert {slug for slugs in CAUGHT_BY.values() for slug in slugs} <= {each.slug for each in CHECKS}


def test_the_page_of_checks_is_made_from_the_catalogue() -> None:
    docs = Path(__file__).parents[4] / "docs"
    assert (docs / "verify-checks.md").read_text() == page(), "run make crds"

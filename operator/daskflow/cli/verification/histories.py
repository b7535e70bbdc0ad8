"""Expectations about the order in which things happened."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.names import FLOW_RUN, GATE_JOURNAL
from daskflow.cli.verification.check import Expectation
from daskflow.cli.verification.observed import PODS_ENDS, Observed, labels, phase_of, version


def one_after_another(component: str) -> Expectation:
    """No pod of a component was made while an earlier one had yet to end."""

    def wrong(seen: Observed) -> str:
        histories = sorted(seen.pod_histories(component), key=lambda each: version(each[0].object))
        for one, other in pairwise(histories):
            over = next((each for each in one if phase_of(each.object) in PODS_ENDS), one[-1])
            if version(other[0].object) < version(over.object):
                return f"{name(other[0].object)} was made while {name(one[0].object)} had yet to end"
        return ""

    return wrong


def waits_grow(component: str) -> Expectation:
    """Between pods that die at once it takes longer and longer."""

    def wrong(seen: Observed) -> str:
        made = sorted(instant(name_created(pod)) for pod in seen.pods(component, ever=True))
        gaps = [(two - one).total_seconds() for one, two in pairwise(made)]
        grows = len(gaps) >= 2 and gaps[-1] >= gaps[0] + 1
        return "" if grows else f"its {component} pods came after {gaps} seconds, which do not grow"

    return wrong


def gated_until_written_down(seen: Observed) -> str:
    """A runner without a cluster was made behind a gate that went after its uid was in the status."""
    for history in seen.pod_histories("runner"):
        first = history[0].object
        gates = [each["name"] for each in first["spec"].get("schedulingGates") or ()]
        if GATE_JOURNAL not in gates:
            return f"the pod {name(first)} was made without the gate {GATE_JOURNAL}"
        opened = next(
            (
                version(each.object)
                for each in history
                if GATE_JOURNAL
                not in [gate["name"] for gate in each.object["spec"].get("schedulingGates") or ()]
            ),
            0,
        )
        written = next(
            (
                version(each.object)
                for each in seen.versions(FLOW_RUN)
                if any(
                    (attempt.get("runner") or {}).get("uid") == first["metadata"]["uid"]
                    for attempt in (each.object.get("status") or {}).get("attempts") or ()
                )
            ),
            0,
        )
        if not written or (opened and opened < written):
            return f"the gate of {name(first)} went before its uid was in the run's status"
    return ""


def made_before_settled(seen: Observed) -> str:
    """No tick was written down as settled before its run was there."""
    runs = {
        labels(history[0].object).get("daskflow.dev/scheduled-time", ""): version(history[0].object)
        for history in seen.histories.get(FLOW_RUN, {}).values()
    }
    for each in seen.versions("FlowSchedule"):
        last = (each.object.get("status") or {}).get("lastScheduleTime")
        if not last:
            continue
        tick = last.replace("-", "").replace(":", "")
        if tick in runs and runs[tick] > version(each.object):
            return f"the tick {last} was settled before its run was made"
    return ""


def ticks(seen: Observed) -> Sequence[str]:
    """Of all runs that ever were, in order."""
    found = [labels(run).get("daskflow.dev/scheduled-time", "") for run in seen.ever(FLOW_RUN)]
    return sorted(found)


def no_tick_twice(seen: Observed) -> str:
    """Each tick has had one run."""
    found = ticks(seen)
    return "" if len(found) == len(set(found)) else f"a tick has had two runs: {', '.join(found)}"


def never_beside(seen: Observed) -> str:
    """No run of a schedule began while another one was live."""
    histories = sorted(
        seen.histories.get(FLOW_RUN, {}).values(), key=lambda history: version(history[0].object)
    )
    for one, other in pairwise(histories):
        over = [version(each.object) for each in one if phase_of(each.object) in ("Succeeded", "Failed")]
        if not over or over[0] > version(other[0].object):
            return f"{name(other[0].object)} was made while {name(one[0].object)} was live"
    return ""


def started_at_once(seconds: float) -> Expectation:
    """A run that had waited for the one before began at most so long after its end."""

    def wrong(seen: Observed) -> str:
        runs = sorted(seen.ever(FLOW_RUN), key=name_created)
        for one, other in pairwise(runs):
            over = (one.get("status") or {}).get("completionTime")
            tick = (other["metadata"].get("annotations") or {}).get("daskflow.dev/scheduled-time")
            if not over or not tick or instant(tick) > instant(over):
                continue
            late = (instant(name_created(other)) - instant(over)).total_seconds()
            if late > seconds:
                return f"{name(other)} began {late:g} s after the end of the run for which it waited"
        return ""

    return wrong


def no_tick_before_change(seconds: float) -> Expectation:
    """No run is of a tick in the first so many seconds of its schedule's life."""

    def wrong(seen: Observed) -> str:
        schedules = seen.ever("FlowSchedule")
        if not schedules:
            return "there is no schedule"
        made = instant(name_created(schedules[0]))
        for run in seen.ever(FLOW_RUN):
            tick = (run["metadata"].get("annotations") or {}).get("daskflow.dev/scheduled-time", "")
            if (instant(tick) - made).total_seconds() < seconds:
                return f"{name(run)} is of the tick {tick}, which was before the schedule had it"
        return ""

    return wrong


def name(item: Any) -> str:
    """An object's name."""
    return str(item["metadata"]["name"])


def name_created(item: Any) -> str:
    """When an object was created."""
    return str(item["metadata"]["creationTimestamp"])

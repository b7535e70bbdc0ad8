"""What has to hold at a check's end, or on its way: each answers with what is wrong, "" where nothing is."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.names import FLOW_RUN
from daskflow.cli.verification.check import Expectation, Moment
from daskflow.cli.verification.observed import Observed

LONGEST_MESSAGE = 1000
"""Characters of a status' sentence: one that holds an exception's is cut."""


def holds(fault: str, question: Callable[[Observed], bool]) -> Expectation:
    """Anything, with the sentence for where it does not hold."""
    return lambda seen: "" if question(seen) else fault


def at(moment: Moment) -> Expectation:
    """A moment is there now."""
    return holds(f"expected {moment.what}", moment.here)


def _said(status: Any) -> str:
    words = [str(status.get(name)) for name in ("phase", "reason", "message") if status.get(name)]
    return ": ".join(words) or "without a status"


def end(phase: str, *reasons: str, part: str = "", kind: str = FLOW_RUN) -> Expectation:
    """It is in this phase, for one of these reasons where some are given."""

    def wrong(seen: Observed) -> str:
        status = seen.status(part, kind)
        if status.get("phase") == phase and (not reasons or status.get("reason") in reasons):
            return ""
        wanted = f"{phase} ({' or '.join(reasons)})" if reasons else phase
        return f"{seen.name(part)} should be {wanted} and is {_said(status)}"

    return wrong


def result(wanted: Any, part: str = "") -> Expectation:
    """The run has succeeded with this result."""

    def wrong(seen: Observed) -> str:
        status = seen.status(part)
        if status.get("phase") != "Succeeded":
            return f"{seen.name(part)} should have succeeded and is {_said(status)}"
        found = status.get("result")
        return "" if found == wanted else f"its result should be {wanted!r} and is {found!r}"

    return wrong


def outcomes(*wanted: str, part: str = "") -> Expectation:
    """Of its attempts, in order."""

    def wrong(seen: Observed) -> str:
        found = [str(each.get("outcome")) for each in seen.attempts(part)]
        if found == list(wanted):
            return ""
        return f"its attempts should have ended {', '.join(wanted)} and ended {', '.join(found) or 'not'}"

    return wrong


def failures(flow: int = 0, infrastructure: int = 0, start: int = 0, part: str = "") -> Expectation:
    """What its failures were charged to."""
    wanted = {"flow": flow, "infrastructure": infrastructure, "start": start}

    def wrong(seen: Observed) -> str:
        found = seen.status(part).get("failures")
        return "" if found == wanted else f"failures should be charged as {wanted} and are {found}"

    return wrong


def message(words: str, part: str = "", kind: str = FLOW_RUN) -> Expectation:
    """Its status' sentence has these words, and is one line that is not too long."""

    def wrong(seen: Observed) -> str:
        found = str(seen.status(part, kind).get("message") or "")
        if len(found) > LONGEST_MESSAGE or "\n" in found:
            return f"its message has {len(found)} characters"
        return "" if words in found else f"its message should have {words!r} and is {found!r}"

    return wrong


def failure(part: str = "", **wanted: str) -> Expectation:
    """Fields of status.failure have these words in them."""

    def wrong(seen: Observed) -> str:
        found = seen.status(part).get("failure") or {}
        lacks = [name for name, words in wanted.items() if words not in str(found.get(name))]
        return f"status.failure should tell {', '.join(lacks)} and is {found}" if lacks else ""

    return wrong


def printed(words: str, times: int = 1) -> Expectation:
    """The logs that were read have these words so often."""
    return lambda seen: (
        ""
        if seen.logs.count(words) == times
        else f"{words!r} should have been printed {times} times and was {seen.logs.count(words)} times"
    )


def ever(number: int, kind: str) -> Expectation:
    """There never were more or fewer objects of a kind."""
    return lambda seen: (
        ""
        if len(seen.ever(kind)) == number
        else f"there should have been {number} objects of the kind {kind} and were {len(seen.ever(kind))}"
    )


def pods_ever(number: int, component: str, part: str = "") -> Expectation:
    """There never were more or fewer pods of a component."""

    def wrong(seen: Observed) -> str:
        found = len(seen.pods(component, part, ever=True))
        return "" if found == number else f"there should have been {number} {component} pods and were {found}"

    return wrong


def waited(seconds: float, part: str = "") -> Expectation:
    """From the end of each attempt to the beginning of the next one at least so long."""

    def wrong(seen: Observed) -> str:
        attempts = seen.attempts(part)
        for one, other in pairwise(attempts):
            gap = (instant(other["startTime"]) - instant(one["endTime"])).total_seconds()
            if gap < seconds - 1:  # times are written in whole seconds
                return f"the next attempt began {gap:g} s after the one before, not {seconds:g} s"
        return ""

    return wrong


def annotated(component: str, annotation: str, value: str) -> Expectation:
    """All pods of a component that ever were have this annotation."""

    def wrong(seen: Observed) -> str:
        for pod in seen.pods(component, ever=True):
            found = (pod["metadata"].get("annotations") or {}).get(annotation)
            if found != value:
                pod_name = pod["metadata"]["name"]
                return f"{pod_name} should have the annotation {annotation}: {value} and has {found}"
        return ""

    return wrong


def claimed(reason: str, words: str = "", part: str = "") -> Expectation:
    """What the run's last attempt has of its pool, with these words in its sentence."""

    def wrong(seen: Observed) -> str:
        claim = (seen.attempts(part) or ({},))[-1].get("claim") or {}
        if claim.get("reason") == reason and words in str(claim.get("message")):
            return ""
        wanted = f"{reason} ({words})" if words else reason
        return f"{seen.name(part)} should have {wanted} of its pool and has {claim or 'nothing'}"

    return wrong


def never_shared(*parts: str) -> Expectation:
    """No two attempts of these runs have had the same cluster."""

    def wrong(seen: Observed) -> str:
        uids = [str(each.get("clusterUid")) for part in parts for each in seen.attempts(part)]
        return "" if uids and len(set(uids)) == len(uids) else f"clusters were shared: {', '.join(uids)}"

    return wrong

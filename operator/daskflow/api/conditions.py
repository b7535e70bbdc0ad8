"""Conditions as Kubernetes and kstatus (Flux, `helm --wait`) read them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from daskflow.api.model import Model

READY = "Ready"
RECONCILING = "Reconciling"
STALLED = "Stalled"
CLUSTER_READY = "ClusterReady"
SUCCEEDED = "Succeeded"
IMAGE_SKEW = "ImageSkew"
"""Only there when it is true."""
CERTIFICATE_EXPIRING = "CertificateExpiring"
"""Only there when it is true."""
WRITE_REFUSED = "WriteRefused"
"""Only there when it is true: the API server refuses what the object needs changed or deleted."""
CATCH_UP_CUT = "CatchUpCut"
"""Of a FlowSchedule; only there when it is true."""
INSTANT = "Instant"
"""Of a FlowRun with `spec.pool`, or of a schedule that makes clusters ahead: whether a cluster waited."""
UNUSED = "Unused"
"""Of a ClusterPool; only there when it is true: no run has claimed a cluster for a day."""


class Condition(Model):
    """One aspect of the object's state, in the shape all of Kubernetes uses."""

    type: str = Field(
        description="Ready, Reconciling, Stalled (kstatus), ClusterReady, Succeeded, ImageSkew, "
        "CertificateExpiring, WriteRefused, CatchUpCut or Unused."
    )
    status: Literal["True", "False", "Unknown"] = Field(description="Whether the condition holds.")
    reason: str = Field(description="A CamelCase word from the table of reasons.")
    message: str = Field(default="", description="One sentence for people.")
    observed_generation: int = Field(default=0, description="The generation of the spec this was found for.")
    last_transition_time: str | None = Field(default=None, description="When `status` last changed.")


def timestamp(at: datetime) -> str:
    """A time as Kubernetes writes it: RFC 3339, UTC, whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """The time a Kubernetes timestamp stands for. Raises ValueError."""
    # Python 3.10 reads no Z.
    return datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)


def updated(old: Iterable[Condition], wanted: Iterable[Condition], now: datetime) -> tuple[Condition, ...]:
    """The wanted conditions, each with the time of its last change of `status` carried over from `old`."""
    before = {condition.type: condition for condition in old}
    result = []
    for condition in wanted:
        last = before.get(condition.type)
        since = last.last_transition_time if last and last.status == condition.status else None
        result.append(condition.model_copy(update={"last_transition_time": since or timestamp(now)}))
    return tuple(result)


def noted(conditions: Iterable[Condition], generation: int) -> dict[str, object]:
    """What changes in a status that holds for this generation too: `kubectl wait` looks at each condition."""
    changes = {"observed_generation": generation}
    return {**changes, "conditions": tuple(condition.model_copy(update=changes) for condition in conditions)}

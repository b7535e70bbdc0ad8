"""How a FlowRun ended, as plain data, and which exception of Airflow that is. Pure."""

from typing import Any, TypedDict

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

Run = dict[str, Any]
"""A FlowRun as the API server has it."""

POINTLESS = frozenset(
    {
        "Cancelled",
        "ClusterUnfit",
        "ContainerCannotRun",
        "EntrypointInvalid",
        "ImageInvalid",
        "ParametersInvalid",
        "Refused",
        "SpecInvalid",
        "StatusInvalid",
    }
)
"""Reasons after which another try cannot end otherwise; somebody who cancels a run means it, too."""


ANNOTATION_GIVEN_UP = "airflow.daskflow.dev/given-up"
"""On a run that its own task has cancelled, as it was marked, cleared or told to end."""


class Ended(TypedDict):
    """What a trigger says of a run that has ended: the same whoever looks, and whenever."""

    name: str
    namespace: str
    phase: str | None
    """Succeeded, Failed or Cancelled; None: the run is not there, or cannot be read, as the message says."""
    reason: str
    message: str
    result: Any
    note: str
    """What there is to say about a result that is missing or changed."""
    traceback: str
    given_up: bool
    """Whether it was cancelled by the task that made it: no end for a later try that went on with it."""


def ended(run: Run) -> bool:
    """Whether the run is in a phase that never changes."""
    return (run.get("status") or {}).get("phase") in ("Succeeded", "Failed", "Cancelled")


def outcome(run: Run) -> Ended:
    """That of a run that has ended."""
    metadata, status = run["metadata"], run["status"]
    failure = status.get("failure") or {}
    return Ended(
        name=metadata["name"],
        namespace=metadata["namespace"],
        phase=status["phase"],
        reason=status.get("reason") or "",
        message=status.get("message") or "",
        result=status.get("result"),
        note=status.get("resultNote") or "",
        traceback=failure.get("traceback") or "",
        given_up=status["phase"] == "Cancelled"
        and ANNOTATION_GIVEN_UP in (metadata.get("annotations") or {}),
    )


def lost(name: str, namespace: str, reason: str, message: str) -> Ended:
    """That of a run of which nothing can be learned any more."""
    return Ended(
        name=name,
        namespace=namespace,
        phase=None,
        reason=reason,
        message=message,
        result=None,
        note="",
        traceback="",
        given_up=False,
    )


NOT_READABLE = "NotReadable"
"""The reason of a run that a triggerer cannot follow: the task's own process may be able to."""


def gone(name: str, namespace: str) -> Ended:
    """That of a run which somebody deleted."""
    return lost(
        name, namespace, "RunDeleted", "somebody deleted the run before it had ended, or its end was seen"
    )


def failure(end: Ended) -> AirflowException | None:
    """What a task raises; None when the run succeeded."""
    if end["phase"] == "Succeeded":
        return None
    text = f"FlowRun {end['namespace']}/{end['name']}: {end['reason']}: {end['message']}"
    kind = AirflowFailException if end["reason"] in POINTLESS else AirflowException
    return kind(text)


def described(run: Run) -> str:
    """Where the run is, in a line; the same as long as there is nothing new to say."""
    status = run.get("status") or {}
    words = [status.get("phase") or "Pending", status.get("reason"), status.get("message")]
    return ": ".join(filter(None, words))

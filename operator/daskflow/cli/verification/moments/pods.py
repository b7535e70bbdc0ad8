"""What pods are there."""

from daskflow.api.names import LABEL_COMPONENT
from daskflow.cli.verification.check import Moment
from daskflow.cli.verification.observed import Observed, labels, phase_of


def pods(number: int, component: str = "", part: str = "") -> Moment:
    """So many pods have not ended."""
    return Moment(
        f"{number} live {component} pods".replace("  ", " "),
        lambda seen: len(seen.living(component, part)) == number,
    )


def no_pods(part: str = "") -> Moment:
    """All pods are gone, stopped ones too."""
    return Moment("all pods to be gone", lambda seen: not seen.pods("", part))


def pod_is(wanted: str, component: str, part: str = "") -> Moment:
    """A pod of this component is in this phase."""
    return Moment(
        f"the {component}'s pod to be {wanted}",
        lambda seen: any(phase_of(pod) == wanted for pod in seen.pods(component, part)),
    )


def pod_ended(part: str) -> Moment:
    """A pod of this name has ended."""
    return Moment(
        f"the pod {part} to end",
        lambda seen: phase_of(seen.get("Pod", part) or {"metadata": {}}) in ("Succeeded", "Failed"),
    )


def new_pod(component: str, number: int = 2) -> Moment:
    """At least so many pods of this component ever were."""
    return Moment(
        f"{component} pod number {number}", lambda seen: len(seen.pods(component, ever=True)) >= number
    )


def stopped_pods(number: int) -> Moment:
    """At least so many pods have ended and are there."""
    return Moment(f"{number} stopped pods", lambda seen: len(seen.pods()) - len(seen.living()) >= number)


def no_living() -> Moment:
    """No pod of the check's has yet to end."""
    return Moment("all compute to end", lambda seen: not seen.living())


def pods_of_all(number: int, component: str) -> Moment:
    """So many pods of a component are there, stopped ones counted."""
    return Moment(
        f"{number} {component} pods, stopped ones counted", lambda seen: len(seen.pods(component)) == number
    )


def ready_pods(number: int, component: str) -> Moment:
    """So many pods of a component say that they are ready."""

    def here(seen: Observed) -> bool:
        found = [
            pod
            for pod in seen.living(component)
            if any(
                each["type"] == "Ready" and each["status"] == "True"
                for each in (pod.get("status") or {}).get("conditions") or ()
            )
        ]
        return len(found) >= number

    return Moment(f"{number} ready {component} pods", here)


def lives(part: str) -> Moment:
    """A pod of this name has not ended, and nobody asks it to."""
    return Moment(
        f"the pod {part} to be left alone",
        lambda seen: any(
            pod["metadata"]["name"] == seen.name(part)
            and "deletionTimestamp" not in pod["metadata"]
            and "activeDeadlineSeconds" not in pod["spec"]
            for pod in seen.living()
        ),
    )


def labelled(component: str, label: str, value: str) -> Moment:
    """All live pods of a component have this label."""
    return Moment(
        f"the label {label} of the {component}",
        lambda seen: (
            bool(seen.living(component))
            and all(labels(pod).get(label) == value for pod in seen.living(component))
        ),
    )


def labelled_again(component: str) -> Moment:
    """All pods called so have the label of their component."""
    return Moment(
        f"the component of the {component}",
        lambda seen: all(
            labels(pod).get(LABEL_COMPONENT) == component
            for pod in seen.living()
            if f"-{component}-" in pod["metadata"]["name"]
        ),
    )

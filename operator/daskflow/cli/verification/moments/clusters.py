"""What DaskClusters, and what belongs to them, have come to."""

from daskflow.api.names import DASK_CLUSTER, LABEL_ATTEMPT, LABEL_CLUSTER
from daskflow.cli.verification.check import Moment
from daskflow.cli.verification.observed import Observed, labels


def registered(number: int, part: str = "") -> Moment:
    """A cluster of so many workers, all of them there, is ready."""

    def here(seen: Observed) -> bool:
        found, item = seen.status(part, DASK_CLUSTER), seen.get(DASK_CLUSTER, part)
        workers = found.get("workers") or {}
        return (
            found.get("phase") == "Ready"
            and found.get("observedGeneration") == (item.get("metadata") or {}).get("generation")
            and workers.get("ready", 0) == workers.get("desired", 0) == number
        )

    return Moment(f"the cluster to be ready with {number} workers", here)


def another_registered() -> Moment:
    """A worker that is not the first one is ready, and the cluster with it."""

    def here(seen: Observed) -> bool:
        states = [(pod.get("status") or {}).get("containerStatuses") or [{}] for pod in seen.living("worker")]
        ready = any(all(each.get("ready") for each in containers) for containers in states)
        return ready and bool(seen.status("", DASK_CLUSTER).get("phase") == "Ready")

    return Moment("another worker to register", here)


def gone_clusters() -> Moment:
    """There is no DaskCluster of the check any more, though there was one."""
    return Moment(
        "its DaskClusters to be gone", lambda seen: bool(seen.ever(DASK_CLUSTER)) and not seen.clusters()
    )


def new_cluster() -> Moment:
    """A DaskCluster of the check's was there."""
    return Moment("a DaskCluster", lambda seen: bool(seen.ever(DASK_CLUSTER)))


def attempt_label(value: str) -> Moment:
    """The check's DaskClusters are labelled as of this attempt."""
    return Moment(
        "the label of the DaskCluster",
        lambda seen: (
            bool(seen.clusters())
            and all(labels(each).get(LABEL_ATTEMPT) == value for each in seen.clusters())
        ),
    )


def kinds_are_gone(*kinds: str) -> Moment:
    """Nothing of these kinds is found that belongs to the check."""
    return Moment(
        f"{', '.join(kinds)} to be gone", lambda seen: not any(seen.listed.get(kind) for kind in kinds)
    )


def listed(kind: str) -> Moment:
    """Something of a kind is found."""
    return Moment(f"a {kind}", lambda seen: bool(seen.listed.get(kind)))


def selects_its_own() -> Moment:
    """The check's Services select the pods of the cluster whose name they have."""
    return Moment(
        "the Service to select its pods",
        lambda seen: (
            bool(seen.listed.get("Service"))
            and all(
                each["spec"]["selector"].get(LABEL_CLUSTER) == each["metadata"]["name"]
                for each in seen.listed["Service"]
            )
        ),
    )

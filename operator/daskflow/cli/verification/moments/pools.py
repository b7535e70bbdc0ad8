"""What ClusterPools, and runs that claim, have come to."""

from daskflow.api.names import CLUSTER_POOL, FLOW_RUN
from daskflow.cli.verification.check import Moment
from daskflow.cli.verification.observed import Observed


def waiting(number: int) -> Moment:
    """So many clusters of the check's pool wait."""
    return Moment(
        f"{number} clusters to wait", lambda seen: seen.status("", CLUSTER_POOL).get("ready") == number
    )


def claimed_ahead() -> Moment:
    """A run of the check's schedule has succeeded on a cluster that was made before its tick."""

    def here(seen: Observed) -> bool:
        return any(_claimed_ahead(run.get("status") or {}) for run in seen.ever(FLOW_RUN))

    return Moment("a run on a cluster that was made ahead", here)


def _claimed_ahead(status: dict[str, object]) -> bool:
    attempts = status.get("attempts")
    last = attempts[-1] if isinstance(attempts, list) and attempts else {}
    claim = last.get("claim") or {}
    return status.get("phase") == "Succeeded" and claim.get("reason") == "Claimed"

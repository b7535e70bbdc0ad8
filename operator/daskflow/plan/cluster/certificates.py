"""Certificates of a standalone cluster last a year, and Dask cannot take new ones while it runs.

A warning 30 days before; `kubectl replace --force` makes the cluster anew, with new ones.
"""

from datetime import datetime, timedelta

from daskflow.api.conditions import CERTIFICATE_EXPIRING, Condition, instant
from daskflow.api.reasons import Reason
from daskflow.manifests.certificates import VALID_FOR
from daskflow.plan.cluster.view import ClusterView

WARNING = timedelta(days=30)


def expiring_at(view: ClusterView) -> datetime | None:
    """From when on the warning holds; None where there are no certificates, or a run ends before."""
    if view.leased or not view.spec.security.tls.encrypted:
        return None
    return instant(view.resource["metadata"]["creationTimestamp"]) + VALID_FOR - WARNING


def expiry(view: ClusterView) -> tuple[Condition, ...]:
    """The condition, if it holds."""
    at = expiring_at(view)
    if at is None or view.now < at:
        return ()
    end = (at + WARNING).strftime("%Y-%m-%d")
    name = view.resource["metadata"]["name"]
    return (
        Condition(
            type=CERTIFICATE_EXPIRING,
            status="True",
            reason=Reason.CERTIFICATE_EXPIRING.value,
            message=f"{_what(view)} on {end}; before that, delete DaskCluster {name} and apply it again "
            "(kubectl replace --force).",
            observed_generation=view.generation,
        ),
    )


def _what(view: ClusterView) -> str:
    if view.spec.security.tls.mode == "Secret":
        return "The control listener's certificates end, and with them progress and scaling,"
    return "The certificates end, and with them all connections,"

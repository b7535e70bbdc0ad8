"""What Flux and `helm --wait` (Helm 4) conclude from a custom resource: the published rules of kstatus.

Written after `pkg/kstatus/status/generic.go` (`checkGenericProperties`, `checkGeneration`) and `status.go`
(`Compute`, `checkReadyCondition`) of sigs.k8s.io/cli-utils; github.com/fluxcd/cli-utils, which Flux and
Helm use, has the same rules for custom resources.
"""

from collections.abc import Mapping
from typing import Any, Literal

Status = Literal["InProgress", "Current", "Failed", "Terminating"]


def kstatus(resource: Mapping[str, Any]) -> Status:
    """The status of a resource for which kstatus has no rules of its own, as of any custom resource."""
    metadata, status = resource["metadata"], resource.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return "Terminating"
    # Different, not older; and no generation, or none observed, says nothing at all.
    generation, observed = metadata.get("generation"), status.get("observedGeneration")
    if generation is not None and observed is not None and generation != observed:
        return "InProgress"
    conditions = [(item["type"], item["status"]) for item in status.get("conditions") or ()]
    for condition in conditions:
        # The first in the list wins, should both hold.
        if condition == ("Reconciling", "True"):
            return "InProgress"
        if condition == ("Stalled", "True"):
            return "Failed"
    for condition in conditions:
        if condition == ("Ready", "True"):
            return "Current"
        if condition in (("Ready", "False"), ("Ready", "Unknown")):
            return "InProgress"
    return "Current"

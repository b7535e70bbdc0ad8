"""Objects that somebody deleted and that are still there: what they run ends, and nothing new begins.

Normally a deleted object is gone at once, and the garbage collector takes what it owned. Somebody's
finalizer keeps it, and with it all that it owns: whoever holds it until the run has ended is told so.
"""

from daskflow.plan.model import Object

_KUBERNETES_OWN = {"foregroundDeletion", "orphan"}
"""The garbage collector's: it removes the object when its children are gone, or have been let go."""


def deleting(resource: Object) -> bool:
    """Whether it was deleted."""
    return "deletionTimestamp" in resource["metadata"]


def leaving(resource: Object) -> bool:
    """Whether it goes without us: Kubernetes takes care of what it leaves, or its user keeps that."""
    finalizers = set(resource["metadata"].get("finalizers") or ())
    return deleting(resource) and ("orphan" in finalizers or finalizers <= _KUBERNETES_OWN)

"""What a `template` may not touch: tables that `refused_settings` goes by, as those of `dask_settings`.

All else passes through: volumes (hostPath too), sidecars and init containers, GPUs, node selectors,
tolerations, a writable root file system, the service account's token. Whether a namespace takes such a pod
is for its Pod Security to say. Refused is only what undoes `spec.security`, contradicts a field of the spec,
or breaks what operator and pods have agreed on.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """A dotted field, which of its values are refused, and the rest of the sentence about it."""

    field: str
    refuses: Callable[[Any], bool]
    why: str


def _any(value: Any) -> bool:
    return True


def _is(*values: Any) -> Callable[[Any], bool]:
    return lambda value: any(value is each or value == each for each in values)


def _not(wanted: Any) -> Callable[[Any], bool]:
    return lambda value: value != wanted


_DROPS_LESS = "which leaves the container capabilities; leave it out"
_UNCONFINED = "which lifts the filter on system calls; leave it out"
_PROBES = "but the operator learns by probes of its own what the pod is at; use a probe in a sidecar"
_LAST_WORD = "but the operator reads there how the container ended; leave it out"
_NODE = "which opens the node's processes to the pod; leave it out"
_ROOT = "but no container of ours runs as root; give spec.security.runAsUser a number above 0, or Image"

POD = (
    Rule("hostNetwork", _is(True), "which takes the pod out of its network policy; leave it out"),
    Rule("hostPID", _is(True), _NODE),
    Rule("hostIPC", _is(True), _NODE),
    Rule(
        "restartPolicy",
        _not("Never"),
        "but a pod must not start again into a cluster that is over; use spec.retries",
    ),
    Rule(
        "activeDeadlineSeconds",
        _any,
        "but the operator ends pods by it; use spec.deadlines.active of the run",
    ),
    Rule(
        "terminationGracePeriodSeconds",
        _any,
        "but it follows from other fields; use cancelGracePeriod for the runner, drainTimeout for workers",
    ),
    Rule("securityContext.runAsNonRoot", _not(True), _ROOT),
    Rule("securityContext.runAsUser", _is(0, None), _ROOT),
    Rule("securityContext.seccompProfile.type", _is("Unconfined", None), _UNCONFINED),
    Rule("securityContext.appArmorProfile.type", _is("Unconfined"), _UNCONFINED),
)
CONTAINER = (
    Rule("command", _any, "but the pod's process is the operator's; use spec.flow.command or args"),
    Rule("args", _any, "but the pod's process is the operator's; use spec.flow.command or args"),
    Rule("startupProbe", _any, _PROBES),
    Rule("livenessProbe", _any, _PROBES),
    Rule("readinessProbe", _any, _PROBES),
    Rule("terminationMessagePath", _any, _LAST_WORD),
    Rule("terminationMessagePolicy", _any, _LAST_WORD),
    Rule("restartPolicy", _any, "but a container of ours never starts again; use spec.retries"),
    Rule("restartPolicyRules", _any, "but a container of ours never starts again; use spec.retries"),
    Rule("securityContext.privileged", _is(True), "which gives the container the node; leave it out"),
    Rule(
        "securityContext.allowPrivilegeEscalation",
        _not(False),
        "which lets the container gain rights; leave it out",
    ),
    Rule("securityContext.capabilities.add", bool, _DROPS_LESS),
    Rule(
        "securityContext.capabilities.drop",
        lambda value: not isinstance(value, Sequence) or "ALL" not in value,
        _DROPS_LESS,
    ),
    Rule("securityContext.runAsNonRoot", _is(False), _ROOT),
    Rule("securityContext.runAsUser", _is(0), _ROOT),
    Rule("securityContext.seccompProfile.type", _is("Unconfined"), _UNCONFINED),
    Rule("securityContext.appArmorProfile.type", _is("Unconfined"), _UNCONFINED),
    Rule("securityContext.procMount", _is("Unmasked"), "which unhides the kernel; leave it out"),
)

"""Which fields of a spec a platform may give defaults for, and what is wrong with some that were given.

Defaults are written as in the spec of a FlowRun. Those of a namespace may not be what brings code, files or
rights into a pod: who may write its ConfigMap need not be who may make runs.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from daskflow.api.defaults import CONFIG_MAP, CONFIG_MAP_KEY
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.invalid_spec import sentence
from daskflow.api.model import LEVELS, TOO_DEEP, deeper
from daskflow.api.yaml_text import plain
from daskflow.manifests.refused_settings import run_fault

Json = Mapping[str, Any]

NAMESPACE = frozenset({
    "imagePullPolicy",
    "imagePullSecrets",
    "priorityClassName",
    "template.metadata.labels",
    "template.metadata.annotations",
    "template.spec.nodeSelector",
    "template.spec.tolerations",
    "template.spec.affinity",
    "template.spec.topologySpreadConstraints",
    "runner.resources.requests",
    "runner.resources.limits",
    "cluster.scheduler.resources.requests",
    "cluster.scheduler.resources.limits",
    "cluster.workers.resources.requests",
    "cluster.workers.resources.limits",
    "cluster.workers.scratch.sizeLimit",
    "cluster.workers.drainTimeout",
    "cluster.idleTimeout",
    "cluster.noClientTimeout",
    "retries.limit",
    "retries.infrastructureLimit",
    "retries.startLimit",
    "retries.backoff.initial",
    "retries.backoff.factor",
    "retries.backoff.maximum",
    "retries.never.exitCodes",
    "retries.never.exceptions",
    "deadlines.start",
    "deadlines.active",
    "retention.pods.onSuccess",
    "retention.pods.onFailure",
    "retention.runner.onSuccess",
    "retention.runner.onFailure",
    "retention.record.onSuccess",
    "retention.record.onFailure",
    "cancelGracePeriod",
    "report.timeline",
})  # fmt: skip
"""What a namespace may give."""
OPERATOR = NAMESPACE | {
    "env",
    "envFrom",
    "serviceAccountName",
    "template",
    "security.runAsUser",
    "security.networkPolicy.enabled",
    "security.networkPolicy.clients",
    "runner.forwardLogs",
    "runner.template",
    "cluster.scheduler.template",
    "cluster.workers.template",
    "cluster.config",
    "cluster.dashboard",
    "report.to",
}
"""What an installation may give."""

MOST_BYTES = 8 * 1024
"""Of a text with defaults: what of them a run lacked is in its status."""


class DefaultsInvalid(ValueError):
    """What is wrong with given defaults, in one sentence."""


def checked(given: Any, allowed: frozenset[str] = OPERATOR) -> Json:
    """The defaults, if they can be merged into any spec. Raises DefaultsInvalid."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise DefaultsInvalid("defaults is no mapping; write fields as in the spec of a FlowRun.")
    if deeper(given, LEVELS):
        raise DefaultsInvalid(f"defaults is {TOO_DEEP}.")
    for fault in _unknown(given, "", allowed):
        raise DefaultsInvalid(fault)
    try:
        spec = FlowRunSpec.model_validate({"image": "any", "flow": {"script": "pass"}, **given})
    except ValidationError as error:
        raise DefaultsInvalid(sentence(error, "defaults")) from error
    if fault := run_fault(spec):
        raise DefaultsInvalid(fault.replace("spec.", "defaults.", 1))
    return given


@lru_cache(maxsize=256)
def _of_text(text: str) -> Json | str:
    if len(text) > MOST_BYTES:
        return f"{CONFIG_MAP_KEY} has {len(text)} characters; at most {MOST_BYTES} are read."
    try:
        return checked(plain(text), NAMESPACE)
    except DefaultsInvalid as error:
        return str(error)
    except ValueError as error:
        return f"{CONFIG_MAP_KEY} is no YAML: {error!s:.200}."


def of_config_map(data: Json) -> Json:
    """The defaults of a namespace, from its ConfigMap's `data`. Raises DefaultsInvalid."""
    text = data.get(CONFIG_MAP_KEY)
    found = f"it has no key {CONFIG_MAP_KEY}." if text is None else _of_text(text)
    if isinstance(found, str):
        raise DefaultsInvalid(f"ConfigMap {CONFIG_MAP}: {found}")
    return found


def _unknown(given: Json, path: str, allowed: frozenset[str]) -> Iterator[str]:
    """A sentence for each field that may not be given."""
    for name, value in given.items():
        field = f"{path}.{name}" if path else str(name)
        if field in allowed:
            continue
        if any(each.startswith(f"{field}.") for each in allowed):
            if isinstance(value, Mapping):
                yield from _unknown(value, field, allowed)
            else:
                yield f"defaults.{field} is {value!r:.60}, but has fields of its own; write them below it."
            continue
        yield _refused(field, allowed)


def _refused(field: str, allowed: frozenset[str]) -> str:
    of_installation = any(
        f"{one}.".startswith(f"{other}.")
        for each in OPERATOR
        for one, other in ((field, each), (each, field))
    )
    if allowed is NAMESPACE and of_installation:
        return (
            f"defaults.{field} is not for a namespace to give; ask who installs the operator for it "
            "(`defaults` of the chart), or write it in the run."
        )
    near = get_close_matches(field, allowed, 1)
    return f"defaults.{field} is no default; " + (
        f"did you mean {near[0]}?" if near else "the page on defaults has a list of those."
    )

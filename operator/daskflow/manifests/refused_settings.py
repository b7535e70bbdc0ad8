"""What is refused of a spec's `template`, `config`, `args` and `env`, before anything is created.

All else passes through to pods and Dask; `template_rules` and `dask_settings` have the tables.

Each fault is one sentence with path, value and remedy. Wrong types are faults only where they would keep the
pod from being put together; of all others the API server says so.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from daskflow.api.clusterpool import UnitSpec
from daskflow.api.daskcluster import ClusterSpec, DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import GROUP, RUNNER, SCHEDULER, WORKER
from daskflow.api.quantities import size_fault
from daskflow.api.resources import SIZES, EnvVar
from daskflow.api.shared import Shared
from daskflow.manifests.common_pod import MOUNT, OWN_PREFIX, OWN_VOLUMES, SCRATCH
from daskflow.manifests.dask_settings import CONFIG, ELSEWHERE, OPTIONS, VARIABLES, setting
from daskflow.manifests.files import ARCHIVE, FILES
from daskflow.manifests.template_rules import CONTAINER, POD, Rule

_COMPONENTS = (SCHEDULER, WORKER, RUNNER)
_SHOWN = 60
"""Characters of a refused value that are repeated."""


def run_fault(spec: FlowRunSpec) -> str:
    """What is wrong with a run's pass-through fields, as one sentence; empty if nothing is."""
    runner = _template(spec.runner.template, "spec.runner.template", RUNNER)
    return next(chain(_shared_faults(spec), runner, _cluster_faults(spec.cluster, "spec.cluster")), "")


def unit_fault(spec: UnitSpec) -> str:
    """The same of the template of a ClusterPool's clusters, whose spec is below `spec.template`."""
    runner = _template(spec.runner.template, "spec.runner.template", RUNNER)
    fault = next(chain(_shared_faults(spec), runner, _cluster_faults(spec.cluster, "spec.cluster")), "")
    return f"spec.template.{fault}" if fault else ""


def cluster_fault(spec: DaskClusterSpec) -> str:
    """The same of a DaskCluster."""
    return next(chain(_shared_faults(spec), _cluster_faults(spec, "spec")), "")


def _shared_faults(spec: Shared) -> Iterator[str]:
    yield from _template(spec.template, "spec.template", "")
    yield from _env(spec.env)


def _cluster_faults(spec: ClusterSpec, path: str) -> Iterator[str]:
    yield from _template(spec.scheduler.template, f"{path}.scheduler.template", SCHEDULER)
    yield from _args(spec.scheduler.args, f"{path}.scheduler.args", SCHEDULER)
    groups = {"workers": spec.workers}
    groups |= {f"workerGroups[{place}]": group for place, group in enumerate(spec.worker_groups)}
    for name, group in groups.items():
        yield from _template(group.template, f"{path}.{name}.template", WORKER)
        yield from _args(group.args, f"{path}.{name}.args", WORKER)
    yield from _ruled(_canonical(spec.config), CONFIG, f"{path}.config")


def _template(template: Mapping[str, Any], path: str, component: str) -> Iterator[str]:
    """`component` is whose pods it is for; empty: all of them."""
    metadata = template.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    for name in labels if isinstance(labels, Mapping) else ():
        if str(name).startswith(f"{GROUP}/"):
            yield f"{path}.metadata.labels has {name}, but such labels are the operator's; leave it out."
    spec = template.get("spec", {})
    if not isinstance(spec, Mapping):
        yield _no(spec, f"{path}.spec", "object")
        return
    path = f"{path}.spec"
    yield from _ruled(spec, POD, path)
    for where, volume in _items(spec, "volumes", "name", path):
        if isinstance(volume, str):
            yield volume
        elif volume.get("name") in OWN_VOLUMES:
            yield _said(where, "name", volume["name"], "but that volume is the operator's; use another name")
    yield from _sizes(spec, path)
    for field in ("containers", "initContainers"):
        for where, container in _items(spec, field, "name", path):
            if isinstance(container, Mapping):
                yield from _sizes(container, where)
    for where, container in _items(spec, "containers", "name", path):
        if isinstance(container, str):
            yield container
        elif container.get("name") in _COMPONENTS:
            if component and container["name"] != component:
                why = f"which pods of a {component} lack; use {component}"
                yield _said(where, "name", container["name"], why)
            yield from _container(container, where)


def _container(container: Mapping[str, Any], path: str) -> Iterator[str]:
    yield from _ruled(container, CONTAINER, path)
    for where, variable in _items(container, "env", "name", path):
        if isinstance(variable, str):
            yield variable
        elif str(variable.get("name")).startswith(OWN_PREFIX):
            yield _said(where, "name", variable["name"], "but such variables are the operator's; use another")
        else:
            yield from _variable(variable["name"], variable.get("value"), where)
    for where, mount in _items(container, "volumeMounts", "mountPath", path):
        if isinstance(mount, str):
            yield mount
            continue
        at = str(mount.get("mountPath")).rstrip("/")
        if at == SCRATCH or f"{at}/".startswith((f"{MOUNT}/", f"{FILES}/", f"{ARCHIVE}/")):
            why = "but the operator mounts its own volume there; use another path"
            yield _said(where, "mountPath", mount["mountPath"], why)


def _sizes(container: Mapping[str, Any], path: str) -> Iterator[str]:
    """Amounts of memory and storage that are meant otherwise; all else the API server checks."""
    resources = container.get("resources")
    if not isinstance(resources, Mapping):
        return
    for field in ("limits", "requests"):
        amounts = resources.get(field)
        if not isinstance(amounts, Mapping):
            continue
        for name in SIZES:
            if isinstance(amounts.get(name), str | int) and (fault := size_fault(amounts[name])):
                yield f"{path}.resources.{field}: {name} {fault}."


def _env(env: Sequence[EnvVar]) -> Iterator[str]:
    for place, variable in enumerate(env):
        yield from _variable(variable.name, variable.value, f"spec.env[{place}]")


def _variable(name: str, value: Any, path: str) -> Iterator[str]:
    """`value` is None where a ConfigMap or Secret has it: it may be anything."""
    for beginning, why in VARIABLES.items():
        if name.upper().startswith(beginning):
            yield _said(path, "name", name, why)
    stands_for = _canonical(setting(name, "?" if value is None else value))
    for rule in CONFIG:
        for _ in _ruled(stands_for, (rule,), ""):
            given = "" if value is None else f" with value {_shown(value)}"
            yield f"{path}.name is {_shown(name)}{given}, {rule.why}."


def _args(args: Sequence[str], path: str, component: str) -> Iterator[str]:
    for place, arg in enumerate(args):
        if why := OPTIONS[component].get(arg.partition("=")[0]):
            yield f"{path}[{place}] is {_shown(arg)}, {why}."
        elif component == WORKER and ELSEWHERE.match(arg):
            why = "but workers connect to the cluster's own scheduler; leave it out"
            yield f"{path}[{place}] is {_shown(arg)}, {why}."


def _ruled(node: Mapping[str, Any], rules: Sequence[Rule], path: str) -> Iterator[str]:
    for rule in rules:
        at: Any = node
        *parents, last = rule.field.split(".")
        where = path
        for name in parents:
            if name not in at:
                break
            where, at = f"{where}.{name}", at[name]
            if not isinstance(at, Mapping):
                yield _no(at, where, "object")
                break
        else:
            if last in at and rule.refuses(at[last]):
                yield _said(where, last, at[last], rule.why)


def _items(
    node: Mapping[str, Any], field: str, key: str, path: str
) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    """Path and item of a list that merges with ours by `key`; a sentence in place of what cannot."""
    items = node.get(field, ())
    where = f"{path}.{field}"
    if not isinstance(items, list | tuple):
        yield where, _no(items, where, "list")
        return
    for place, item in enumerate(items):
        at = f"{where}[{place}]"
        if not isinstance(item, Mapping) or not isinstance(item.get(key), str):
            yield at, f"{at} is {_shown(item)}, which is no object with a {key}; write one."
        else:
            yield at, item


def _canonical(config: Any) -> Any:
    """Dask takes underscores in names for dashes."""
    if not isinstance(config, Mapping):
        return config
    return {str(name).replace("_", "-"): _canonical(value) for name, value in config.items()}


def _said(path: str, field: str, value: Any, why: str) -> str:
    return f"{path}.{field} is {_shown(value)}, {why}."


def _no(value: Any, path: str, kind: str) -> str:
    return f"{path} is {_shown(value)}, which is no {kind}; write one or leave it out."


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

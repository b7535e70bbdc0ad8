"""Whether a run fits the clusters of its pool: a pod that waits was made before anybody knew of the run.

What a run leaves out is as in the pool's template, so that only what it writes itself can differ.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from daskflow.api.files import Files
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import CLUSTER_POOL
from daskflow.api.shared import SHARED_FIELDS
from daskflow.plan.defaults import Json

COMPARED = (*SHARED_FIELDS, "runner", "cluster", "cancelGracePeriod")
"""Fields of a spec that pods have from birth; all else reaches the runner with the claim."""
_ATTRIBUTES = tuple(
    name for name, field in FlowRunSpec.model_fields.items() if (field.alias or name) in COMPARED
)
_WITH_CLAIM = frozenset({"runner.forwardLogs"})
_OF_STANDALONE = frozenset({"cluster.idleTimeout", "cluster.noClientTimeout"})
"""A run's cluster ends with the run."""


PARTS = 4
"""ConfigMaps of 1 MiB at most: an archive is told as one request, and once more to each worker."""


def sent_along(files: Files | None) -> tuple[str, ...] | None:
    """The ConfigMaps whose archive comes with a claim; None where files can only be mounted."""
    sources = files.all_sources if files else ()
    names = tuple(each.config_map_ref.name for each in sources if each.config_map_ref and each.archive)
    return names if len(names) == len(sources) <= PARTS else None


def misfit(pool: str, spec: FlowRunSpec, template: FlowRunSpec) -> str:
    """The sentence on the first field that keeps the run from a pool's clusters; empty where it fits.

    `template` is the pool's, with its platform's defaults, as if it were this run's whole spec.
    """
    if sent_along(spec.flow.files) is None:
        return (
            "spec.flow.files are mounted in pods when they are made, and those of a pool are there already: "
            f"only an archive in at most {PARTS} ConfigMaps, as daskflow run sends it, comes with a claim; "
            "put the code into the image to start at once"
        )
    if all(getattr(spec, name) == getattr(template, name) for name in _ATTRIBUTES):
        return ""
    own, theirs = (_compared(each) for each in (spec, template))
    for path, here, there in _differences("", own, theirs):
        if path not in _WITH_CLAIM | _OF_STANDALONE:
            one, other = _shown(here), _shown(there)
            what = f"is not as in {CLUSTER_POOL} {pool}"
            if one != other:
                what = f"is {one}, and {other} in {CLUSTER_POOL} {pool}".replace(_MASKED, "set")
            return f"spec.{path} {what}; a run that leaves it out starts at once"
    return ""


def _compared(spec: FlowRunSpec) -> Json:
    written = spec.model_dump(by_alias=True, mode="json")
    return {name: written.get(name) for name in COMPARED}


def _differences(path: str, here: Json, there: Json) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys((*here, *there)):
        one, other = here.get(name), there.get(name)
        inner = f"{path}.{name}" if path else name
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _differences(inner, one, other)
        elif name == "env" and (variables := _by_name(one)) != (others := _by_name(other)):
            changed = next(each for each in (*variables, *others) if variables.get(each) != others.get(each))
            yield f"{inner}[{changed}]", variables.get(changed), others.get(changed)
        elif name == "env":
            continue
        elif one != other:
            yield inner, one, other


def _by_name(variables: Any) -> dict[str, Any]:
    """Variables without their order, which matters only to one that names another: with it then."""
    found = {str(each["name"]): each for each in variables or ()}
    ordered = "$(" in json.dumps(variables) or len(found) < len(variables or ())
    return {f"{number}": each for number, each in enumerate(variables)} if ordered else found


_MASKED = "another value"
_LONGEST = 60
"""Characters of a value in a sentence."""


def _shown(value: Any) -> str:
    """Lists and mappings, variables among them, may hold what is nobody else's to read."""
    if value in (None, "", [], {}):
        return "not set"
    text = value if isinstance(value, str) else json.dumps(value)
    short = len(text) <= _LONGEST and not isinstance(value, list | dict)
    return text if short else _MASKED

"""Objects as anybody may send them: from the definitions' schemas, valid, nearly valid, and meant to hurt.

Each begins as one that works, since one that is wrong in many places says only the first of them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.unit.plan.any_status import SCHEMAS, statuses

POISON = "the place of something very deep"
"""In an object: where `text` puts lists in lists, which nothing here could encode."""
DEPTHS = (60, 120, 900, 5_000)
_RUN: dict[str, Any] = {"image": "registry.example/flows:1", "flow": {"entrypoint": "flows:flow"}}
_CLUSTER: dict[str, Any] = {"image": "registry.example/flows:1", "workers": {"replicas": 1}}
BASES: dict[str, dict[str, Any]] = {
    FLOW_RUN: {**_RUN, "cluster": {"workers": {"replicas": 1}}},
    DASK_CLUSTER: _CLUSTER,
    FLOW_SCHEDULE: {"cron": "*/5 * * * *", "template": {"spec": _RUN}},
}
KINDS = (FLOW_RUN, FLOW_RUN, FLOW_RUN, DASK_CLUSTER, DASK_CLUSTER, FLOW_SCHEDULE)
_UNBOUNDED = 40

_ODD_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from([
        "", " ", "\x00", "\x1b[2J", "a\nb", "\u202e", "\ud7ff", "\U0010ffff", "é" * 70, "x" * 300,
        "x" * 70_000, "../../etc/passwd", "{{ x }}", "$(POD_IP)", "a/b:c@sha256:d", "-1s", "1e400",
        "999999999h", "0", "true", "null", "UTC+99", "*/0 * * * *", "kube-system", "daskflow.dev/owner",
    ]),
)  # fmt: skip
_ODD_NUMBERS = st.sampled_from([0, -1, 1, 2**31 - 1, 2**31, 2**53, 2**63 - 1, -(2**63), 1e308, 0.1, 10**18])
_ODD = st.one_of(_ODD_TEXTS, _ODD_NUMBERS, st.booleans(), st.none(), st.just(POISON))
ANYTHING = st.recursive(
    _ODD, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_ODD_TEXTS, inner, max_size=4))
)
_NAMES = st.sampled_from(["scheduler", "worker", "runner", "x", "runtime", "daskflow", "a.b", "X" * 70])
_CONTAINER = st.fixed_dictionaries(
    {"name": _NAMES},
    optional={
        "image": _ODD_TEXTS,
        "command": st.lists(_ODD_TEXTS, max_size=3),
        "env": st.one_of(
            st.lists(st.fixed_dictionaries({"name": _ODD_TEXTS, "value": _ODD_TEXTS})), ANYTHING
        ),
        "resources": st.one_of(st.fixed_dictionaries({"limits": st.dictionaries(_NAMES, _ODD)}), ANYTHING),
        "securityContext": st.one_of(st.just({"privileged": True, "runAsUser": 0}), ANYTHING),
        "volumeMounts": st.just([{"name": "runtime", "mountPath": "/"}]),
        "ports": st.just([{"containerPort": 8788, "hostPort": 22}]),
        "restartPolicy": st.just("Always"),
        "lifecycle": ANYTHING,
    },
)
TEMPLATES = st.fixed_dictionaries(
    {},
    optional={
        "containers": st.lists(_CONTAINER, max_size=4),
        "initContainers": st.lists(_CONTAINER, max_size=3),
        "volumes": st.lists(
            st.fixed_dictionaries({"name": _NAMES}, optional={"hostPath": st.just({"path": "/"})}), max_size=3
        ),
        "hostNetwork": st.booleans(),
        "hostPID": st.booleans(),
        "nodeName": _ODD_TEXTS,
        "serviceAccountName": _ODD_TEXTS,
        "schedulerName": _ODD_TEXTS,
        "terminationGracePeriodSeconds": _ODD_NUMBERS,
        "activeDeadlineSeconds": _ODD_NUMBERS,
        "schedulingGates": st.just([{"name": "forever"}]),
        "restartPolicy": st.sampled_from(["Always", "Never", "x"]),
        "tolerations": ANYTHING,
        "affinity": ANYTHING,
        "securityContext": ANYTHING,
    },
)
"""Pod templates with what a platform fears in them, and what no kubelet could make sense of."""


ENDINGS = st.fixed_dictionaries(
    {"seconds": st.sampled_from([0.1, 3.0])},
    optional={
        "outcome": st.sampled_from(["Succeeded", "Failed", "", "Unknown"]),
        "reason": _ODD,
        "message": _ODD,
        "failure": ANYTHING,
    },
)
"""Last words of flows: a termination message is whatever its pod has written."""


@dataclass(frozen=True)
class Shape:
    """A spec for a kind; `status`, which somebody then writes by hand, and the number of its changes."""

    kind: str
    spec: dict[str, Any]
    changes: int
    status: dict[str, Any] | None = None
    ending: dict[str, Any] = field(default_factory=dict)
    """What the flow of a run says at its end, in the words of the simulation's `Script`."""


def shapes(count: int, number: int) -> list[Shape]:
    """So many, of the seed `number`."""
    return _drawn(_shape(), count, number)


def walks(kind: str, count: int, steps: int, number: int) -> list[list[dict[str, Any]]]:
    """Of changed specs of an object, one after the other: so many walks of so many steps."""
    one = st.lists(_changed(kind, 1), min_size=steps, max_size=steps)
    return _drawn(one, count, number)


def text(kind: str, name: str, spec: Any, depth: int = DEPTHS[0]) -> bytes:
    """The object as JSON. What is POISON is lists in lists, of this depth."""
    body = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}
    # Half a surrogate pair, which hypothesis does not draw, is no text for anybody.
    whole = json.dumps(body, ensure_ascii=False)
    return whole.replace(json.dumps(POISON), "[" * depth + "]" * depth).encode()


def _drawn(strategy: st.SearchStrategy[Any], count: int, number: int) -> list[Any]:
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found[:count]


@st.composite
def _shape(draw: st.DrawFn) -> Shape:
    kind = draw(st.sampled_from(KINDS))
    changes = draw(st.sampled_from([0, 1, 1, 1, 2, 2, 3, 5]))
    status = draw(st.one_of(st.none(), st.none(), st.none(), statuses(kind)))
    return Shape(kind, draw(_changed(kind, changes)), changes, status, draw(ENDINGS))


@st.composite
def _changed(draw: st.DrawFn, kind: str, changes: int) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(json.dumps(BASES[kind]))
    schema = SCHEMAS[kind]["properties"]["spec"]
    for _ in range(changes):
        _put(spec, schema, draw)
    return spec


def _put(spec: dict[str, Any], schema: dict[str, Any], draw: st.DrawFn) -> None:
    """One field somewhere has another value: four of five times one that its schema takes."""
    while True:
        properties = schema.get("properties") or {}
        if not properties:
            return
        name = draw(st.sampled_from(sorted(properties)))
        schema = properties[name]
        deeper = schema.get("properties") and not schema.get("x-kubernetes-preserve-unknown-fields")
        if not deeper or draw(st.integers(0, 4)) == 0:
            break
        spec[name] = spec[name] if isinstance(spec.get(name), dict) else {}
        spec = spec[name]
    hostile = draw(st.integers(0, 4)) == 0
    spec[name] = draw(ANYTHING if hostile else valid(schema, name))


def valid(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[Any]:
    """What a schema takes, bounds and all; its rules in CEL are the API server's affair."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if name == "spec" and schema.get("x-kubernetes-preserve-unknown-fields"):
        return TEMPLATES
    if schema.get("x-kubernetes-int-or-string"):
        return st.one_of(st.integers(0, 8), _ODD_TEXTS)
    kind = schema.get("type")
    if kind == "object" and schema.get("properties"):
        required = {key: valid(schema["properties"][key], key) for key in schema.get("required", ())}
        rest = {key: valid(part, key) for key, part in schema["properties"].items() if key not in required}
        return st.fixed_dictionaries(required, optional=rest)
    if kind == "object":
        inner = schema.get("additionalProperties")
        values = valid(inner) if isinstance(inner, dict) else ANYTHING
        return st.dictionaries(_ODD_TEXTS, values, max_size=4)
    if kind == "array":
        return st.lists(valid(schema.get("items", {})), max_size=min(3, schema.get("maxItems", 3)))
    if kind == "integer":
        low = int(schema.get("minimum", -1))
        return st.integers(low, max(low, min(int(schema.get("maximum", _UNBOUNDED)), _UNBOUNDED)))
    if kind == "boolean":
        return st.booleans()
    words = st.one_of(_near(name), _near(name), _near(name), _ODD_TEXTS)
    return words.filter(lambda word: len(word) >= schema.get("minLength", 0))


def _near(name: str) -> st.SearchStrategy[str]:
    """What means something in a field of this name."""
    words = [
        *("5s", "1m", "1h", "0s") * ("deadline" in name.lower() or name.startswith(("on", "initial", "max"))),
        *("UTC", "Europe/Berlin") * (name == "timeZone"),
        *("* * * * *", "0 3 * * 1-5") * (name == "cron"),
        *("100m", "1Gi", "2") * (name in ("cpu", "memory")),
        *("x", "default", "runner"),
    ]
    return st.sampled_from(words)


def paths(value: Any) -> Iterator[str]:
    """The names of all fields that a spec has, dotted: to say what was tried."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (f"{name}{rest}" for rest in ("", *(f".{path}" for path in paths(inner))))

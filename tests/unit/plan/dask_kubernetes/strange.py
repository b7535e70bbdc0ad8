"""Objects of dask-kubernetes' kinds as strangers may have stored them: no planner may stop at one."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from daskflow.api.dask_kubernetes.names import API_VERSION

Object = dict[str, Any]
NONSENSE: tuple[Any, ...] = (None, [], [[]], {}, "", "x", 0, -1, 2**70, 1.5, True, {"": None}, [None, 1])


def body(kind: str, spec: Any, status: Any = None, name: str = "lab") -> Object:
    """An object of this kind (the API server's word) as the store has it."""
    meta = {"name": name, "namespace": "data", "uid": f"uid-{name}", "resourceVersion": "1", "generation": 1}
    made = {"apiVersion": API_VERSION, "kind": kind, "metadata": meta, "spec": spec}
    return made if status is None else {**made, "status": status}


def strange(kind: str, good: Any) -> Iterator[Object]:
    """The good spec with nonsense in place of each of its parts in turn, and each with strange statuses."""
    for spec, status in product(_broken(good), (None, {}, {"phase": []}, {"jobStatus": 1, "replicas": "x"})):
        yield body(kind, spec, status)


def _broken(good: Any) -> Iterator[Any]:
    yield good
    yield from NONSENSE
    if isinstance(good, dict):
        for name, part in good.items():
            for each in _broken(part):
                yield {**good, name: each}
            yield {other: value for other, value in good.items() if other != name}
    elif isinstance(good, list):
        for each in _broken(good[0]) if good else ():
            yield [each]

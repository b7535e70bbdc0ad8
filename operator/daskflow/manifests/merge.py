"""Merges a user's pod template over ours the way kubectl's strategic merge does."""

from collections.abc import Mapping, Sequence
from typing import Any

_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "ports": "containerPort",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
}
"""Lists of a PodSpec that merge by a key (`patchMergeKey` in k8s.io/api/core/v1); others are replaced."""


def merged(ours: Any, theirs: Any, field: str = "", *, nulls: bool = False) -> Any:
    """`theirs` over `ours`: mappings key by key, keyed lists item by item, anything else replaced.

    A null in a mapping removes the key; with `nulls` it stays, to remove it from what the result is merged
    over. `field` is the name under which both stand.
    """
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        result = dict(ours)
        for key, value in theirs.items():
            if value is None and not nulls:
                result.pop(key, None)
            else:
                result[key] = merged(result.get(key), value, key, nulls=nulls)
        return result
    key = _MERGE_KEYS.get(field)
    if key and _keyed(ours, key) and _keyed(theirs, key):
        return _merged_lists(ours, theirs, key, nulls)
    return theirs


def _keyed(items: Any, key: str) -> bool:
    """Whether it is such a list indeed: labels may have these names, and a list may hold anything."""
    return isinstance(items, list | tuple) and all(
        isinstance(item, Mapping) and isinstance(item.get(key), str | int | None) for item in items
    )


def _merged_lists(ours: Sequence[Any], theirs: Sequence[Any], key: str, nulls: bool) -> list[Any]:
    result = list(ours)
    places = {item.get(key): place for place, item in enumerate(result)}
    for item in theirs:
        place = places.get(item.get(key))
        if place is None:
            result.append(item)
        else:
            result[place] = merged(result[place], item, nulls=nulls)
    return result

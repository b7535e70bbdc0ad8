"""Statuses as anybody may write them who has the right to: whatever an API server stores."""

from typing import Any

from daskflow.api.crd import KINDS
from hypothesis import strategies as st

SCHEMAS = {kind.name: kind.definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for kind in KINDS}
TIMES = st.sampled_from([
    "2026-03-01T12:00:00Z", "2026-02-01T00:00:00Z", "2031-01-01T00:00:00+02:00", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z", "2026-03-01T12:00:00", "2026-03-01", "yesterday", "",
])  # fmt: skip
WORDS = st.sampled_from(["", "True", "Ready", "Succeeded", "Failed", "x", "default"])
NUMBERS = st.sampled_from([0, 1, 2, 3, 10, -1, 2**31, 2**63 - 1, -(2**63)])


def values(node: dict[str, Any], name: str = "") -> st.SearchStrategy[Any]:
    """Whatever an API server stores under this schema, near to what may mean something."""
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node.get("type") == "object" and "properties" in node:
        required = {key: values(node["properties"][key], key) for key in node.get("required", ())}
        rest = {key: values(part, key) for key, part in node["properties"].items() if key not in required}
        return st.fixed_dictionaries(required, optional=rest)
    if node.get("type") == "array":
        return st.lists(values(node["items"]), max_size=3)
    if node.get("type") == "integer":
        return NUMBERS
    if node.get("type") == "boolean":
        return st.booleans()
    return TIMES if name.endswith(("Time", "Since")) else WORDS


def statuses(kind: str) -> st.SearchStrategy[Any]:
    """Of a kind."""
    return values(SCHEMAS[kind]["properties"]["status"])

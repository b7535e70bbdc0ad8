"""What of a spec stays as it was created: conditions in CEL, by what is said where one fails, in one rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from daskflow.api.model import rule

_SUSPENDED = (
    "(has(oldSelf.spec.suspend) && oldSelf.spec.suspend && "
    "(!has(oldSelf.status.phase) || oldSelf.status.phase == 'Suspended'))"
)
"""Not from the wish alone: until the operator has followed it an attempt may be live."""


def unchanging(
    always: Mapping[str, str], unless_suspended: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The rule for a whole object. It says the first condition that fails.

    The whole spec is compared first. An API server looks at each rule at each write of a status, and each
    look into a spec makes a list of all its fields (Structural.Properties in Kubernetes'
    apiextensions-apiserver): with a rule a field that was a quarter of its time.
    """
    conditions = {**always, **(unless_suspended or {})}
    holds = _all(always)
    if unless_suspended:
        holds = f"{holds} && ({_SUSPENDED} || {_all(unless_suspended)})"
    *others, last = conditions
    chain = "".join(f"!({conditions[said]}) ? '{said}' : " for said in others)
    found = rule(f"self.spec == oldSelf.spec || ({holds})", f"={chain}'{last}'")
    return {**found, "message": "a field of spec that cannot change was changed; put it back"}


def _all(conditions: Mapping[str, str]) -> str:
    return "(" + " && ".join(f"({condition})" for condition in conditions.values()) + ")"


def fixed(paths: Sequence[str], when: str) -> dict[str, str]:
    """The fields at these dotted paths stay what they were; `when` ends the sentence.

    Written with has() rather than optional fields, whose estimated cost is beyond the budget.
    """
    return {f"spec.{path} cannot change {when}": _same(path) for path in paths}


def _same(path: str) -> str:
    new, old = _there(path)
    return f"({new}) == ({old}) && (!({new}) || self.spec.{path} == oldSelf.spec.{path})"


def _there(path: str) -> tuple[str, str]:
    """Whether the field is there, now and before."""
    steps = f"spec.{path}".split(".")
    parts = [".".join(steps[: count + 1]) for count in range(1, len(steps))]
    new, old = (" && ".join(f"has({whose}.{part})" for part in parts) for whose in ("self", "oldSelf"))
    return new, old


def fixed_items(path: str, names: Sequence[str], when: str) -> dict[str, str]:
    """Of the list at this dotted path, whose items have a `name`: they stay the same ones, and in each of
    them the fields of these names."""
    new, old = _there(path)
    both, ours, theirs = f"({new}) && ({old})", f"self.spec.{path}", f"oldSelf.spec.{path}"
    found = {
        f"spec.{path} can gain or lose no item {when}": f"({new}) == ({old}) && (!({both}) || "
        f"{ours}.size() == {theirs}.size() && {ours}.all(n, {theirs}.exists(o, o.name == n.name)))"
    }
    for name in names:
        same = f"has(n.{name}) == has(o.{name}) && (!has(n.{name}) || n.{name} == o.{name})"
        holds = f"!({both}) || {ours}.all(n, {theirs}.all(o, o.name != n.name || {same}))"
        found[f"{name} in spec.{path} cannot change {when}"] = holds
    return found

"""A Python program as far as its text says it: calls, and what their arguments are. Nothing is run.

Constants are literals, names that are assigned once, at the program's own level, to one, sums and products of
numbers, and texts put together. Everything else is `Computed`.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from daskflow.cli.migration.leaves import Computed

_LARGEST = 10**12
_LONGEST = 100_000
_LEVELS = 60
Maker = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Call:
    """A call of something that is known."""

    name: str
    """Its last word: KubeCluster."""
    node: ast.Call
    arguments: Mapping[str, Any]
    """By name; of those by place the name is looked up."""

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.node.lineno


class Program:
    """A parsed program. Raises SyntaxError, ValueError and RecursionError for what is none."""

    def __init__(self, text: str, makers: Mapping[str, tuple[Sequence[str], Maker]]) -> None:
        self.tree = ast.parse(text)
        self._makers = makers
        """Functions whose result is known: the names of their arguments, and what they return."""

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What imported names stand for, dotted."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    found[each.asname or each.name.partition(".")[0]] = (
                        each.name if each.asname else each.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for each in node.names:
                    found[each.asname or each.name] = f"{node.module or ''}.{each.name}"
        return found

    def dotted(self, node: ast.AST) -> str:
        """What a name or attribute stands for; "" for anything else."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            before = self.dotted(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""

    def calls(self) -> Iterator[ast.Call]:
        """All of them, in the order of the text."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        yield from sorted(found, key=lambda node: (node.lineno, node.col_offset))

    def arguments(self, node: ast.Call, names: Sequence[str]) -> dict[str, Any]:
        """The arguments of a call, those by place by these names."""
        found: dict[str, Any] = {}
        for place, each in enumerate(node.args):
            found[names[place] if place < len(names) else f"argument {place + 1}"] = self.value(each)
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg:
                found[keyword.arg] = value
            elif isinstance(value, dict):
                found |= value
            else:
                found["**"] = value
        return found

    def variable_of(self, node: ast.Call) -> str:
        """The name to which a call's result is given; "" for none."""
        for each in ast.walk(self.tree):
            if isinstance(each, ast.Assign | ast.AnnAssign) and _within(each.value, node):
                targets = each.targets if isinstance(each, ast.Assign) else [each.target]
                return next((target.id for target in targets if isinstance(target, ast.Name)), "")
            if isinstance(each, ast.withitem) and each.context_expr is node:
                return each.optional_vars.id if isinstance(each.optional_vars, ast.Name) else ""
        return ""

    def methods(self, variable: str) -> Iterator[tuple[str, ast.Call]]:
        """Calls of a variable's methods."""
        for node in self.calls():
            of = node.func
            if isinstance(of, ast.Attribute) and isinstance(of.value, ast.Name) and of.value.id == variable:
                yield of.attr, node

    def value(self, node: ast.AST, depth: int = 0) -> Any:
        """A constant, or its text as Computed."""
        try:
            return self._value(node, depth)
        except _NoConstant:
            return Computed(ast.unparse(node))

    def _value(self, node: ast.AST, depth: int) -> Any:
        if depth > _LEVELS:
            raise _NoConstant
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
            return node.value
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return [self.value(each, depth + 1) for each in node.elts]
        if isinstance(node, ast.Dict):
            return self._mapping(node, depth)
        if isinstance(node, ast.Name) and node.id in self._assigned:
            return self._assigned_value(node.id, depth)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -_number(self._value(node.operand, depth + 1))
        if isinstance(node, ast.BinOp):
            return _reckoned(node.op, self._value(node.left, depth + 1), self._value(node.right, depth + 1))
        if isinstance(node, ast.Call):
            return self._made(node)
        raise _NoConstant

    def _made(self, node: ast.Call) -> Any:
        maker = self._makers.get(self.dotted(node.func).rpartition(".")[2])
        if maker is None:
            raise _NoConstant
        names, make = maker
        return make(self.arguments(node, names))

    def _mapping(self, node: ast.Dict, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, each in zip(node.keys, node.values, strict=True):
            value = self.value(each, depth + 1)
            if key is None:
                found |= value if isinstance(value, dict) else {"**": value}
                continue
            name = self.value(key, depth + 1)
            found[str(name)] = value
        return found

    @cached_property
    def _assigned(self) -> Mapping[str, ast.expr]:
        """What names stand for that are assigned once, at the program's own level."""
        stored: dict[str, int] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                stored[node.id] = stored.get(node.id, 0) + 1
            elif isinstance(node, ast.arg):
                stored[node.arg] = stored.get(node.arg, 0) + 2
        found = {}
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target, value = statement.targets[0], statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                target, value = statement.target, statement.value
            else:
                continue
            if isinstance(target, ast.Name) and stored.get(target.id) == 1:
                found[target.id] = value
        return found

    def _assigned_value(self, name: str, depth: int) -> Any:
        value = self._value(self._assigned[name], depth + 1)
        if isinstance(value, dict | list) and self._changes(name, value):
            raise _NoConstant
        return value

    def _changes(self, name: str, value: Any) -> bool:
        """Puts what is assigned below a name into its value; whether some of it cannot be read."""
        unread = False
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and (steps := _steps(node.targets[0], name)) is not None:
                unread |= not _put(value, [self.value(step) for step in steps], self.value(node.value))
            elif isinstance(node, ast.AugAssign | ast.Delete):
                targets = node.targets if isinstance(node, ast.Delete) else [node.target]
                unread |= any(_base(target) == name for target in targets)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                unread |= node.func.attr not in _READING and _base(node.func.value) == name
        return unread


_READING = ("get", "items", "keys", "values", "copy", "index", "count")
"""Methods that change nothing."""


class _NoConstant(Exception):
    pass


def _within(value: ast.AST | None, node: ast.Call) -> bool:
    return value is node or (isinstance(value, ast.Await) and value.value is node)


def _base(node: ast.AST) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _steps(target: ast.AST, name: str) -> list[ast.expr] | None:
    """The keys of `name[…][…]`; None for anything else."""
    steps: list[ast.expr] = []
    while isinstance(target, ast.Subscript):
        steps.insert(0, target.slice)
        target = target.value
    return steps if steps and isinstance(target, ast.Name) and target.id == name else None


def _put(value: Any, steps: Sequence[Any], new: Any) -> bool:
    """Puts it in; False where there is no such place."""
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        if isinstance(value, list):
            there = isinstance(step, int) and -len(value) <= step < len(value)
        else:
            there = isinstance(value, dict) and isinstance(step, str) and (last or step in value)
        if not there:
            return False
        if last:
            value[step] = new
        value = value[step]
    return True


def _number(value: Any) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise _NoConstant


def _reckoned(operator: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(operator, ast.Add) and isinstance(left, str) and isinstance(right, str):
        result: Any = left + right
        if len(result) > _LONGEST:
            raise _NoConstant
        return result
    if isinstance(operator, ast.Add) and isinstance(left, list) and isinstance(right, list):
        return [*left, *right]
    left, right = _number(left), _number(right)
    if isinstance(operator, ast.Add):
        result = left + right
    elif isinstance(operator, ast.Sub):
        result = left - right
    elif isinstance(operator, ast.Mult):
        result = left * right
    else:
        raise _NoConstant
    if abs(result) > _LARGEST:
        raise _NoConstant
    return result

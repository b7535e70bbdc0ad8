"""A Python program as far as its text says it: calls, and what their arguments are. Nothing is run.

Constants are literals, names that are assigned once, at the program's own level, to one, sums and products of
numbers, texts put together, and mappings by `dict(…)` and `|`. Everything else is `Computed`.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from daskflow.cli.migration.leaves import MOST, Computed
from daskflow.cli.migration.programs.changes import changed, touched

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
        self._left = MOST
        """How many values may still be read: names that stand for lists of names make many."""
        self._reading: list[str] = []
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
        """The name or attribute (`self.cluster`) to which a call's result is given; "" for none."""
        for each in ast.walk(self.tree):
            if isinstance(each, ast.Assign | ast.AnnAssign | ast.NamedExpr) and _within(each.value, node):
                targets = each.targets if isinstance(each, ast.Assign) else [each.target]
                return next((text for target in targets if (text := _variable(target))), "")
            if isinstance(each, ast.withitem) and _within(each.context_expr, node):
                return _variable(each.optional_vars)
        return ""

    def methods(self, variable: str, made: ast.Call) -> Iterator[tuple[str, ast.Call]]:
        """Calls of methods of what `made` makes; those of an attribute stand in the same class."""
        classes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]
        around = [each for each in classes if any(node is made for node in ast.walk(each))]
        within = around[-1] if around and "." in variable else self.tree
        found = [node for node in ast.walk(within) if isinstance(node, ast.Call)]
        for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
            if isinstance(node.func, ast.Attribute) and _variable(node.func.value) == variable:
                yield node.func.attr, node

    def value(self, node: ast.AST, depth: int = 0) -> Any:
        """A constant, or its text as Computed."""
        try:
            return self._value(node, depth)
        except _NoConstant:
            return Computed(ast.unparse(node))

    def _value(self, node: ast.AST, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"it has more than {MOST} values")
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
        if isinstance(node, ast.JoinedStr):
            return "".join(self._piece(each, depth + 1) for each in node.values)
        if isinstance(node, ast.Call):
            return self._made(node, depth)
        raise _NoConstant

    def _piece(self, node: ast.expr, depth: int) -> str:
        """A part of a text that is put together."""
        if isinstance(node, ast.FormattedValue):
            if node.conversion != -1 or node.format_spec is not None:
                raise _NoConstant
            node = node.value
        value = self._value(node, depth)
        if isinstance(value, str | int | float) and len(str(value)) <= _LONGEST:
            return str(value)
        raise _NoConstant

    def _made(self, node: ast.Call, depth: int) -> Any:
        if self.dotted(node.func) == "dict" and not node.args:
            keys: list[ast.expr | None] = [
                ast.Constant(each.arg) if each.arg else None for each in node.keywords
            ]
            return self._mapping(ast.Dict(keys, [each.value for each in node.keywords]), depth)
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

    @cached_property
    def _touched(self) -> set[str]:
        return touched(self.tree)

    def _assigned_value(self, name: str, depth: int) -> Any:
        if name in self._reading:
            raise _NoConstant
        self._reading.append(name)
        try:
            value = self._value(self._assigned[name], depth + 1)
            known = not isinstance(value, dict | list) or name not in self._touched
            if not known and not changed(self.tree, name, value, self.value):
                raise _NoConstant
        finally:
            self._reading.pop()
        return value


class _NoConstant(Exception):
    pass


def _variable(node: ast.AST | None) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _within(value: ast.AST | None, node: ast.Call) -> bool:
    return value is node or (isinstance(value, ast.Await) and value.value is node)


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
    if isinstance(operator, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
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

"""What a program does to a list or mapping after it has made it: `spec["spec"]["worker"]["replicas"] = 3`."""

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_READING = ("get", "items", "keys", "values", "copy", "index", "count")
"""Methods that change nothing."""
_SHOWING = ("print", "pprint", "dump", "debug", "info")
"""Functions that are called for what they write."""


def touched(tree: ast.Module) -> set[str]:
    """The names of which something may be changed."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.add(_base(node.func.value))
        elif isinstance(node, ast.Assign):
            below = [each for each in node.targets if not isinstance(each, ast.Name)]
            found |= {_base(node.value), *map(_base, below)}
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            found.add(_base(node.target))
        elif isinstance(node, ast.Delete):
            found |= {_base(each) for each in node.targets}
        elif isinstance(node, ast.For):
            found.add(_base(node.iter))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found |= {_base(each) for each in node.value.args}
    return found


def changed(tree: ast.Module, name: str, value: Any, read: Callable[[ast.AST], Any]) -> bool:
    """Does to a value what the program does, in order, to what `name` stands for; False if some is not known.

    Known are statements of the program's own level, which are run once.
    """
    done = set()
    for statement in tree.body:
        if _is_change(statement, name) and _applied(statement, name, value, read):
            done.add(id(statement))
            if isinstance(statement, ast.Expr):
                done.add(id(statement.value))
    others = {name, *_aliases(tree, name)}
    return all(
        id(node) in done
        for node in ast.walk(tree)
        if any(_is_change(node, each) for each in others) or _is_given_away(node, others)
    )


def _is_change(node: ast.AST, name: str) -> bool:
    """Whether it changes what is at or below a name; the name itself is assigned once."""
    if isinstance(node, ast.Expr):
        node = node.value
    if isinstance(node, ast.Call):
        of = node.func
        return isinstance(of, ast.Attribute) and of.attr not in _READING and _base(of.value) == name
    if isinstance(node, ast.Assign):
        return any(not isinstance(each, ast.Name) and _base(each) == name for each in node.targets)
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return (isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Name)) and (
            _base(node.target) == name
        )
    return isinstance(node, ast.Delete) and any(_base(each) == name for each in node.targets)


def _is_given_away(node: ast.AST, names: set[str]) -> bool:
    """Whether a function is called with it and nothing is made of the result: it may have changed it."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    called = ast.unparse(node.value.func).rpartition(".")[2]
    given = (each for each in node.value.args if isinstance(each, ast.Name | ast.Subscript))
    return called not in _SHOWING and not called[:1].isupper() and any(_base(each) in names for each in given)


def _aliases(tree: ast.Module, name: str) -> Iterator[str]:
    """Further names for parts of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Subscript):
            if _base(node.value) == name:
                yield from (each.id for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name) and _base(node.iter) == name:
            yield node.target.id


def _applied(statement: ast.AST, name: str, value: Any, read: Callable[[ast.AST], Any]) -> bool:
    """Whether a change could be done."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        steps = _steps(statement.targets[0], name, read)
        return bool(steps) and _put(value, steps or (), read(statement.value))
    if isinstance(statement, ast.Delete) and len(statement.targets) == 1:
        steps = _steps(statement.targets[0], name, read)
        return bool(steps) and _put(value, steps or (), None)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        steps = _steps(statement.target, name, read)
        return steps is not None and _extended(_at(value, steps), read(statement.value))
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _called(statement.value, name, value, read)
    return False


def _called(call: ast.Call, name: str, value: Any, read: Callable[[ast.AST], Any]) -> bool:
    """`append`, `extend` and `update`."""
    assert isinstance(call.func, ast.Attribute)
    steps = _steps(call.func.value, name, read)
    at = None if steps is None else _at(value, steps)
    given = [read(each) for each in call.args]
    if call.func.attr == "append" and isinstance(at, list) and len(given) == 1:
        at.append(given[0])
        return True
    if call.func.attr == "extend" and len(given) == 1 and not call.keywords:
        return _extended(at, given[0])
    if call.func.attr == "update" and isinstance(at, dict) and all(each.arg for each in call.keywords):
        if len(given) > 1 or not all(isinstance(each, dict) for each in given):
            return False
        at.update(given[0] if given else {}, **{str(each.arg): read(each.value) for each in call.keywords})
        return True
    return False


def _extended(at: Any, more: Any) -> bool:
    if not isinstance(at, list) or not isinstance(more, list):
        return False
    at.extend(more)
    return True


def _base(node: ast.AST) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _steps(target: ast.AST, name: str, read: Callable[[ast.AST], Any]) -> list[Any] | None:
    """The keys of `name[…][…]`; None for anything else."""
    steps: list[Any] = []
    while isinstance(target, ast.Subscript):
        steps.insert(0, read(target.slice))
        target = target.value
    return steps if isinstance(target, ast.Name) and target.id == name else None


def _at(value: Any, steps: Sequence[Any]) -> Any:
    """What is there; None for nothing."""
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _put(value: Any, steps: Sequence[Any], new: Any) -> bool:
    """Puts it in, None for nothing; False where there is no such place."""
    at, last = _at(value, steps[:-1]), steps[-1]
    if isinstance(at, list):
        there = isinstance(last, int) and -len(at) <= last < len(at)
    else:
        there = isinstance(at, dict) and isinstance(last, str) and (new is not None or last in at)
    if there:
        at[last] = new
    return there

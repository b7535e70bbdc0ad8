"""What is sent of a decorated function: its source as a script, and its arguments as JSON. Pure.

The function has to stand on its own, as with `@task.virtualenv`: what it uses of its module is not there in
the run's pods. That is looked for while the DAG is parsed, so that nobody finds out at night.
"""

import ast
import builtins
import dis
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from types import CodeType
from typing import Any

from airflow_provider_daskflow.manifest import Invalid, json_copy

_LONGEST = 65536
"""Characters of a script that a FlowRun takes."""
_SCRIPT = """\
from __future__ import annotations

{source}

def _given():
    import json, os

    if path := os.environ.get("DASKFLOW_PARAMETERS_FILE"):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    return json.loads(os.environ["DASKFLOW_PARAMETERS"])


_parameters = _given()
result = {name}(*_parameters["args"], **_parameters["kwargs"])
"""


def script(function: Callable[..., Any]) -> str:
    """The function as a script that calls it. Raises Invalid with what it uses that would not be there."""
    name = function.__name__
    if name == "<lambda>":
        raise Invalid("@task.daskflow: a lambda has no source of its own; write a function")
    text = _SCRIPT.format(source=_source(function), name=name)
    if missing := sorted(set(_missing(text, name))):
        what = " and ".join(missing)
        advice = "import it within the function, or pass it as an argument"
        raise Invalid(f"@task.daskflow: {name} uses {what} of the DAG's file, which is not sent; {advice}")
    if len(text) > _LONGEST:
        advice = "put the code into the image and name its entrypoint"
        raise Invalid(
            f"@task.daskflow: {name} has {len(text)} characters, and {_LONGEST} can be sent; {advice}"
        )
    return text


def parameters(
    function: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of the call with the function's defaults, as JSON. Raises Invalid, TypeError."""
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    name = function.__name__
    return {
        "args": json_copy(list(bound.args), f"@task.daskflow: positional arguments of {name}"),
        "kwargs": json_copy(dict(bound.kwargs), f"@task.daskflow: {name}"),
    }


def _source(function: Callable[..., Any]) -> str:
    """Without decorators, defaults and annotations: they are evaluated where the module's names are."""
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError) as error:
        raise Invalid(
            f"@task.daskflow: the source of {function.__name__} cannot be found: {error}"
        ) from error
    if not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise Invalid(f"@task.daskflow: {function.__name__} is no function with a `def` of its own")
    if len(found.decorator_list) > 1:
        advice = "call what they do within the function"
        raise Invalid(f"@task.daskflow: further decorators of {found.name} are not sent; {advice}")
    found.decorator_list, found.returns = [], None
    given = found.args
    given.defaults, given.kw_defaults = [], [None] * len(given.kwonlyargs)
    for each in [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]:
        if each is not None:
            each.annotation = None
    return ast.unparse(found)


def _missing(text: str, function: str) -> Iterator[str]:
    """The names that the function looks up and that neither Python nor the script has."""
    codes = [each for each in compile(text, "script", "exec").co_consts if isinstance(each, CodeType)]
    code = next(each for each in codes if each.co_name == function)
    yield from (name for name in _globals(code) if not hasattr(builtins, name) and name != function)


def _globals(code: CodeType) -> Iterator[str]:
    """The names that the code, and all code within it, looks up in its module and does not set itself."""
    instructions = list(dis.get_instructions(code))
    own = {each.argval for each in instructions if each.opname == "STORE_GLOBAL"}
    for each in instructions:
        if each.opname in ("LOAD_GLOBAL", "LOAD_NAME") and each.argval not in own:
            yield str(each.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            # The body of a class looks up its own names, too.
            inner = {each.argval for each in dis.get_instructions(constant) if each.opname == "STORE_NAME"}
            special = {"__name__", "__qualname__", "__module__"}
            yield from (name for name in _globals(constant) if name not in inner | special | own)

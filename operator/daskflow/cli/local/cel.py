"""Rules of the API server's schema, in CEL: what each comes to for a value.

By `common-expression-language`; where Python 3.10 has no wheels of it, by `cel-python`.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from daskflow.api.quantities import quantity


class Missing(Exception):
    """There is no library for CEL; the text is one sentence."""


def installed() -> bool:
    """Whether there is a library for it."""
    return any(find_spec(name) for name in ("cel", "celpy"))


def evaluated(expression: str, value: Any) -> Any:
    """Of an expression in which `self` is this JSON value.

    Raises Missing, and ValueError or RuntimeError for what is no CEL or cannot be evaluated.
    """
    try:
        import cel
    except ImportError:
        return _by_celpy(expression, value)
    return cel.evaluate(expression, {"self": value, **FUNCTIONS})


def _by_celpy(expression: str, value: Any) -> Any:
    try:
        import celpy
    except ImportError as error:
        raise Missing(
            "rules of manifests are checked by a library for CEL; pip install 'daskflow[local]'"
        ) from error
    try:
        given = celpy.json_to_cel(value)
        return json.loads(
            json.dumps(_program(expression).evaluate({"self": given}), cls=celpy.CELJSONEncoder)
        )
    except (celpy.CELEvalError, celpy.CELParseError) as error:
        raise ValueError(f"{expression}: {error}") from error


@cache
def _program(expression: str) -> Any:
    import celpy

    environment = celpy.Environment()
    functions = {name: _of_celpy(function) for name, function in FUNCTIONS.items()}
    return environment.program(environment.compile(expression), functions=functions)


def _of_celpy(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function over plain values as one over celpy's, which are subclasses of them."""

    def called(*arguments: Any) -> Any:
        import celpy

        return celpy.json_to_cel(function(*arguments))

    return called


def _is_quantity(text: str) -> bool:
    try:
        quantity(text)
    except ValueError:
        return False
    return True


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "isQuantity": _is_quantity,
    "findAll": lambda text, pattern: [found.group() for found in re.finditer(pattern, text)],
    "substring": lambda text, begin, end=None: text[begin:end],
    "sum": sum,
}
"""What Kubernetes adds to CEL, as far as our rules use it."""

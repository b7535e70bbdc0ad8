"""What a flow is: something to run, that fits its parameters, or a sentence about why it does not."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable
from typing import Any, Callable, NamedTuple

from .settings import say


class Invalid(Exception):
    """The run's specification does not fit the code; the text says how, in a sentence a person can act on."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Failed(Exception):
    """Its framework says that the flow failed: in its words, with the user's exception if there is one."""

    def __init__(self, message: str, error: BaseException | None) -> None:
        super().__init__(message)
        self.error = error


class Flow(NamedTuple):
    """`what` completes "… is a"; `call` runs it and returns its result, perhaps a lazy one."""

    what: str
    call: Callable[[], Any]


def check(function: Callable[..., Any], parameters: dict[str, Any]) -> None:
    """Raise Invalid unless `function` can be called with these; it names what is unknown and missing."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of a built-in, which does not tell
        return
    known = signature.parameters.values()
    names = [p.name for p in known if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    _reread(parameters, names)
    try:
        signature.bind(**parameters)
        return
    except TypeError as error:
        said = str(error)
    free = any(p.kind == p.VAR_KEYWORD for p in known)
    required = [p.name for p in known if p.name in names and p.default is p.empty]
    shown = f"{getattr(function, '__name__', 'the flow')}{signature}"
    fit(shown, parameters, [*names, *parameters] if free else names, required)
    raise Invalid("ParametersInvalid", f"The parameters do not fit {shown}: {said}.")


def fit(shown: str, parameters: dict[str, Any], names: list[str], required: list[str]) -> None:
    """Raise Invalid with what is unknown and missing; `shown` is the flow with its signature."""
    _reread(parameters, names)
    parts = [f"unknown: {name}{near(name, names)}" for name in parameters if name not in names]
    missing = [name for name in required if name not in parameters]
    if missing:
        parts.append("missing: " + ", ".join(missing))
    if parts:
        raise Invalid("ParametersInvalid", f"The parameters do not fit {shown}: {'; '.join(parts)}.")


def _reread(parameters: dict[str, Any], names: list[str]) -> None:
    """Give a key its name back that YAML 1.1, which kubectl reads, took for a boolean: `{n: 100}`."""
    for read, written in (("false", ("n", "N", "no", "off")), ("true", ("y", "Y", "yes", "on"))):
        meant = [name for name in written if name in names and name not in parameters]
        if read in parameters and read not in names and len(meant) == 1:
            say(f'parameter {read} is taken as {meant[0]}: write "{meant[0]}" in YAML')
            parameters[meant[0]] = parameters.pop(read)


def near(name: str, known: Iterable[str]) -> str:
    """A hint; of a mapping it shows the values."""
    shown = known if isinstance(known, dict) else {each: each for each in known}
    names = " or ".join(repr(shown[match]) for match in difflib.get_close_matches(name, list(shown), 2, 0.6))
    return f" (did you mean {names}?)" if names else ""

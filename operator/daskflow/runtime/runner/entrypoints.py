"""What a flow is: finding the entrypoint, and recognising what was found there."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Callable, NamedTuple

from ..frames import syntax
from ..importing import locate, package
from ..settings import say, text


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
    """`what` completes "… is a"; `call` runs it and returns its result, perhaps still to be settled."""

    what: str
    call: Callable[[], Any]


def load(entrypoint: str) -> Any:
    """The object behind "module:attr" or "path.py:attr"; `attr` may be dotted.

    Raises Invalid when it is not there, and whatever the module itself raises while it is imported.
    """
    path, colon, attribute = entrypoint.rpartition(":")
    if not colon or not path or not attribute:
        raise Invalid(
            "EntrypointInvalid", f"Entrypoint {entrypoint!r} is not module:attribute or path.py:attribute."
        )
    with compiled():
        target = _import_file(path) if path.endswith(".py") else _import_module(path)
    for name in attribute.split("."):
        try:
            target = getattr(target, name)
        except AttributeError:
            hint = _near(name, [known for known in dir(target) if not known.startswith("__")])
            raise Invalid("EntrypointInvalid", f"{path} has no attribute {name!r}{hint}.") from None
    return target


@contextlib.contextmanager
def compiled() -> Iterator[None]:
    """A file of the flow that is no Python: of no other attempt would that be different."""
    try:
        yield
    except SyntaxError as error:
        if error.lineno is None or not os.path.isfile(error.filename or ""):
            raise  # of a text that the code compiles by itself
        raise Invalid("EntrypointInvalid", f"{syntax(error)}.") from error


def recognise(target: Any, parameters: dict[str, Any], entrypoint: str) -> Flow:
    """Ask RECOGNISERS in turn. Raises Invalid when the object cannot be run, or not with these parameters."""
    recognisers = RECOGNISERS
    if "prefect" in sys.modules:
        from ..prefect import one as prefect1
        from ..prefect import three as prefect3

        recognisers = (prefect3.recognise, prefect1.recognise, *RECOGNISERS)
    for recogniser in recognisers:
        flow = recogniser(target, parameters)
        if flow is not None:
            return flow
    raise Invalid(
        "EntrypointInvalid",
        f"{entrypoint} is of type {type(target).__qualname__}, which is not a flow:"
        " a function, a coroutine function, a Prefect flow or a Dask collection is.",
    )


def _delayed_function(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if type(target).__name__ != "DelayedLeaf" or not callable(getattr(target, "_obj", None)):
        return None
    check(target._obj, parameters)
    return Flow("delayed function", lambda: target(**parameters).compute())


def _collection(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if isinstance(target, type) or not hasattr(target, "__dask_graph__") or not hasattr(target, "compute"):
        return None
    if parameters:
        raise Invalid(
            "ParametersInvalid", "A Dask collection takes no parameters: {}.".format(", ".join(parameters))
        )
    return Flow(f"Dask {type(target).__name__}", target.compute)


def _coroutine_function(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if not inspect.iscoroutinefunction(target):
        return None
    check(target, parameters)
    return Flow("coroutine function", lambda: target(**parameters))


def _function(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if not callable(target):
        return None
    check(target, parameters)
    what = "function" if inspect.isroutine(target) else "callable"
    if inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target):
        what = "generator function"
    return Flow(what, lambda: target(**parameters))


RECOGNISERS: tuple[Callable[[Any, dict[str, Any]], Flow | None], ...] = (
    _delayed_function,  # callable and a collection too: asked first
    _collection,
    _coroutine_function,
    _function,
)


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
    parts = [f"unknown: {name}{_near(name, names)}" for name in parameters if name not in names]
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


def _import_module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not error.name or not (name + ".").startswith(error.name + "."):
            if hint := _beside(name, error.name or ""):
                raise Invalid("EntrypointInvalid", hint) from error
            raise  # the module is there, one that it imports is not
        parent, _, last = error.name.rpartition(".")
        folders = [folder for folder in (text("FILES"), os.getcwd()) if folder]
        if parent:
            folders = list(getattr(sys.modules.get(parent), "__path__", ()))
        prefix = parent + "." if parent else ""
        hint = _near(last, {module.name: prefix + module.name for module in pkgutil.iter_modules(folders)})
        raise Invalid(
            "EntrypointInvalid",
            f"There is no module {error.name!r} on the import path or in {' or '.join(folders)}{hint}.",
        ) from None


def _beside(name: str, missing: str) -> str:
    """What to write instead, if a module that the entrypoint's imports is in its folder.

    That is put on the import path for "path.py:attr" only: it would hide a package of the module's name.
    """
    path = name.replace(".", os.sep) + ".py"
    for folder in (os.path.join(root, os.path.dirname(path)) for root in (text("FILES"), os.getcwd())):
        if missing and os.path.isfile(os.path.join(folder, missing + ".py")):
            found = f"{name} imports {missing!r}, which is beside it and not on the import path"
            return f"{found}: write the entrypoint as {path}:attribute."
    return ""


def _import_file(path: str) -> Any:
    """Import under a name that workers find too: its folder, or its package's, is on their import path."""
    full = locate(path)
    file = os.path.basename(full)
    if not os.path.isfile(full):
        where = f"the working directory is {os.getcwd()}"
        if text("FILES"):
            where += ", the flow's files are in " + text("FILES")
        raise Invalid(
            "EntrypointInvalid", f"There is no file {path}{_near(file[:-3], _files(path))}; {where}."
        )
    if "." in file[:-3]:
        better = file[:-3].replace(".", "_")
        raise Invalid(
            "EntrypointInvalid",
            f"{path} cannot be imported: a module has no dot in its name. Rename the file, to {better}.py.",
        )
    name = package(path)[1]
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        if "no known parent package" not in str(error):
            raise
        raise Invalid("EntrypointInvalid", _relative(path, error)) from error
    found = getattr(module, "__file__", None)
    if not found or not os.path.samefile(found, full):
        owner = found or "a built-in module"
        raise Invalid(
            "EntrypointInvalid",
            f"{path} cannot be imported as {name!r}: that name belongs to {owner}. Rename the file.",
        )
    return module


def _files(path: str) -> dict[str, str]:
    """Modules' files by their names: in the folder that `path` names, then where it is looked up from."""
    found: dict[str, str] = {}
    for where in (os.path.dirname(path), ""):
        for root in (text("FILES"), os.getcwd()):
            with contextlib.suppress(OSError):
                for name in os.listdir(os.path.join(root, where)):
                    if name.endswith(".py"):
                        found.setdefault(name[:-3], os.path.join(where, name))
    return found


def _relative(path: str, error: ImportError) -> str:
    dotted = os.path.normpath(path)[:-3].replace(os.sep, ".")
    if os.path.isabs(path) or not os.path.dirname(path) or not dotted.replace(".", "").isidentifier():
        remedy = "add an __init__.py beside it"
    else:
        remedy = f"write the entrypoint as {dotted}:attribute, or add an __init__.py beside it"
    return f"{path} imports relatively, and is in no package ({error}): {remedy}."


def _near(name: str, known: Iterable[str]) -> str:
    """A hint; of a mapping it shows the values."""
    shown = known if isinstance(known, dict) else {each: each for each in known}
    names = " or ".join(repr(shown[match]) for match in difflib.get_close_matches(name, list(shown), 2, 0.6))
    return f" (did you mean {names}?)" if names else ""

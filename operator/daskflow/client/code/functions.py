"""A function of a program on its way into a run: by its module, or as it is, with the code that it needs."""

import importlib.metadata
import importlib.util
import inspect
import json
import re
import site
import sys
import sysconfig
from collections.abc import Callable, Collection, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from daskflow.client.code import function_entry
from daskflow.client.code.archive import Archive, archived
from daskflow.client.code.pickled import Pickled, pickled
from daskflow.client.code.project import packed, project_files
from daskflow.client.code.secrets_among import content_suspicion
from daskflow.client.errors import WrongUse

Code = str | Path | Archive | Literal[False] | None
"""A project's folder or what was made of one; False: nothing goes along; None: what is needed."""

ENTRY = "daskflow_function"
"""The module in the run that has what was sent."""
_MAIN = ("__main__", "__mp_main__")
_BEGUN: dict[Callable[[object], bool], str] = {
    inspect.isgenerator: "a generator that was made already",
    inspect.iscoroutine: "a coroutine that was made already",
    inspect.isasyncgen: "an asynchronous generator that was made already",
}


class Sent(NamedTuple):
    """Where the run finds it, and what the run is called after."""

    entrypoint: str
    name: str
    archive: Archive | None


def is_flow(value: Any) -> bool:
    """Whether it can be sent: a callable, or a Dask collection."""
    return callable(value) or hasattr(value, "__dask_graph__")


def sent(flow: Any, code: Code, *, force: bool = False) -> Sent:
    """By its module where that has it, else pickled; with the files of its project. Raises WrongUse."""
    name = _name(flow)
    for begun, what in _BEGUN.items():
        if begun(flow):
            raise WrongUse(f"{name} is {what}; give the function, without calling it")
    if not is_flow(flow):
        raise WrongUse(f"{flow!r} is no flow; give a function, module:attr, path.py:attr or a FlowRun")
    module, attribute = _reference(flow)
    if not module:
        return _by_value(flow, name, code, force=force)
    entrypoint, base = f"{module}:{attribute}", module.rpartition(".")[2]
    if code is False or isinstance(code, Archive):
        return Sent(entrypoint, base, code or None)
    root = local_root(module)
    folder = root if code is None else Path(code).resolve()
    if root is not None and folder is not None and folder != root and root.is_relative_to(folder):
        file = Path(str(sys.modules[module].__file__)).resolve()
        entrypoint = f"{file.relative_to(folder).as_posix()}:{attribute}"
    return Sent(entrypoint, base, packed(folder, force=force) if folder else None)


def _name(flow: Any) -> str:
    while isinstance(flow, partial):
        flow = flow.func
    found = getattr(flow, "__name__", None) or type(flow).__name__
    return found if isinstance(found, str) and found.isidentifier() else "flow"


def _reference(flow: Any) -> tuple[str, str]:
    """Module and attribute under which another process that has the module finds it; else two empty texts."""
    module, name = getattr(flow, "__module__", None), getattr(flow, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module in _MAIN:
        return "", ""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    # A method of a class is another object each time.
    same = found is flow or (inspect.ismethod(flow) and inspect.isclass(flow.__self__) and found == flow)
    return (module, name) if same else ("", "")


def _by_value(flow: Any, name: str, code: Code, *, force: bool) -> Sent:
    found = pickled(flow, name)
    if (why := content_suspicion(found.data)) and not force:
        raise WrongUse(
            f"{name} looks like a secret ({why}), and whoever may read the namespace's ConfigMaps could read "
            "that; take it from the environment, or send it all the same with force=True"
        )
    entry = _entry(name, found)
    if isinstance(code, Archive):
        raise WrongUse(f"{name} is in no module, and an archive takes nothing in; give code as a folder")
    folder = _project_of(name, found) if code is None else Path(code) if code else None
    files = project_files(folder, force=force) if folder else {}
    return Sent(f"{ENTRY}.py:{name}", name, archived({**files, **entry}))


def _entry(name: str, found: Pickled) -> dict[str, bytes]:
    """The module of the run that loads it, and what that reads."""
    tops = {each.partition(".")[0] for each in found.needed | found.imported}
    third = sorted(tops - sys.stdlib_module_names - {*_MAIN, "cloudpickle"})
    about = {
        "name": name,
        "python": list(sys.version_info[:2]),
        "needed": sorted({each.partition(".")[0] for each in found.needed} - set(_MAIN)),
        "versions": _versions({*third, "cloudpickle"}),
    }
    source = Path(function_entry.__file__).read_text()
    # The run looks here whether its flow speaks of Prefect, for example.
    uses = f"# It uses: {', '.join(third)}\n" if third else ""
    return {
        f"{ENTRY}.py": (source + uses).encode(),
        f"{ENTRY}.json": json.dumps(about, sort_keys=True).encode(),
        f"{ENTRY}.pkl": found.data,
    }


def _versions(modules: Collection[str]) -> dict[str, str]:
    """Of the distributions that have these modules."""
    of = _distributions()
    return {each: importlib.metadata.version(of[each][0]) for each in sorted(modules) if of.get(each)}


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


def _project_of(name: str, found: Pickled) -> Path | None:
    """The folder whose files the function needs; None where the image has all. WrongUse for several."""
    roots: dict[Path, str] = {}
    for module in sorted(found.needed | found.imported):
        root = local_root(module)
        if root is not None:
            roots.setdefault(root, module)
    if len(roots) > 1:
        where = ", ".join(f"{module} of {root}" for root, module in roots.items())
        raise WrongUse(
            f"{name} uses modules of several folders ({where}), and one can go along; give one of them as "
            "code, and install the others in the image"
        )
    return next(iter(roots), None)


def local_root(module: str) -> Path | None:
    """The folder from which a module of a project is imported; None for what is installed, as in an image."""
    if module in _MAIN:
        return None
    spec = getattr(sys.modules.get(module), "__spec__", None)
    if module not in sys.modules:
        module = module.partition(".")[0]  # of a module in it nobody knows before that is imported
        try:
            spec = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
    places = [spec.origin] if spec and spec.has_location and spec.origin else []
    if spec and not places:  # a package without __init__.py
        places = [f"{place}/__init__.py" for place in spec.submodule_search_locations or ()]
    for place in places:
        file = Path(place).resolve()
        steps = file.parent if file.stem == "__init__" else file.with_suffix("")
        names = module.split(".")
        if file.parent.is_dir() and not _installed(file) and list(steps.parts[-len(names) :]) == names:
            return steps.parents[len(names) - 1]
    return None


def _installed(file: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in _installations()) or bool(
        re.search(r"[/\\](site|dist)-packages[/\\]", str(file))
    )


@cache
def _installations() -> tuple[Path, ...]:
    known = sysconfig.get_paths()
    names: Iterable[str] = (known[each] for each in ("stdlib", "platstdlib", "purelib", "platlib"))
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return tuple(Path(each).resolve() for each in [*names, *user])

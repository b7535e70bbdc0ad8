"""Finding the object that an entrypoint names: its module or file, and the attribute in it."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from typing import Any

from ..flow import Invalid, near
from ..frames import syntax
from ..importing import locate, package
from ..settings import text


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
            hint = near(name, [known for known in dir(target) if not known.startswith("__")])
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


def _import_module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not error.name or not (name + ".").startswith(error.name + "."):
            if hint := _import_beside(name, error.name or ""):
                raise Invalid("EntrypointInvalid", hint) from error
            raise  # the module is there, one that it imports is not
        parent, _, last = error.name.rpartition(".")
        folders = [folder for folder in (text("FILES"), os.getcwd()) if folder]
        if parent:
            folders = list(getattr(sys.modules.get(parent), "__path__", ()))
        prefix = parent + "." if parent else ""
        hint = near(last, {module.name: prefix + module.name for module in pkgutil.iter_modules(folders)})
        raise Invalid(
            "EntrypointInvalid",
            f"There is no module {error.name!r} on the import path or in {' or '.join(folders)}{hint}.",
        ) from None


def _import_beside(name: str, missing: str) -> str:
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
            "EntrypointInvalid", f"There is no file {path}{near(file[:-3], _files(path))}; {where}."
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

"""A function as bytes, with all that it holds and no module has, by cloudpickle; and which modules it needs.

cloudpickle comes with `distributed`; the SDK alone does not bring it.
"""

import dis
import gzip
import io
import os
from collections.abc import Iterator
from inspect import getclosurevars
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from daskflow.client.code.archive import LIMIT
from daskflow.client.errors import WrongUse

_UNNAMED = "<dynamic-code>"
"""What cloudpickle calls files from 3.1.3 on."""
_LARGEST = 3


class Pickled(NamedTuple):
    """The bytes, and names of modules."""

    data: bytes
    needed: frozenset[str]
    """Those without which it cannot be loaded."""
    imported: frozenset[str]
    """Those that its code imports by itself."""


def pickled(function: Any, name: str) -> Pickled:
    """Of a function or any other object; `name` is what errors call it. Raises WrongUse."""
    try:
        found = _pickle(function)
    except WrongUse:
        raise
    except Exception as error:
        culprit = next((held for held, value in _held(function).items() if not _size(value)), "")
        which = f" in {culprit}" if culprit else ""
        raise WrongUse(
            f"{name} holds something{which} that cannot be sent ({type(error).__name__}: {error}); make it "
            "within the function, or put the function into a module"
        ) from error
    if len(found.data) > LIMIT and len(gzip.compress(found.data, 1)) > LIMIT:
        sizes = {held: _size(value) for held, value in _held(function).items()}
        largest = sorted(sizes, key=lambda held: -sizes[held])[:_LARGEST]
        named = ", ".join(f"{held} ({sizes[held] / 2**20:.1f} MiB)" for held in largest)
        raise WrongUse(
            f"{name} takes {len(found.data) / 2**20:.1f} MiB with what it holds, more than {LIMIT >> 20} MiB "
            f"compressed{f'; the largest are {named}' if named else ''}; put data into storage, and give the "
            "function where it is"
        )
    return found


def _pickle(value: Any) -> Pickled:
    try:
        from cloudpickle import Pickler
    except ImportError as error:
        raise WrongUse(
            "a function that no module has is sent by cloudpickle, which is not here; pip install "
            "cloudpickle, or put the function into a module"
        ) from error
    needed: set[str] = set()
    imported: set[str] = set()

    class Noting(Pickler):  # type: ignore[misc]
        dispatch_table = Pickler.dispatch_table.new_child(
            {CodeType: _named(Pickler.dispatch_table[CodeType])}
        )

        def reducer_override(self, obj: Any) -> Any:
            for name in ("environ", "environb"):  # the pod's own, not all that this machine has in it
                if obj is getattr(os, name, None):
                    return getattr, (os, name)
            reduced = super().reducer_override(obj)
            if isinstance(obj, ModuleType):
                needed.add(obj.__name__)
            elif reduced is not NotImplemented and isinstance(obj, FunctionType):
                imported.update(_imports(obj.__code__))
            elif reduced is NotImplemented and isinstance(obj, FunctionType | BuiltinFunctionType | type):
                needed.add(obj.__module__ or "builtins")
            return reduced

    buffer = io.BytesIO()
    Noting(buffer).dump(value)
    return Pickled(buffer.getvalue(), frozenset(needed), frozenset(imported))


def _named(original: Any) -> Any:
    """cloudpickle's reducer of code, with the file as pods may have it, for tracebacks."""

    def reduce(code: CodeType) -> Any:
        make, parts, *rest = original(code)
        short = "".join(_short(code.co_filename))
        named = (short if each in (_UNNAMED, code.co_filename) else each for each in parts)
        return (make, tuple(named), *rest)

    return reduce


def _short(file: str) -> str:
    """Below the working directory as seen from there, else its name; a notebook's cell has none."""
    if file.startswith("<") or "ipykernel_" in file:
        return "notebook" if "ipy" in file else file
    below = os.path.relpath(file)
    return os.path.basename(file) if below.startswith(os.pardir) else below


def _imports(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            yield str(instruction.argval)
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _imports(part)


def _held(function: Any) -> dict[str, Any]:
    """What the function takes from around it, by name."""
    try:
        found = getclosurevars(function)
    except (TypeError, ValueError):  # of what is no plain function; and of cells that are still empty
        return {}
    return {**found.globals, **found.nonlocals}


def _size(value: Any) -> int:
    """In bytes; 0 of what cannot be pickled."""
    try:
        return len(_pickle(value).data)
    except Exception:
        return 0

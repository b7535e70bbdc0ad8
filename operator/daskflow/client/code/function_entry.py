"""What a run imports to have the function that a program sent: it goes along as a file of its own.

Nothing of daskflow need be in the image, and Python may be as old as the runtime's oldest. It compares before
it loads: another Python reads a function's code as something else, and dies of it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from typing import Any


def invalid(message: str) -> Exception:
    """The run's specification does not fit the image, which no further attempt would change."""
    for runtime in ("daskflow_runtime", "daskflow.runtime"):
        module = sys.modules.get(runtime + ".flow")
        if module is not None:
            found: Exception = module.Invalid("EntrypointInvalid", message)
            return found
    return RuntimeError(message)


def load(folder: str) -> tuple[str, Any]:
    """Name and object of what was sent into this folder."""
    with open(os.path.join(folder, "daskflow_function.json"), encoding="utf-8") as file:
        sent = json.load(file)
    name, here = sent["name"], list(sys.version_info[:2])
    if sent["python"] != here:
        there, image = (".".join(map(str, each)) for each in (sent["python"], here))
        raise invalid(
            f"The function {name} was sent by Python {there}, and the image has {image}: use an image with "
            f"Python {there}, or put the function into a module."
        )
    missing = [each for each in sent["needed"] if importlib.util.find_spec(each) is None]
    if missing:
        known = ", ".join(each + _version(sent, each) for each in missing)
        raise invalid(
            f"The function {name} uses {known}, which the image does not have: install it in the image."
        )
    with open(os.path.join(folder, "daskflow_function.pkl"), "rb") as data:
        pickled = data.read()
    import cloudpickle

    try:
        return name, cloudpickle.loads(pickled)
    except Exception as error:
        why = f"{type(error).__name__}: {error}{_differing(sent)}"
        raise invalid(f"The function {name} cannot be loaded in the image: {why}.") from error


def _version(sent: dict[str, Any], module: str) -> str:
    there = sent["versions"].get(module)
    return " " + str(there) if there else ""


def _differing(sent: dict[str, Any]) -> str:
    """What else the image has of what it uses."""
    differing = []
    for module, there in sent["versions"].items():
        here = getattr(sys.modules.get(module), "__version__", None)
        if here is not None and here != there:
            differing.append(f"{module} {here} and not {there}")
    return "; the image has " + ", ".join(differing) if differing else ""


_here = os.path.dirname(os.path.abspath(__file__))
if os.path.exists(os.path.join(_here, "daskflow_function.json")):  # not where daskflow itself has this file
    _name, _flow = load(_here)
    globals()[_name] = _flow

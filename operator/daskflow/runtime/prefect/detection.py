"""Before the flow's process is made: has the image Prefect, and does the flow's text speak of it?"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

from ..importing import locate
from ..settings import text
from . import server


def prepare_early(spec: dict[str, Any]) -> Any:
    """What Prefect needs in the environment of the flow's process; and what a Server is made of, if there is
    to be one."""
    version = installed()
    if version == 1:  # for a script that runs its flow, too, wherever that is
        from . import one

        one.prepare()
    early = mentioned(spec) or text("STANDBY_PREFECT") == "1"
    os.environ["DASKFLOW_PREFECT"] = str(version if early else "")  # the flow's process imports it early
    return server.prepare() if early and version == 3 else None


def mentioned(spec: dict[str, Any]) -> bool:
    """Whether the flow's text speaks of Prefect, without importing anything."""
    return any(re.search(r"\bprefect\b", source) for source in _sources(spec))


def installed() -> int:
    """The major version of the image's Prefect; 0 without one."""
    found = importlib.util.find_spec("prefect")
    for folder in (found and found.submodule_search_locations) or ():
        for name in os.listdir(os.path.dirname(folder)):
            match = re.match(r"prefect-(\d+)[\d.a-z+]*\.(dist|egg)-info", name, re.IGNORECASE)
            if match:
                return int(match[1])
    return 0


def _sources(spec: dict[str, Any]) -> Iterator[str]:
    yield spec.get("script") or ""
    command = spec.get("command") or []
    yield " ".join(command)
    paths = [locate(word) for word in command if word.endswith(".py")]
    modules = [after for word, after in zip(command, command[1:]) if word == "-m"]
    target = (spec.get("entrypoint") or "").rpartition(":")[0]
    if target.endswith(".py"):
        paths.append(locate(target))
    else:
        modules.append(target)
    for module in filter(None, modules):
        for folder in [text("FILES"), os.getcwd(), *sys.path]:
            base = os.path.join(folder, *module.split("."))
            paths += [base + ".py", os.path.join(base, "__init__.py")]
    for path in paths:
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                yield file.read(1 << 20)

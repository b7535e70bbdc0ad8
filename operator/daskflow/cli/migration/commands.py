"""A container's command as words, and what it runs: each word with the leaf that it stands in."""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.cli.migration.leaves import Node


class Word(NamedTuple):
    """A word of a command, and the leaf it stands in."""

    text: str
    node: Node


_PROGRAMS = {
    "dask-scheduler": SCHEDULER,
    "dask-worker": WORKER,
    "distributed.cli.dask_scheduler": SCHEDULER,
    "distributed.cli.dask_worker": WORKER,
    "dask_worker": WORKER,
    "dask_scheduler": SCHEDULER,
    "dask-cuda-worker": WORKER,
}
_ENTRY = ("tini", "-g", "--", "/usr/bin/prepare.sh", "exec", "/usr/bin/tini", "start.sh")
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "ash")
_SIMPLE = re.compile(r"[^;&|`<>\n]*")
"""A line of shell that is one command; variables in it are looked at word by word."""
_BETWEEN = re.compile(r"&&|;|\n")
_WAIT = re.compile(r"\s*sleep\s+[0-9.]+[smh]?\s*")
_WAITS = "since workers wait for their scheduler"
_NO_SCRIPT = "but no script runs before Dask; do it in the image, or in an initContainer of the template"


def words(*lists: Sequence[Node]) -> list[Word]:
    """The words of a command: those of a shell's one simple line are its own."""
    found = [Word(str(node.value), node) for nodes in lists for node in nodes if _scalar(node)]
    return of_shell(without_entry(found))


def without_entry(found: list[Word]) -> list[Word]:
    """Without what an image's entrypoint has."""
    while found and found[0].text in _ENTRY:
        why = "since the image's own entrypoint is not run"
        if found[0].node.path == found[-1].node.path:
            found[0].node.part(found[0].text, why, lost=False)
        else:
            found[0].node.ours(why)
        found = found[1:]
    return found


def of_shell(found: list[Word]) -> list[Word]:
    """The same of words: what a shell does before it runs Dask is named, and left out."""
    if len(found) != 3 or found[0].text not in _SHELLS or found[1].text not in ("-c", "-lc", "-ec"):
        return found
    line = found[2]
    if _SIMPLE.fullmatch(line.text):
        inner, before = split(line.node, line.text), ""
    else:
        last = [each for each in _BETWEEN.split(line.text) if each.strip()][-1:]
        inner = split(line.node, last[0]) if last and _SIMPLE.fullmatch(last[0]) else []
        before = line.text[: line.text.rindex(last[0])].rstrip(" \t\n;&").strip() if last else ""
    inner = inner[1:] if inner and inner[0].text == "exec" else inner
    if not inner or (before and not program(inner)[0]):
        return found
    for each in found[:2]:
        if each.node.path != line.node.path:
            each.node.ours("since no shell is needed")
    if before:
        waits = all(_WAIT.fullmatch(each) for each in _BETWEEN.split(before))
        line.node.part(before, _WAITS if waits else _NO_SCRIPT, lost=not waits)
    return inner


def split(node: Node, text: str | None = None) -> list[Word]:
    """The words of a leaf's text, or of a part of it, as a shell reads them; the whole where it is none."""
    whole = str(node.value) if text is None else text
    try:
        return [Word(each, node) for each in shlex.split(whole)]
    except ValueError:
        return [Word(whole, node)]


def _scalar(node: Node) -> bool:
    return isinstance(node.value, str | int | float)


def program(found: Sequence[Word]) -> tuple[str, int]:
    """What a command runs, `scheduler`, `worker` or "", and how many of its words say so."""
    texts = [each.text.rsplit("/", 1)[-1] for each in found]
    if texts[:1] and texts[0] in _PROGRAMS:
        return _PROGRAMS[texts[0]], 1
    if texts[:1] == ["dask"] and texts[1:2] and texts[1] in (SCHEDULER, WORKER):
        return texts[1], 2
    if texts[:3] == ["dask", "cuda", WORKER]:
        return WORKER, 3
    if texts[:1] and re.fullmatch(r"python[0-9.]*", texts[0]) and texts[1:2] == ["-m"]:
        return _PROGRAMS.get("".join(texts[2:3]), ""), 3
    return "", 0


def runs_cuda(found: Sequence[Word]) -> bool:
    """Whether a command is that of dask-cuda's workers, which serve one GPU each."""
    texts = [each.text.rsplit("/", 1)[-1] for each in found]
    return texts[:1] == ["dask-cuda-worker"] or texts[:2] == ["dask", "cuda"]

"""The command line of a Dask scheduler or worker, option by option."""

import re
import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.cli.migration.component import Component
from daskflow.cli.migration.conversions import count, duration
from daskflow.cli.migration.draft import END
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
}
_ENTRY = ("tini", "-g", "--", "/usr/bin/prepare.sh", "exec", "/usr/bin/tini", "start.sh")
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "ash")
_SIMPLE = re.compile(r"[^;&|`<>\n]*")
"""A line of shell that is one command; variables in it are looked at word by word."""
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx|ucxx|inproc)://|[A-Za-z0-9_.$(){}-]+:[0-9]+$")

_BY_ITSELF = "which the operator sets by itself"
_TLS = "but connections are encrypted as spec.security.tls says; bring certificates with mode Secret"
_FLAGS = frozenset(
    [
        "--dashboard",
        "--no-dashboard",
        "--bokeh",
        "--no-bokeh",
        "--nanny",
        "--no-nanny",
        "--show",
        "--no-show",
        "--jupyter",
        "--no-jupyter",
        "--use-xheaders",
        "--lifetime-restart",
        "--no-lifetime-restart",
        "--reconnect",
        "--no-reconnect",
        "--version",
        "--help",
    ]
)
"""Options without a value."""
_OURS = frozenset(
    [
        "--name",
        "--host",
        "--port",
        "--dashboard-address",
        "--bokeh-port",
        "--diagnostics-port",
        "--protocol",
        "--death-timeout",
        "--scheduler-file",
        "--listen-address",
        "--contact-address",
        "--interface",
        "--pid-file",
        "--dashboard-prefix",
        "--reconnect",
        "--no-reconnect",
        "--bokeh",
        "--no-bokeh",
        "--show",
        "--no-show",
        "--http-port",
    ]
)


def words(*lists: Sequence[Node]) -> list[Word]:
    """The words of a command: those of a shell's one simple line are its own."""
    found = [Word(str(node.value), node) for nodes in lists for node in nodes if _scalar(node)]
    while found and found[0].text in _ENTRY:
        found[0].node.ours("since the image's own entrypoint is not run")
        found = found[1:]
    if len(found) == 3 and found[0].text in _SHELLS and found[1].text in ("-c", "-lc", "-ec"):
        line = found[2]
        if _SIMPLE.fullmatch(line.text) and (inner := split(line.node)):
            for each in found[:2]:
                each.node.ours("since no shell is needed")
            return words_of(inner)
    return found


def words_of(found: list[Word]) -> list[Word]:
    """Without an `exec` before them."""
    return found[1:] if found and found[0].text == "exec" else found


def split(node: Node) -> list[Word]:
    """The words of one text, as a shell reads them; the whole where it is no shell's."""
    try:
        return [Word(each, node) for each in shlex.split(str(node.value))]
    except ValueError:
        return [Word(str(node.value), node)]


def _scalar(node: Node) -> bool:
    return isinstance(node.value, str | int | float)


def program(found: Sequence[Word]) -> tuple[str, int]:
    """What a command runs, `scheduler`, `worker` or "", and how many of its words say so."""
    texts = [each.text.rsplit("/", 1)[-1] for each in found]
    if texts[:1] and texts[0] in _PROGRAMS:
        return _PROGRAMS[texts[0]], 1
    if texts[:1] == ["dask"] and texts[1:2] and texts[1] in (SCHEDULER, WORKER):
        return texts[1], 2
    if texts[:1] and re.fullmatch(r"python[0-9.]*", texts[0]) and texts[1:2] == ["-m"]:
        return _PROGRAMS.get("".join(texts[2:3]), ""), 3
    return "", 0


def carry(component: Component, found: Sequence[Word]) -> None:
    """All options of a scheduler or worker, as fields and args of the component."""
    rest = list(found)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.text.partition("=")
        if not name.startswith("-"):
            _positional(component, word)
            continue
        given = [word]
        if equals:
            given.append(Word(value, word.node))
        elif name not in _FLAGS and rest and not rest[0].text.startswith("--"):
            given.append(rest.pop(0))
        _option(component, name, given)


def _positional(component: Component, word: Word) -> None:
    if component.kind == WORKER and _ADDRESS.match(word.text):
        word.node.part(word.text, "but workers connect to the cluster's own scheduler", lost=False)
    else:
        component.put(("args", END), word.text, word.node)


def _option(component: Component, name: str, given: list[Word]) -> None:
    value = given[1] if len(given) > 1 else None
    if handler := _HANDLERS[component.kind].get(name):
        if value is None or not handler(component, name, value):
            _all(given, "which cannot be read; see docs/dask-settings.md", lost=True)
        else:
            given[0].node.book.carried.add(given[0].node.path)
    elif name in _OURS:
        _all(given, _BY_ITSELF, lost=False)
    elif name.startswith("--tls-"):
        _all(given, _TLS, lost=True)
    elif name in _WITHOUT:
        _all(given, _WITHOUT[name], lost=True)
    elif name in ("--nanny", "--no-nanny"):
        component.put(("nanny",), name == "--nanny", given[0].node)
    elif name in ("--dashboard", "--no-dashboard"):
        component.dashboard(name == "--dashboard", given[0].node)
    else:
        for word in [given[0]] if "=" in given[0].text else given:
            component.put(("args", END), word.text, word.node)


def _all(given: list[Word], why: str, *, lost: bool) -> None:
    nodes = {word.node.path: word.node for word in given}
    text = " ".join(word.text for word in given) if "=" not in given[0].text else given[0].text
    first, *others = nodes.values()
    first.part(text, why, lost=lost)
    for node in others:
        node.book.named.add(node.path)


def _threads(component: Component, name: str, value: Word) -> bool:
    try:
        threads = count(value.text)
    except ValueError:
        return False
    if threads:
        component.put(("threads",), threads, value.node)
    else:
        value.node.part(f"{name} 0", "which Dask takes for all that there are; set threads", lost=False)
    return True


def _workers(component: Component, name: str, value: Word) -> bool:
    if value.text == "1":
        value.node.part(f"{name} 1", "since a pod is one worker", lost=False)
    else:
        value.node.part(
            f"{name} {value.text}", "but a pod is one worker; use more replicas with fewer threads"
        )
    return True


def _resources(component: Component, name: str, value: Word) -> bool:
    pairs = re.findall(r"([^\s,=]+)=([^\s,=]+)", value.text)
    try:
        amounts = {key: float(number) for key, number in pairs}
    except ValueError:
        return False
    if not amounts:
        return False
    for key, number in amounts.items():
        component.put(("daskResources", key), int(number) if number.is_integer() else number, value.node)
    return True


def _idle(component: Component, name: str, value: Word) -> bool:
    try:
        component.of_cluster(("idleTimeout",), duration(value.text), value.node)
    except ValueError:
        return False
    return True


def _class(component: Component, name: str, value: Word) -> bool:
    if value.text in ("Nanny", "distributed.Nanny", "dask.distributed.Nanny"):
        component.put(("nanny",), True, value.node)
    else:
        component.put(("args", END), name, value.node)
        component.put(("args", END), value.text, value.node)
    return True


def _folder(component: Component, name: str, value: Word) -> bool:
    if any(value.text == each or value.text.startswith(f"{each.rstrip('/')}/") for each in component.mounts):
        component.put(("args", END), name, value.node)
        component.put(("args", END), value.text, value.node)
    else:
        why = "but workers spill to a volume of their own; workers.scratch.sizeLimit bounds it"
        value.node.part(f"{name} {value.text}", why, lost=False)
    return True


_Handler = Callable[[Component, str, Word], bool]
_HANDLERS: dict[str, dict[str, _Handler]] = {
    SCHEDULER: {"--idle-timeout": _idle},
    WORKER: {
        "--nthreads": _threads,
        "--nworkers": _workers,
        "--nprocs": _workers,
        "--n-workers": _workers,
        "--resources": _resources,
        "--worker-class": _class,
        "--local-directory": _folder,
    },
}
_WITHOUT = {
    "--jupyter": "which opens a shell to whoever reaches the scheduler; run a notebook in a pod of its own",
    "--no-jupyter": "which is so anyway",
    "--version": "with which a pod would end; leave it out",
    "--help": "with which a pod would end; leave it out",
}

"""The command line of a Dask scheduler or worker, option by option."""

import re
from collections.abc import Callable, Sequence

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.cli.migration.commands import Word, program, runs_cuda
from daskflow.cli.migration.component import Component
from daskflow.cli.migration.conversions import count, duration
from daskflow.cli.migration.draft import END

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx|ucxx|inproc)://|[A-Za-z0-9_.$(){}-]+:[0-9]+$")

CUDA = (
    "but workers are `dask worker`, one in a pod; for GPUs put nvidia.com/gpu into workers.resources.limits, "
    "and have as many replicas as there were GPUs"
)
_OF_CUDA = frozenset(
    [
        "--device-memory-limit",
        "--cudf-spill-stats",
        "--get-cluster-configuration",
        "--multiprocessing-method",
        "--pre-import",
        *(
            f"--{way}-{name}"
            for way in ("enable", "disable")
            for name in ("tcp-over-ucx", "infiniband", "nvlink", "rdmacm", "jit-unspill", "cudf-spill")
        ),
    ]
)
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


def carry_command(component: Component, found: Sequence[Word]) -> None:
    """A whole command that runs a scheduler or worker."""
    _, of_program = program(found)
    if runs_cuda(found):
        _all(list(found[:of_program]), CUDA, lost=True)
    for word in found[:of_program]:
        word.node.book.carried.add(word.node.path)
    carry(component, found[of_program:])


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
    elif name in _OF_CUDA or name.startswith("--rmm-"):
        _all(given, "which is an option of dask-cuda alone; leave it out", lost=True)
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

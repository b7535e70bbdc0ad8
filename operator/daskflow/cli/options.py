"""Options that several commands have, and how a command comes by its connection."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from daskflow.cli.exits import call

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

Form = Annotated[
    Literal["json", "yaml", "name", "wide"] | None,
    typer.Option("--output", "-o", help="How to print it [a table]."),
]
ObjectForm = Annotated[
    Literal["json", "yaml", "name"] | None, typer.Option("--output", "-o", help="How to print it.")
]
Selector = Annotated[str, typer.Option("--selector", "-l", metavar="LABELS", help="Only with these labels.")]
FieldSelector = Annotated[str, typer.Option(metavar="FIELDS", help="Only with these fields.")]
AllNamespaces = Annotated[bool, typer.Option("--all-namespaces", "-A", help="Of all namespaces.")]


def name_of(kind: str, what: str) -> Callable[[str], str]:
    """A parser of names of this kind, which may have it before them, as `--output name` prints it."""

    def parsed(given: str) -> str:
        from daskflow.api.names import GROUP
        from daskflow.client.errors import WrongUse
        from daskflow.client.names import checked

        before, _, name = given.rpartition("/")
        kinds = [f"{each}{plural}" for each in (kind.lower(), what) for plural in ("", "s")]
        known = {"", *kinds, *(f"{each}.{GROUP}" for each in kinds)}
        try:
            return checked(name if before.lower() in known and name else given, what)
        except WrongUse as error:
            raise typer.BadParameter(str(error)) from None

    return parsed


RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The run's name.", show_default=False, parser=name_of("FlowRun", "run")
    ),
]
RunOrCluster = Annotated[
    str,
    typer.Argument(
        metavar="RUN|CLUSTER", help="A run's or a cluster's name, or cluster/NAME.", show_default=False
    ),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port of this machine [any free one].")]
CancelOnInterrupt = Annotated[
    bool,
    typer.Option("--cancel-on-interrupt", help="Ctrl-C cancels the run instead of leaving it to itself."),
]

_CONNECTION: dict[str, Any] = {
    "namespace": Annotated[
        str | None, typer.Option("--namespace", "-n", metavar="NAME", help="The namespace [the context's].")
    ],
    "context": Annotated[
        str | None, typer.Option(metavar="NAME", help="The kubeconfig's context [the current one].")
    ],
    "kubeconfig": Annotated[
        str | None, typer.Option(metavar="FILE", help="The kubeconfig [$KUBECONFIG, else ~/.kube/config].")
    ],
    "as_user": Annotated[
        str | None, typer.Option("--as", metavar="USER", help="As another user, whom you may impersonate.")
    ],
    "as_groups": Annotated[
        list[str] | None, typer.Option("--as-group", metavar="GROUP", help="As a member of this group, too.")
    ],
}


_ahead: dict[str, Any] = {}
"""What was given before the command: `kubectl daskflow -n team list`, since kubectl takes none before it."""


def ahead(group: Callable[..., None]) -> Callable[..., None]:
    """The callback of a group as one that takes the options of a connection, for whatever follows it."""
    own = list(inspect.signature(group).parameters.values())

    def called(**given: Any) -> None:
        access = {name: given.pop(name) for name in _CONNECTION}
        if own:  # the program itself: what an earlier call in this process was given is over
            _ahead.clear()
        _ahead.update({name: value for name, value in access.items() if value})
        group(**given)

    return _with_connection(called, group, own)


def _with_connection(
    called: Callable[..., None], original: Callable[..., Any], own: list[inspect.Parameter]
) -> Callable[..., None]:
    """`called` with the name, help and own parameters of `original`, and the options of a connection."""
    connecting = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _CONNECTION.items()
    ]
    called.__name__, called.__doc__ = original.__name__, original.__doc__
    parameters = [*(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *connecting]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def on_cluster(command: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """The async `command(connection, …)` as one for typer, with kubectl's options of a connection."""
    own = list(inspect.signature(command).parameters.values())[1:]

    def called(**given: Any) -> None:
        access = {name: given.pop(name) or _ahead.get(name) for name in _CONNECTION}
        call(lambda: command(connected(access), **given))

    return _with_connection(called, command, own)


def connected(access: dict[str, Any]) -> "Connection":
    """What the options of a connection mean; nothing is sent yet. Raises WrongUse."""
    from daskflow.client.connection import Connection
    from daskflow.client.names import checked_namespace

    if access["namespace"]:
        checked_namespace(access["namespace"])
    return Connection(**{**access, "as_groups": access["as_groups"] or ()})

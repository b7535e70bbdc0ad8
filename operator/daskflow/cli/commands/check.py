"""`daskflow check`: whether runs can be started here."""

from typing import TYPE_CHECKING

import typer

from daskflow import __version__
from daskflow.cli import options
from daskflow.cli.exits import CLUSTER
from daskflow.cli.printing import out

if TYPE_CHECKING:
    from collections.abc import Callable

    from daskflow.cli.checks import Line
    from daskflow.client.connection import Connection

_RIGHTS = (
    ("create", "daskflow.dev", "flowruns"),
    ("watch", "daskflow.dev", "flowruns"),
    ("patch", "daskflow.dev", "flowruns"),
    ("get", "", "pods/log"),
)


@options.on_cluster
async def check(connection: "Connection") -> None:
    """Say whether runs can be started here, and what is missing. Ends with 3 if something is."""
    lines = await looked(connection, say=lambda line: out(str(line)))
    if any(line.well is False for line in lines):
        raise typer.Exit(CLUSTER)


async def looked(connection: "Connection", say: "Callable[[Line], None] | None" = None) -> "list[Line]":
    """All lines; each is said as soon as it is known."""
    lines: list[Line] = []
    for look in (_operators, _definitions, _rights, _quotas):
        for line in await look(connection):
            if say:
                say(line)
            lines.append(line)
    return lines


async def _operators(connection: "Connection") -> "list[Line]":
    from daskflow.cli.checks import Line, of_operators
    from daskflow.cli.installed import operators
    from daskflow.client.errors import Forbidden

    try:
        return of_operators(await operators(connection), __version__)
    except Forbidden:
        return [Line(None, "you may not look for the operator", "ask who looks after the cluster")]


async def _definitions(connection: "Connection") -> "list[Line]":
    from daskflow.api.crd import KINDS
    from daskflow.cli.checks import Line, of_definition
    from daskflow.client.errors import Forbidden, NotFound

    lines: list[Line] = []
    for ours in (kind.definition for kind in KINDS):
        name = ours["metadata"]["name"]
        try:
            lines.append(of_definition(await connection.get("CustomResourceDefinition", name), ours))
        except NotFound:
            lines.append(Line(False, f"the cluster does not know {name}", "install daskflow there"))
        except Forbidden:
            lines.append(Line(None, f"you may not look at {name}"))
    return lines


async def _rights(connection: "Connection") -> "list[Line]":
    from daskflow.cli.checks import of_right

    lines: list[Line] = []
    for verb, group, resource in _RIGHTS:
        plural, _, below = resource.partition("/")
        asked = {
            "namespace": connection.namespace,
            "verb": verb,
            "group": group,
            "resource": plural,
            "subresource": below,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        }
        answer = await connection.create("SelfSubjectAccessReview", review)
        allowed = bool((answer.get("status") or {}).get("allowed"))
        lines.append(
            of_right(verb, f"{resource}.{group}" if group else resource, allowed, connection.namespace)
        )
    return lines


async def _quotas(connection: "Connection") -> "list[Line]":
    from daskflow.cli.checks import Line, of_quotas
    from daskflow.client.errors import Forbidden

    try:
        return of_quotas(await connection.list("ResourceQuota"))
    except Forbidden:
        return [Line(None, f"you may not look at quotas of namespace {connection.namespace}")]

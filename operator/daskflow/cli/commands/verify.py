"""`daskflow verify`: proves an installation on the cluster where it is, with its users' image."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from daskflow.cli import options
from daskflow.cli.exits import CLUSTER, FAILED
from daskflow.cli.printing import as_json, out, say

if TYPE_CHECKING:
    from daskflow.cli.installed import Operator
    from daskflow.cli.verification.check import Check, Result
    from daskflow.cli.verification.runner import Verification, Wishes
    from daskflow.client.connection import Connection


@options.on_cluster
async def verify(
    connection: "Connection",
    image: Annotated[str, typer.Option(metavar="IMAGE", help="The image of your flows.", show_default=False)],
    quick: Annotated[bool, typer.Option("--quick", help="The two minutes that show most.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(metavar="CHECK", help="This check; may be given again.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Any field of the spec of all its runs."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what came of it as a page (Markdown).")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what came of it for CI (JUnit's XML).")
    ] = None,
    parallel: Annotated[
        int, typer.Option(min=1, max=1000, help="How many Python processes start at once, about.")
    ] = 8,
    patience: Annotated[
        float, typer.Option(min=0.1, max=100, help="What all waiting is multiplied by.")
    ] = 1.0,
    stop_operator: Annotated[
        bool,
        typer.Option("--stop-operator", help="Also what needs that there is no operator for some seconds."),
    ] = False,
    upgrade: Annotated[
        str, typer.Option(metavar="COMMAND", help="What upgrades the operator, run while runs are live.")
    ] = "",
    output: Annotated[
        Literal["json"] | None, typer.Option("--output", "-o", help="How to print it [a line a check].")
    ] = None,
) -> None:
    """Prove this installation, with your image. Ends with 1 if a check fails.

    It makes two namespaces of its own; with --namespace it is content with that one.
    """
    from daskflow.cli.verification.runner import Wishes

    checks, operator = _chosen(quick, only or []), await _operator(connection)
    wishes = Wishes(
        image=image,
        spec=_spec(sets or []),
        existing=connection.chosen_namespace,
        parallel=parallel,
        patience=patience,
        stop_operator=stop_operator,
        upgrade=bool(upgrade),
    )
    found = await _run(connection, wishes, checks, operator, upgrade, quiet=output is not None)
    known = f"{operator.version or operator.image} in namespace {operator.namespace}" if operator else ""
    _written(found, known, report, junit)
    _said(found, known, output)
    if found.failed or found.left:
        raise typer.Exit(FAILED if found.failed else CLUSTER)


async def _run(
    connection: "Connection",
    wishes: "Wishes",
    checks: "list[Check]",
    operator: "Operator | None",
    upgrade: str,
    *,
    quiet: bool,
) -> "Verification":
    """Says each result as it comes, and what was left behind, also where it is interrupted."""
    from daskflow.cli.verification.catalogue import PROBE
    from daskflow.cli.verification.operators import Deployed
    from daskflow.cli.verification.reports.lines import line
    from daskflow.cli.verification.runner import Runner

    def tell(result: "Result") -> None:
        if not quiet:
            out(line(result))

    runner = Runner(connection, wishes, Deployed(connection, operator, upgrade), tell, remark=say)
    try:
        return await runner.run(PROBE, checks)
    finally:
        for each in runner.verification.left:
            say(f"left behind: {each}")


def _said(found: "Verification", operator: str, output: str | None) -> None:
    from daskflow.cli.verification.reports.as_json import value
    from daskflow.cli.verification.reports.lines import summary

    out(as_json(value(found, operator)) if output == "json" else summary(found))


def _chosen(quick: bool, only: "list[str]") -> "list[Check]":
    """Raises WrongUse for a check that does not exist."""
    from daskflow.cli.verification.catalogue import CHECKS
    from daskflow.client.errors import WrongUse

    known = {each.slug: each for each in CHECKS}
    for name in only:
        if name not in known:
            near = get_close_matches(name, known, 1)
            remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise WrongUse(f"--only {name} is no check; {remedy}")
    return [each for each in CHECKS if (each.slug in only if only else each.quick or not quick)]


def _spec(sets: "list[str]") -> "dict[str, Any]":
    """What all runs are given. Raises WrongUse."""
    from daskflow.cli.submission import given

    return given(sets)


async def _operator(connection: "Connection") -> "Operator | None":
    """The one that looks after the namespace, as far as it is to be seen."""
    from daskflow.cli.installed import operators
    from daskflow.client.errors import Forbidden

    try:
        found = await operators(connection)
    except Forbidden:
        return None
    chosen = connection.chosen_namespace
    fitting = [each for each in found if not each.watched or chosen in each.watched]
    return next(iter(fitting or found), None)


def _written(found: "Verification", operator: str, report: Path | None, junit: Path | None) -> None:
    from datetime import datetime, timezone

    from daskflow.cli.verification.reports.junit import document
    from daskflow.cli.verification.reports.markdown import page

    if report:
        report.write_text(page(found, operator, datetime.now(timezone.utc)))
    if junit:
        junit.write_text(document(found))

"""The program `daskflow`, which is `kubectl daskflow`, too, and its commands."""

import os
import sys

import typer

from daskflow import __version__
from daskflow.cli import options
from daskflow.cli.lazy import Place, lazy

COMPLETE = "_DASKFLOW_COMPLETE"
"""The variable in which a shell's completion says that it asks."""

COMMANDS = {
    "run": Place("commands.run:run", "Start a flow on a Dask cluster of its own."),
    "list": Place("commands.list:list_runs", "List runs."),
    "get": Place("commands.get:get", "Show one run."),
    "watch": Place("commands.watch:watch", "Follow a run, live, to its end."),
    "wait": Place("commands.wait:wait", "Wait for a run's end; the exit code tells how it ended."),
    "logs": Place("commands.logs:logs", "Print what a run's pods have printed."),
    "result": Place("commands.result:result", "Print what a flow returned, as JSON."),
    "explain": Place("commands.explain:explain", "Say why a run, or a cluster, schedule or pool, fails."),
    "timeline": Place("commands.timeline:timeline", "Draw a run's attempts, phases and pods over time."),
    "report": Place(
        "commands.report:report", "Say where a run's time and memory went; or pack all about it."
    ),
    "retry": Place("commands.retry:retry", "Start a new run like an old one."),
    "cancel": Place("commands.change:cancel", "Ask a run's flow to end."),
    "suspend": Place("commands.change:suspend", "Stop all that runs of a run, until it is resumed."),
    "resume": Place("commands.change:resume", "Let a suspended run go on."),
    "delete": Place("commands.change:delete", "Remove runs and all that they own."),
    "connect": Place("commands.connect:connect", "Let a Python here use a cluster."),
    "dashboard": Place("commands.dashboard:dashboard", "Bring Dask's dashboard of a run or cluster here."),
    "cluster": Place("commands.cluster:app", "Make, scale and remove Dask clusters."),
    "schedule": Place("commands.schedule:app", "Look after flows on a clock."),
    "pool": Place("commands.pool:app", "Look after clusters that wait for runs."),
    "local": Place("local.command:local", "Run a FlowRun's manifest on this machine."),
    "migrate": Place("migration.command:migrate", "Turn what ran Dask elsewhere into manifests."),
    "ui": Place("commands.ui:ui", "Look at runs, clusters and schedules in the browser."),
    "check": Place("commands.check:check", "Say whether runs can be started here, and what is missing."),
    "verify": Place("commands.verify:verify", "Prove this installation, with your image."),
    "version": Place("commands.version:version", "Say the versions of this program and of the operator."),
    "completion": Place("commands.completion:completion", "Print a shell's completions."),
}

app = typer.Typer(
    cls=lazy(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"daskflow {__version__}")
        raise typer.Exit


@app.callback()
@options.ahead
def main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Say the version."
    ),
) -> None:
    """Runs packaged flows on ephemeral Dask clusters."""


def program() -> None:
    """Entry point of `daskflow` and, under the name `kubectl-daskflow`, of `kubectl daskflow`."""
    if COMPLETE in os.environ:  # a shell asks what fits: see commands/completion.py
        from typer._completion_classes import completion_init

        completion_init()
    called = os.path.basename(sys.argv[0])
    app(prog_name="kubectl daskflow" if called.startswith("kubectl-") else "daskflow")


if __name__ == "__main__":
    program()

"""`daskflow schedule`: FlowSchedules."""

import sys
from contextlib import nullcontext
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daskflow.cli import options
from daskflow.cli.commands import run as of_run
from daskflow.cli.objects import group, near_names
from daskflow.cli.printing import as_json, as_yaml, out, say, table, written

if TYPE_CHECKING:
    from daskflow.cli.scheduling.backfill import Slot
    from daskflow.cli.scheduling.known import Schedule
    from daskflow.client.connection import Connection

KIND = "FlowSchedule"
app = group(KIND, "schedules")

Name = Annotated[
    str,
    typer.Argument(
        metavar="SCHEDULE",
        help="The FlowSchedule's name.",
        show_default=False,
        parser=options.name_of("FlowSchedule", "schedule"),
    ),
]
MANY = 10
"""Runs that a backfill makes without a yes."""


@app.callback()
@options.ahead
def schedule() -> None:
    """Look after flows on a clock."""


@app.command("next")
@options.on_cluster
async def next_ticks(
    connection: "Connection",
    name: Name,
    count: Annotated[int, typer.Argument(metavar="N", min=1, max=1000, help="How many ticks.")] = 5,
    output: Annotated[Literal["json", "yaml"] | None, typer.Option("--output", "-o", help="Whole.")] = None,
) -> None:
    """Say when a schedule ticks next, and what its runs will be called."""
    from daskflow.cli.scheduling.known import read
    from daskflow.cli.scheduling.upcoming import rows, upcoming, values

    found, now = await read(connection, name), datetime.now(timezone.utc)
    ticks = upcoming(found, now, count)
    if output:
        whole = values(found, ticks)
        print(as_json(whole) if output == "json" else as_yaml(whole))
        return
    if ticks:
        print(table(*rows(found, ticks, now)))
    if len(ticks) < count:
        say(f"{name} has no {'more' if ticks else 'tick to come any more'}.")
    _say_suspended(found, "none of these is started")


def _say_suspended(found: "Schedule", meanwhile: str) -> None:
    if found.spec.suspend:
        say(f"{found.name} is suspended; {meanwhile} before: daskflow schedule resume {found.name}")


@app.command("trigger")
@options.on_cluster
async def trigger(
    connection: "Connection",
    name: Name,
    parameter: of_run.Parameter = None,
    env: of_run.Env = None,
    run_name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The run's name [made from the schedule's].")
    ] = None,
    set_: of_run.Set = None,
    force: Annotated[
        bool, typer.Option("--force", help="Beside a run that has not ended, whatever the schedule says.")
    ] = False,
    dry_run: of_run.DryRun = False,
    output: options.ObjectForm = None,
    wait: of_run.Wait = False,
    watch: of_run.Watch = False,
    cancel_on_interrupt: options.CancelOnInterrupt = False,
) -> None:
    """Start a run of a schedule now, as a tick would."""
    from daskflow.cli.scheduling.by_hand import first, make_way, manifest_of
    from daskflow.cli.scheduling.known import read
    from daskflow.cli.scheduling.upcoming import quiet
    from daskflow.cli.submission import Flags, submission

    found = await read(connection, name)
    flags = Flags(run_name, parameters=parameter or (), env=env or (), sets=set_ or ())
    if dry_run:
        of_run.out_manifest(submission(manifest_of(found, datetime.now(timezone.utc)), flags), output)
        return
    seen = None if force else await make_way(connection, found)
    now = datetime.now(timezone.utc)
    if found.spec.suspend:
        say(f"{name} is suspended; this run is started all the same.")
    if until := quiet(found, now):
        say(f"quiet hours: the run waits until {found.local(until)}.")
    with nullcontext() if run_name or seen is None else first(found):
        await of_run.submitted(
            connection, submission(manifest_of(found, now, seen), flags), output=output, wait=wait,
            watch=watch, cancel_on_interrupt=cancel_on_interrupt,
        )  # fmt: skip


@app.command("backfill")
@options.on_cluster
async def backfill(
    connection: "Connection",
    name: Name,
    begin: Annotated[
        str, typer.Argument(metavar="FROM", help="The first tick, or before: 2026-11-01, 2026-11-01T02:00.")
    ],
    end: Annotated[str, typer.Argument(metavar="TO", help="The last tick, or after; a date is all of it.")],
    max_parallel: Annotated[
        int, typer.Option(metavar="N", min=1, max=100, help="How many runs at a time [1].")
    ] = 1,
    parameter: of_run.Parameter = None,
    set_: of_run.Set = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", "-k", help="Start the rest, too, when one does not succeed.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=f"Do not ask, for more than {MANY} runs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made; make none.")] = False,
    output: options.ObjectForm = None,
) -> None:
    """Start a run for each tick that has been, from one time to another, and wait for their ends."""
    from daskflow.cli.scheduling.backfill import manifest_of, slots
    from daskflow.cli.scheduling.filling import Filling
    from daskflow.cli.scheduling.interval import ticks_between, zone_of
    from daskflow.cli.scheduling.known import read, runs_of
    from daskflow.cli.submission import Flags, submission

    found = await read(connection, name)
    ticks = ticks_between(found, begin, end, datetime.now(timezone.utc))
    every = slots(found, ticks, await runs_of(connection, found) if ticks else ())
    chosen = [slot for slot in every if slot.what in ("create", "join")]
    flags = Flags(parameters=parameter or (), sets=set_ or ())

    def made(slot: "Slot") -> dict[str, object]:
        return submission(manifest_of(found, slot), flags)

    if dry_run and output:
        print(_manifests([made(slot) for slot in every if slot.what == "create"], output))
        return
    if dry_run:
        from daskflow.cli.scheduling.backfill import HEADER

        if every:
            print(table(HEADER, ((found.local(slot.tick), slot.run, slot.words) for slot in every)))
    _say_what(every, begin, end, zone_of(found, begin, end))
    if not dry_run and chosen:
        _agreed(len(chosen), yes)
        await Filling(connection, made, max_parallel, keep_going).fill(chosen)


def _manifests(made: list[dict[str, object]], form: Literal["json", "yaml", "name"]) -> str:
    from daskflow.api.names import API_VERSION, FLOW_RUN

    return written(made, form, kind=FLOW_RUN, version=API_VERSION, several=True)


def _say_what(every: "list[Slot]", begin: str, end: str, zone: str) -> None:
    counts = {what: sum(slot.what == what for slot in every) for what in ("create", "join", "there", "due")}
    words = {
        "create": "without a run",
        "join": "with a run of an earlier backfill that goes on",
        "there": "with a run already; `daskflow retry` runs one again",
        "due": "that the schedule itself is to start",
    }
    told = "; ".join(f"{count} {words[what]}" for what, count in counts.items() if count)
    say(f"from {begin} to {end}{zone} there have been {len(every)} ticks{': ' if told else ''}{told}.")


def _agreed(count: int, yes: bool) -> None:
    """Raises WrongUse for many runs without a yes."""
    from daskflow.client.errors import WrongUse

    if count <= MANY or yes:
        return
    if not sys.stdin.isatty():
        raise WrongUse(f"that makes {count} runs; give --yes if that is what you want, or a shorter time")
    if not typer.confirm(f"Start {count} runs?", err=True):
        raise typer.Exit(0)


@app.command("suspend")
@options.on_cluster
async def suspend(connection: "Connection", name: Name) -> None:
    """Start no run of a schedule until it is resumed."""
    async with near_names(connection, KIND, name):
        await connection.patch(KIND, name, {"spec": {"suspend": True}})
    out(f"flowschedule.daskflow.dev/{name} suspended")


@app.command("resume")
@options.on_cluster
async def resume(connection: "Connection", name: Name) -> None:
    """Let a schedule go on; ticks that it missed count as late."""
    async with near_names(connection, KIND, name):
        await connection.patch(KIND, name, {"spec": {"suspend": False}})
    out(f"flowschedule.daskflow.dev/{name} resumed")

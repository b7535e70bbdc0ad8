"""`daskflow run`: a flow from flags, from a file's path, or from a manifest with overrides."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from daskflow.cli import options
from daskflow.cli.exits import CLUSTER
from daskflow.cli.printing import as_json, as_yaml, out, say, written

if TYPE_CHECKING:
    from daskflow.client.code.archive import Archive
    from daskflow.client.connection import Connection

Image = Annotated[
    str | None, typer.Option(metavar="IMAGE", help="The image of scheduler, workers and runner.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", "-w", min=0, help="How many workers; 0: no cluster.")
]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads of a worker.")]
Memory = Annotated[
    str | None, typer.Option(metavar="SIZE", help="Memory of a worker, request and limit: 4Gi.")
]
Cpu = Annotated[str | None, typer.Option(metavar="CORES", help="CPU of a worker, request and limit: 500m.")]
Parameter = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter", "-p", metavar="KEY=VALUE", help="A parameter of the flow; the value is YAML."
    ),
]
Env = Annotated[
    list[str] | None, typer.Option("--env", "-e", metavar="NAME=VALUE", help="An environment variable.")
]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="The run's name [made from the flow's].")]
GenerateName = Annotated[bool, typer.Option("--generate-name", help="Put letters behind the name.")]
Retries = Annotated[int | None, typer.Option(min=0, help="Further attempts after a failure of the flow.")]
Deadline = Annotated[
    str | None,
    typer.Option("--timeout", metavar="DURATION", help="How long the run may take: 90s, 2h."),
]
ServiceAccount = Annotated[str | None, typer.Option(metavar="NAME", help="The pods' service account.")]
Pool = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The ClusterPool whose cluster it begins on at once, if one waits."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Any field of the spec: cluster.dashboard=true."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the manifest and create nothing.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end; the exit code tells how it ended.")]
Code = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="The project whose files go along [this folder, if FLOW is a path.py:attr in it]."
    ),
]
NoCode = Annotated[bool, typer.Option("--no-code", help="Send no files: the image has the code.")]
Force = Annotated[bool, typer.Option("--force", help="Send files that look like secrets, too.")]
Watch = Annotated[bool, typer.Option("--watch", help="Show pods, progress and log up to the end.")]


@options.on_cluster
async def run(
    connection: "Connection",
    flow: Annotated[
        str | None,
        typer.Argument(
            metavar="FLOW",
            help="path.py:attr here or in the image, module:attr, a script's path, or a manifest's.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--filename", "-f", metavar="FILE", help="A FlowRun's YAML; - for stdin.")
    ] = None,
    image: Image = None,
    workers: Workers = None,
    threads: Threads = None,
    memory: Memory = None,
    cpu: Cpu = None,
    parameter: Parameter = None,
    env: Env = None,
    name: Name = None,
    generate_name: GenerateName = False,
    retries: Retries = None,
    deadline: Deadline = None,
    service_account: ServiceAccount = None,
    pool: Pool = None,
    set_: Set = None,
    dry_run: DryRun = False,
    output: options.ObjectForm = None,
    wait: Wait = False,
    watch: Watch = False,
    cancel_on_interrupt: options.CancelOnInterrupt = False,
    local: Annotated[bool, typer.Option("--local", help="On this machine, as daskflow local does.")] = False,
    code: Code = None,
    no_code: NoCode = False,
    force: Force = False,
) -> None:
    """Start a flow on a Dask cluster of its own."""
    from daskflow.cli.submission import Flags, submission

    flags = Flags(
        name, generate_name, image, workers, threads, memory, cpu, parameter or (), env or (), retries,
        deadline, service_account, set_ or (), pool,
    )  # fmt: skip
    made = submission(_flow(flow, file), flags)
    if local and not dry_run:
        _here(made, code, output)
        return
    no_code = no_code or local
    made, archive = (made, None) if no_code else _with_code(made, code, force=force)
    if dry_run:
        out_manifest(made, output, archive)
    else:
        await submitted(
            connection, made, output=output, wait=wait, watch=watch, cancel_on_interrupt=cancel_on_interrupt,
            code=archive,
        )  # fmt: skip


def _with_code(
    made: dict[str, Any], folder: Path | None, *, force: bool
) -> "tuple[dict[str, Any], Archive | None]":
    """The manifest with the files that go along, and these: those of the folder given, else of this one if
    the entrypoint is a file here."""
    from daskflow.client.code.project import packed, with_code

    if folder is None:
        if not _is_here(str((made["spec"].get("flow") or {}).get("entrypoint") or "")):
            return made, None
        folder = Path()
    found = packed(folder, force=force)
    what = "1 file" if found.count == 1 else f"{found.count} files"
    goes = "goes along" if found.count == 1 else "go along"
    leaves = "it" if found.count == 1 else "them"
    say(f"{what} of {folder.resolve()} {goes}, {found.kib} KiB; --no-code leaves {leaves} here")
    return with_code(made, found), found


def _is_here(entrypoint: str) -> bool:
    """Whether it is a file of this folder; says so of one that will be looked for in the image alone, though
    it may have been meant. Raises WrongUse for a file here that is outside the folder."""
    from daskflow.client.errors import WrongUse

    place, _, attribute = entrypoint.rpartition(":")
    path = Path(place)
    if not place.endswith(".py"):
        file = Path(place.replace(".", "/") + ".py") if place else path
        if place and file.is_file():
            say(f"{place} is looked for in the image; {file}:{attribute} sends the files of this folder")
        return False
    if path.is_absolute():
        if path.is_file() and path.is_relative_to(Path.cwd()):
            below = path.relative_to(Path.cwd())
            say(f"{path} is looked for in the image; {below}:{attribute} sends the files of this folder")
        elif path.is_file():
            there = f"from {path.parent}, {path.name}:{attribute}"
            say(f"{path} is looked for in the image; {there} sends the files of that folder")
        return False
    if not path.is_file():
        say(f"{path} is not in this folder; it is looked for in the image")
        return False
    if not path.resolve().is_relative_to(Path.cwd().resolve()) and ".." in path.parts:
        raise WrongUse(
            f"{path} lies outside this folder, whose files would go along; give the project's by --code, and "
            "the file's path in it"
        )
    return True


def _flow(flow: str | None, file: str | None) -> Any:
    from daskflow.client.errors import WrongUse

    if (flow is None) == (file is None):
        raise WrongUse("give either FLOW, for example flows/etl.py:flow, or -f with a FlowRun's YAML")
    if file == "-":
        return sys.stdin.read() + "\n"
    return Path(file) if file else str(flow)


def out_manifest(
    made: dict[str, Any], form: Literal["json", "yaml", "name"] | None, code: "Archive | None" = None
) -> None:
    """What would be created, with this code. Raises WrongUse for what an API server would refuse at sight."""
    from daskflow.client.checks import understood

    understood(made)
    if form == "name":
        out(f"flowrun.daskflow.dev/{made['metadata']['name']}")
    else:
        print(as_json(made) if form == "json" else as_yaml(made))
    if code:
        say(
            f"a dry run makes no ConfigMap, and this manifest names {', '.join(code.parts)}: "
            "its files go along only without --dry-run"
        )


async def submitted(
    connection: "Connection",
    made: dict[str, Any],
    *,
    output: Literal["json", "yaml", "name"] | None,
    wait: bool,
    watch: bool,
    cancel_on_interrupt: bool,
    code: "Archive | None" = None,
) -> None:
    """Create a run and, if that is wanted, stay to its end."""
    from daskflow.api.names import API_VERSION, FLOW_RUN
    from daskflow.client.run import AsyncRun

    run = await AsyncRun.submit(made, code=code, namespace=connection.chosen_namespace, connection=connection)
    if output:
        print(written([run.resource], output, kind=FLOW_RUN, version=API_VERSION))
    else:
        out(f"flowrun.daskflow.dev/{run.name} created")
    await _pool_told(connection, run.resource)
    if watch:
        from daskflow.cli.commands.watch import followed

        await followed(run, cancel_on_interrupt=cancel_on_interrupt)
    elif wait:
        from daskflow.cli.following import to_the_end

        await to_the_end(run, run.wait(), cancel_on_interrupt=cancel_on_interrupt)
    elif not output:
        say(f"follow it with: daskflow watch {run.name} --namespace {run.namespace}")


async def _pool_told(connection: "Connection", run: Any) -> None:
    """Says of a pool that is not there what it may have been meant to be; it may be made later."""
    from daskflow.api.names import CLUSTER_POOL
    from daskflow.api.wording import full_stop
    from daskflow.client.errors import DaskflowError, NotFound
    from daskflow.client.near_names import not_found

    name, namespace = (run["spec"].get("pool") or {}).get("name"), run["metadata"]["namespace"]
    if not name:
        return
    try:
        await connection.get(CLUSTER_POOL, name, namespace)
    except NotFound:
        found = await not_found(connection, CLUSTER_POOL, name, namespace)
        say(f"{full_stop(str(found))} The run waits until there is one.")
    except DaskflowError:
        return  # who may make runs need not be allowed to look at pools


def _here(made: dict[str, Any], folder: Path | None, output: str | None) -> None:
    """The same manifest on this machine, in this folder or the one given. Raises WrongUse and typer.Exit."""
    from daskflow.client.errors import WrongUse

    if output:
        raise WrongUse("--local makes no object that --output could print; leave one of them out")
    if folder is not None and not folder.is_dir():
        raise WrongUse(f"--code {folder} is no folder")
    try:
        from daskflow.cli.local.command import local
        from daskflow.cli.local.unused_fields import NO_IMAGE
    except ImportError as error:
        say(f"--local needs {error.name}; pip install 'daskflow[local]'")
        raise typer.Exit(CLUSTER) from error
    made["spec"].setdefault("image", NO_IMAGE)
    with tempfile.TemporaryDirectory(prefix="daskflow-") as scratch:
        path = Path(scratch) / "flowrun.yaml"
        path.write_text(as_json(made))
        local(path, directory=folder or Path())

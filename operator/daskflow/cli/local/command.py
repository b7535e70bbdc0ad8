"""`daskflow local`: the very same manifest, without Kubernetes."""

import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.api.model import LEVELS, TOO_DEEP, deeper
from daskflow.api.numbers import kept
from daskflow.cli.local.attempt import Attempt
from daskflow.cli.local.display import Display, display
from daskflow.cli.local.machine import cut, differences, this_machine, wanted
from daskflow.cli.local.manifest import Invalid, Manifest, archive_of, files_of, read
from daskflow.cli.local.outcome import printed
from daskflow.cli.local.report import check_destination, keep_report
from daskflow.cli.local.unused_fields import notes
from daskflow.cli.parameters import overridden

BAD_MANIFEST = 2

Report = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Writes where time and memory went: .html, .svg, .json or .txt; - for standard output.",
    ),
]


def local(
    manifest: Annotated[Path, typer.Argument(help="The FlowRun's YAML; - for standard input.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p", "--parameter", metavar="NAME=VALUE", help="Overrides a parameter; JSON, else text."
        ),
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Writes the outcome as JSON; - for standard output.")
    ] = None,
    directory: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="What is the image's working directory.")
    ] = Path(),
    files: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Stands in for spec.flow.files.")
    ] = None,
    scheduler: Annotated[
        Literal["threads", "processes", "sync"] | None,
        typer.Option(help="Dask's single-machine schedulers instead of a cluster."),
    ] = None,
    python: Annotated[
        str, typer.Option(metavar="PATH", help="The Python, with distributed, that runs the flow.")
    ] = sys.executable,
    report: Report = None,
    logs: Annotated[bool, typer.Option("--logs", help="Shows scheduler's and workers' logs, too.")] = False,
) -> None:
    """Runs a FlowRun's manifest on this machine."""
    try:
        check_destination(report, output)
        found = _read(manifest)
        parameters = overridden(found.spec.flow.parameters, _overrides(parameter or []))
        with tempfile.TemporaryDirectory(prefix="daskflow-") as folder:
            at = Path(folder)
            paths = {
                "folder": at,
                "directory": directory.resolve(),
                "files": files_of(found, files, at / "files"),
                "archive": archive_of(found, files, at / "archive"),
            }
            python = _python(python)
            shown = display(sys.stderr if output == "-" else None)
            attempt = _attempt(found, parameters, scheduler, python, logs, shown, paths)
            with shown:
                _say_differences(attempt)
                ended = attempt.run()
    except Invalid as error:
        said = str(error)
        print(f"daskflow: {said}{'' if said.endswith(('.', '?')) else '.'}", file=sys.stderr)
        raise typer.Exit(BAD_MANIFEST) from error
    _show(ended, output, attempt.said)
    if report:
        keep_report(found.name, ended, report)
    if attempt.signalled:
        raise typer.Exit(128 + attempt.signalled)
    raise typer.Exit(0 if ended.phase == "Succeeded" else 1)


def _read(path: Path) -> Manifest:
    if str(path) == "-":
        return read(sys.stdin.read(), "the manifest")
    try:
        return read(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}") from error


def _overrides(given: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise Invalid(f"-p {each} is no parameter; write -p name=value")
        try:
            found[name] = json.loads(value)
            too_deep = deeper(found[name], LEVELS)
        except RecursionError:
            too_deep = True
        except ValueError:
            found[name], too_deep = value, False
        if too_deep:
            raise Invalid(f"-p {name} is {TOO_DEEP}")
        try:
            found[name] = kept(found[name], name)
        except ValueError as error:
            raise Invalid(f"-p {error}") from error
    return found


def _python(given: str) -> str:
    """Its absolute path. Raises Invalid; another Python's own `distributed` is missed when it starts."""
    found = shutil.which(given)
    if found is None:
        raise Invalid(f"--python {given} is no program; give the path of a Python that has distributed")
    if given == sys.executable and importlib.util.find_spec("distributed") is None:
        raise Invalid(f"{given} has no distributed; install daskflow[local], or say --python PATH")
    return os.path.abspath(found)


def _attempt(
    found: Manifest,
    parameters: dict[str, Any],
    scheduler: str | None,
    python: str,
    logs: bool,
    shown: Display,
    paths: dict[str, Any],
) -> Attempt:
    machine = this_machine()
    groups = cut(wanted(found.spec.cluster), machine)
    return Attempt(
        manifest=found,
        parameters=parameters,
        groups=[] if scheduler else groups,
        machine=machine,
        python=python,
        scheduler=scheduler,
        threads=sum(group.count * group.threads for group in groups) or machine.cores,
        display=shown,
        logs=logs,
        **paths,
    )


def _say_differences(attempt: Attempt) -> None:
    """A line for whatever will not be as in Kubernetes."""
    found, say = attempt.manifest, attempt.display.say
    for other in found.others:
        say(f"{other} has no meaning here")
    for line in notes(found.written, python=attempt.python, directory=str(attempt.directory)):
        say(line)
    if attempt.scheduler:
        say(f"no cluster: Dask collections are computed by {attempt.scheduler} in the flow's process")
        return
    asked = wanted(found.spec.cluster)
    for line in differences(asked, attempt.groups, attempt.machine):
        say(line)


def _show(ended: FlowRunStatus, output: str | None, said: str) -> None:
    text = json.dumps(printed(ended), indent=2, ensure_ascii=False)
    if output == "-":
        print(text)
    elif output:
        Path(output).write_text(text + "\n")
    if ended.message != said:
        print(f"daskflow: {ended.phase} ({ended.reason}): {ended.message}", file=sys.stderr)
    elif ended.result is not None and output != "-":
        print(f"daskflow: result: {json.dumps(ended.result, ensure_ascii=False)}", file=sys.stderr)

"""The report of a local run, as `--report` has it."""

import sys
from pathlib import Path

from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.cli.local.validation import Invalid
from daskflow.cli.reporting.forms import FORMS


def check_destination(where: str | None, output: str | None) -> None:
    """Raises Invalid for a file that says of no form, or would be in the way of the outcome."""
    if where == "-" and output == "-":
        raise Invalid("--report - and --output - would be mixed up; give one of them a file's name")
    if where and where != "-" and Path(where).suffix not in FORMS:
        raise Invalid(f"--report {where}: give it a name that ends with {', '.join(FORMS)}")
    if where and where != "-" and not Path(where).resolve().parent.is_dir():
        raise Invalid(f"--report {where}: {Path(where).parent} is no folder; make it first")


def keep_report(name: str, ended: FlowRunStatus, where: str) -> None:
    """Write or print it; that there is none, or no file of it, is told: the run has ended."""
    from daskflow.cli.reporting.forms import show, written
    from daskflow.client.report.reading import figures
    from daskflow.client.report.run_report import RunReport

    if ended.report is None:
        print(
            "daskflow: there is no report: nobody keeps count without a scheduler of workers "
            "(spec.cluster.workers, no --scheduler), or it ended too early",
            file=sys.stderr,
        )
        return
    found = RunReport(figures(name, ended))
    if where == "-":
        show(found)
        return
    try:
        Path(where).write_text(written(FORMS[Path(where).suffix], found), encoding="utf-8", errors="replace")
    except OSError as error:
        print(f"daskflow: the report cannot be written to {where}: {error.strerror}", file=sys.stderr)

"""Where a report comes from: a run of the cluster, or a file with its object or its status."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daskflow.client.errors import NotFound, WrongUse
from daskflow.client.report.reading import figures_of, why_none
from daskflow.client.report.run_report import RunReport

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

MOST_BYTES = 16 * 2**20


def is_file(given: str) -> bool:
    """Whether an argument is a file rather than a run: `daskflow local --output` and kubectl write such."""
    return given.endswith(".json") and Path(given).is_file()


async def report_of(given: str, connection: "Connection", record: str | None = None) -> RunReport:
    """Of a run by its name, or of a file. Raises NotFound where there is none, and WrongUse."""
    from daskflow.client.run import AsyncRun

    if is_file(given):
        resource = _object(Path(given))
    else:
        resource = (await AsyncRun.get(given, connection=connection)).resource
    return report_in(resource, record)


def report_in(resource: Any, record: str | None = None) -> RunReport:
    """The same of the object of a FlowRun."""
    figures = figures_of(resource)
    if figures is None:
        raise NotFound(why_none(resource))
    found = RunReport(figures)
    return found.with_record(record) if record else found


def _object(path: Path) -> dict[str, Any]:
    """A FlowRun, or its status alone, whose name is then the file's."""
    try:
        with path.open("rb") as opened:
            value = json.loads(opened.read(MOST_BYTES))
    except OSError as error:
        raise WrongUse(
            f"{path} cannot be read: {error.strerror}; give another file, or a run's name"
        ) from None
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and isinstance(value.get("metadata"), dict) and value["metadata"].get("name"):
        return value
    if isinstance(value, dict) and ("phase" in value or "report" in value):
        return {"metadata": {"name": path.stem}, "status": value}
    raise WrongUse(
        f"{path} holds no FlowRun and no status of one; give what daskflow local --output writes, "
        "or kubectl get flowrun NAME -o json"
    )

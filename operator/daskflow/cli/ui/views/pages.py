"""Which page an address means."""

import re
from collections.abc import Mapping

from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.cluster import cluster_page
from daskflow.cli.ui.views.clusters import clusters_page
from daskflow.cli.ui.views.common import frame
from daskflow.cli.ui.views.page import Page
from daskflow.cli.ui.views.run import run_page
from daskflow.cli.ui.views.runs import runs_page
from daskflow.cli.ui.views.schedule import schedule_page
from daskflow.cli.ui.views.schedules import schedules_page

_LISTS = {"/": runs_page, "/clusters": clusters_page, "/schedules": schedules_page}
_ONE = {"runs": run_page, "clusters": cluster_page, "schedules": schedule_page}
_PLACE = re.compile(
    r"/(?P<kind>runs|clusters|schedules)/(?P<namespace>[a-z0-9-]{1,63})/(?P<name>[a-z0-9.-]{1,253})"
)


def run_of(path: str) -> tuple[str, str] | None:
    """Namespace and name of the run whose page it is."""
    found = _PLACE.fullmatch(path)
    return (found["namespace"], found["name"]) if found and found["kind"] == "runs" else None


def page_of(source: Source, path: str, query: Mapping[str, str]) -> Page:
    """That page as it is now; one that says so where there is none."""
    if path in _LISTS:
        return _LISTS[path](source, query)
    if found := _PLACE.fullmatch(path):
        return _ONE[found["kind"]](source, found["namespace"], found["name"], query)
    return Page("missing.html", "Not here", frame(source), status=404)

"""The list of DaskClusters."""

from collections.abc import Mapping

from markupsafe import Markup

from daskflow.api.daskcluster import TERMINAL_PHASES, status_of
from daskflow.api.names import DASK_CLUSTER, LABEL_RUN
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import frame, nothing
from daskflow.cli.ui.views.page import Page
from daskflow.cli.ui.views.runs import phase_of
from daskflow.client.connection import Object

MOST = 200
"""Rows; the newest."""


def clusters_page(source: Source, query: Mapping[str, str]) -> Page:
    """Those of runs and those on their own, the newest first."""
    found = source.newest(DASK_CLUSTER)
    shown = found[:MOST]
    sentence = nothing(source.feeds[DASK_CLUSTER], DASK_CLUSTER) if not shown else ""
    if len(found) > MOST:
        sentence = f"The newest {MOST} of {len(found)} are shown."
    parts = {"empty": rendered("parts/empty.html", sentence=sentence, example=False)}
    return Page(
        "clusters.html",
        "Clusters",
        frame(source) | parts,
        {"clusters": {_id(each): _row(each) for each in shown}},
    )


def _row(cluster: Object) -> Markup:
    metadata, spec = cluster["metadata"], cluster.get("spec") or {}
    phase = phase_of(cluster)
    return rendered(
        "parts/cluster_row.html",
        id=_id(cluster),
        namespace=metadata["namespace"],
        name=metadata["name"],
        run=(metadata.get("labels") or {}).get(LABEL_RUN) or "",
        created=metadata.get("creationTimestamp"),
        phase=phase,
        status=status_of(cluster),
        image=spec.get("image") or "",
        dashboard=bool(spec.get("dashboard")) and phase not in TERMINAL_PHASES,
    )


def _id(cluster: Object) -> str:
    return f"cluster/{cluster['metadata']['namespace']}/{cluster['metadata']['name']}"

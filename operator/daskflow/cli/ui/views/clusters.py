"""The list of DaskClusters."""

from collections.abc import Mapping

from markupsafe import Markup

from daskflow.api.daskcluster import TERMINAL_PHASES, status_of
from daskflow.api.names import DASK_CLUSTER, LABEL_RUN
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.listing import listing
from daskflow.cli.ui.views.page import Page
from daskflow.cli.ui.views.runs import phase_of
from daskflow.client.connection import Object


def clusters_page(source: Source, query: Mapping[str, str]) -> Page:
    """Those of runs and those on their own, the newest first."""
    return listing(source, DASK_CLUSTER, "cluster", source.newest(DASK_CLUSTER), _row, first="newest")


def _row(cluster: Object, row: str) -> Markup:
    metadata, spec = cluster["metadata"], cluster.get("spec") or {}
    phase = phase_of(cluster)
    return rendered(
        "parts/cluster_row.html",
        id=row,
        namespace=metadata["namespace"],
        name=metadata["name"],
        run=(metadata.get("labels") or {}).get(LABEL_RUN) or "",
        created=metadata.get("creationTimestamp"),
        phase=phase,
        status=status_of(cluster),
        image=spec.get("image") or "",
        dashboard=bool(spec.get("dashboard")) and phase not in TERMINAL_PHASES,
    )

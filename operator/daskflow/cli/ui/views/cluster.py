"""One cluster: where it is, its groups of workers, and the runs on it."""

from collections.abc import Mapping

from daskflow.api.daskcluster import TERMINAL_PHASES, status_of
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, LABEL_RUN
from daskflow.api.reasons import Reason
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import absent, frame, nothing
from daskflow.cli.ui.views.page import Page
from daskflow.cli.ui.views.runs import PAGE, phase_of, rows_of
from daskflow.client.connection import Object


def cluster_page(source: Source, namespace: str, name: str, query: Mapping[str, str]) -> Page:
    """Its runs are those that made it, those that refer to it, and those that say that they are on it."""
    cluster = source.get(DASK_CLUSTER, namespace, name)
    runs = [run for run in source.newest(FLOW_RUN) if _on(run, cluster, namespace, name)]
    parts = {
        "groups": rendered("parts/none.html", id="groups"),
        "empty": rendered(
            "parts/empty.html",
            sentence="" if runs else nothing(source.feeds[FLOW_RUN], FLOW_RUN, "No run is on it."),
            example=False,
        ),
    }
    code = 200
    if cluster is None:
        parts["summary"], code = absent(source, DASK_CLUSTER, "cluster", namespace, name)
    else:
        status, phase, spec = status_of(cluster), phase_of(cluster), cluster.get("spec") or {}
        done, known = phase in TERMINAL_PHASES, Reason.of(status.reason)
        parts["groups"] = rendered("parts/cluster_groups.html", status=status)
        parts["summary"] = rendered(
            "parts/cluster_summary.html",
            namespace=namespace,
            name=name,
            phase=phase,
            status=status,
            done=done,
            todo=known.remedy.replace("`", "") if known and phase != "Ready" else "",
            image=spec.get("image") or "",
            created=cluster["metadata"].get("creationTimestamp"),
            dashboard=bool(spec.get("dashboard")) and not done,
        )
    return Page(
        "cluster.html", name, frame(source) | parts, {"runs": rows_of(runs[:PAGE])}, {"name": name}, code
    )


def _on(run: Object, cluster: Object | None, namespace: str, name: str) -> bool:
    if run["metadata"]["namespace"] != namespace:
        return False
    made_by = ((cluster or {}).get("metadata") or {}).get("labels") or {}
    spec, status = run.get("spec"), run.get("status")
    given = spec.get("clusterRef") if isinstance(spec, dict) else None
    used = status.get("cluster") if isinstance(status, dict) else None
    return run["metadata"]["name"] == made_by.get(LABEL_RUN) or any(
        isinstance(each, dict) and each.get("name") == name for each in (given, used)
    )

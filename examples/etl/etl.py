"""Extract, filter, transform: the pushes of GitHub's event archives, summed up by day and repository.

One archive is read in this pod; for more a cluster is made, for as long as it takes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
import dask.bag
import dask.dataframe
from daskflow.runtime import Cluster

COLUMNS = {"day": "string", "repository": "string", "commits": "int64"}


@contextmanager
def resources(files: list[str]) -> Iterator[str]:
    """The resource manager: where Dask computes within its block, in words."""
    if len(files) < 2:
        with dask.config.set(scheduler="threads"):
            yield "this pod"
    else:
        with Cluster(workers=min(len(files), 4)) as cluster:
            yield f"a cluster of {len(cluster.client.scheduler_info()['workers'])} workers"


def is_push(event: dict[str, Any]) -> bool:
    return event["type"] == "PushEvent"


def row(event: dict[str, Any]) -> dict[str, Any]:
    """What the summary needs of an event."""
    return {
        "day": event["created_at"][:10],
        "repository": event["repo"]["name"],
        "commits": event["payload"]["size"],
    }


def flow(files: list[str], output: str) -> dict[str, Any]:
    """Write `output`, a folder of Parquet files with pushes and commits; the result is their sum by day."""
    with resources(files) as where:
        print(f"{len(files)} archives are read in {where}", flush=True)
        events = dask.bag.read_text(files, files_per_partition=1).map(json.loads)
        pushes = events.filter(is_push).map(row).to_dataframe(meta=COLUMNS)
        summary = pushes.groupby(["day", "repository"]).commits.agg(["count", "sum"])
        summary = summary.rename(columns={"count": "pushes", "sum": "commits"}).reset_index()
        summary.to_parquet(output, overwrite=True)
        days = dask.dataframe.read_parquet(output).groupby("day")[["pushes", "commits"]].sum().compute()
    return {"where": where, "days": days.sort_index().to_dict("index")}

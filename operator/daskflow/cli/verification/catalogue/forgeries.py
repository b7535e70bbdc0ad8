"""What is called like a child of ours, or says that it is one."""

from typing import Any

from daskflow.api.names import (
    API_VERSION,
    DASK_CLUSTER,
    FLOW_RUN,
    LABEL_ATTEMPT,
    LABEL_COMPONENT,
    LABEL_MANAGED_BY,
    LABEL_RUN,
    MANAGED_BY,
)
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.catalogue.lives import CANCEL, RESUME
from daskflow.cli.verification.check import Change, Check, Make, Remove, Stays, Until, expect
from daskflow.cli.verification.expectations import at, end, ever, holds, outcomes, pods_ever, result
from daskflow.cli.verification.observed import Observed
from daskflow.manifests.naming import base_name, cluster_name, runner_name


def _uid(seen: Observed, kind: str = FLOW_RUN, part: str = "") -> str:
    return str((seen.get(kind, part).get("metadata") or {}).get("uid", ""))


def _next_runner(seen: Observed) -> str:
    """What the runner of the first attempt is to be called."""
    return runner_name(seen.slug, _uid(seen), 1)


def _scheduler(seen: Observed) -> str:
    return f"{base_name(seen.slug, _uid(seen, DASK_CLUSTER))}-scheduler"


def _of_run(controller: bool, name: Any = None) -> Any:
    """Metadata of a DaskCluster that says to be of attempt 1 of the check's run."""

    def metadata(seen: Observed) -> dict[str, Any]:
        owner = {
            "apiVersion": API_VERSION,
            "kind": FLOW_RUN,
            "name": seen.slug,
            "uid": _uid(seen),
            "controller": controller,
        }
        labels = {LABEL_MANAGED_BY: MANAGED_BY, LABEL_RUN: seen.slug, LABEL_ATTEMPT: "1"}
        return {
            **({"name": name(seen)} if name else {}),
            "labels": labels,
            "ownerReferences": [owner],
        }

    return metadata


def _next_cluster(seen: Observed) -> str:
    return cluster_name(seen.slug, _uid(seen), 2)


CHECKS = (
    Check(
        "taken",
        "somebody's pod that has the name of a runner is left alone, and the run goes on beside it",
        (
            Make(made.run(programs.SUM, suspend=True)),
            Until(when.phase("Suspended"), 20),
            Make(made.python_pod("import time; time.sleep(300)", "", name=_next_runner)),
            RESUME,
            Until(when.ended(), 90),
            expect(
                result(45),
                holds(
                    "somebody's pod was deleted or changed",
                    lambda seen: any(
                        each["metadata"]["name"] == _next_runner(seen)
                        and "deletionTimestamp" not in each["metadata"]
                        for each in seen.living()
                    ),
                ),
            ),
        ),
        quick=True,
    ),
    Check(
        "takencluster",
        "a cluster whose scheduler's name is somebody's waits until it is free, and says so",
        (
            Make(made.cluster(workers=0, suspend=True)),
            Until(when.phase("Suspended", kind=DASK_CLUSTER), 20),
            Make(made.python_pod("import time; time.sleep(300)", "", name=_scheduler)),
            Change(DASK_CLUSTER, {"spec": {"suspend": False}}),
            Until(when.reason("NameConflict", kind=DASK_CLUSTER), 40),
            Remove("Pod", _scheduler, grace=0),
            Until(when.registered(0), 90),
        ),
        needs=("distributed",),
        weight=2,
    ),
    Check(
        "mimic",
        "somebody's pods that have our labels are nobody's children",
        (
            Make(made.run(programs.SLEEPS.format(seconds=6))),
            Until(when.phase("Starting", "Running"), 30),
            Make(
                made.python_pod(
                    "import time; time.sleep(300)",
                    "mimic",
                    labels=lambda seen: {
                        LABEL_MANAGED_BY: MANAGED_BY,
                        LABEL_RUN: seen.slug,
                        LABEL_ATTEMPT: "1",
                        LABEL_COMPONENT: "runner",
                    },
                )
            ),
            Until(when.ended(), 60),
            expect(result("done"), outcomes("Succeeded")),
            Stays(when.lives("mimic"), 4),
        ),
    ),
    Check(
        "closed",
        "a cluster of an attempt that is over, or never was, gets no pods",
        (
            Make(made.run(programs.FAILS)),
            Until(when.ended(), 60),
            Make(made.cluster(metadata=_of_run(True, _next_cluster))),
            Until(when.new_cluster(), 10),
            Stays(when.both(when.pods(0, "scheduler"), when.pods(0, "worker")), 6),
            expect(pods_ever(0, "scheduler"), pods_ever(0, "worker")),
        ),
    ),
    Check(
        "flowmade",
        "a cluster that a flow has made and left goes with its run",
        (
            Make(made.run(programs.SLEEPS.format(seconds=5))),
            Until(when.flow_begun(), 60),
            Make(made.cluster("made", metadata=_of_run(False), suspend=True)),
            Until(when.new_cluster(), 10),
            Until(when.ended(), 60),
            expect(result("done")),
            Until(when.gone_clusters(), 30),
        ),
    ),
    Check(
        "flowmadeonce",
        "a cluster that a failed attempt has made goes before the next one",
        (
            Make(made.run(programs.FAILS_LATE, retries={"limit": 1, "backoff": {"initial": "12s"}})),
            Until(when.flow_begun(), 60),
            Make(made.cluster("made", metadata=_of_run(False), suspend=True)),
            Until(when.new_cluster(), 10),
            Until(when.phase("Retrying"), 60),
            Until(when.gone_clusters(), 10),
            expect(at(when.no(when.attempt(2)))),
            CANCEL,
            Until(when.ended(), 40),
            expect(end("Cancelled"), ever(1, DASK_CLUSTER)),
        ),
    ),
)

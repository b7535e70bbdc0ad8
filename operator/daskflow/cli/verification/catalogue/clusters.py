"""DaskClusters on their own: reached, scaled, suspended, used by runs, and given up."""

from daskflow.api.names import DASK_CLUSTER
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.catalogue.losses import pod
from daskflow.cli.verification.check import Change, Check, Look, Make, Object, Remove, Until, expect
from daskflow.cli.verification.expectations import at, end, ever, holds, outcomes, pods_ever, result
from daskflow.cli.verification.histories import one_after_another

_NOWHERE: Object = {"spec": {"nodeSelector": {"no.such/node": "true"}}}
_ITS = {"name": made.named("")}
_GONE = (Remove(DASK_CLUSTER), Until(when.gone(DASK_CLUSTER), 20), Until(when.no_living(), 60))


CHECKS = (
    Check(
        "cluster",
        "a cluster of its own is ready, says where it is, is guarded by a NetworkPolicy, and serves a run",
        (
            Make(made.cluster()),
            Until(when.registered(1), 90),
            Look(("NetworkPolicy",), when.listed("NetworkPolicy"), 10),
            expect(
                holds(
                    "its address is not told", lambda seen: bool(seen.status("", DASK_CLUSTER).get("address"))
                ),
                holds(
                    "its scheduler is not written down",
                    lambda seen: bool((seen.status("", DASK_CLUSTER).get("scheduler") or {}).get("uid")),
                ),
            ),
            Make(made.run(programs.SUM_ON_WORKERS, "run", workers=None, clusterRef=_ITS)),
            Until(when.ended("run"), 60),
            expect(result(45, "run"), at(when.registered(1)), ever(1, DASK_CLUSTER)),
            *_GONE,
            Look(
                ("Service", "Secret", "NetworkPolicy"),
                when.kinds_are_gone("Service", "Secret", "NetworkPolicy"),
                30,
            ),
        ),
        needs=("distributed",),
        weight=3,
        quick=True,
    ),
    Check(
        "comeslater",
        "a run waits for the cluster that it names, and goes on as soon as that is ready",
        (
            Make(made.run(programs.SUM_ON_WORKERS, workers=None, clusterRef={"name": made.named("lab")})),
            Until(when.reason("ClusterMissing"), 30),
            expect(pods_ever(0, "runner")),
            Make(made.cluster("lab")),
            Until(when.ended(), 90),
            expect(result(45), outcomes("Succeeded")),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "unfit",
        "a run does not use a cluster of another image than it asks for",
        (
            Make(made.cluster("lab", workers=0, suspend=True)),
            Make(
                made.run(
                    programs.SUM,
                    workers=None,
                    clusterRef={"name": made.named("lab")},
                    image="registry.invalid/other:1",
                )
            ),
            Until(when.ended(), 60),
            expect(end("Failed", "ClusterUnfit"), pods_ever(0, "runner")),
        ),
    ),
    Check(
        "notready",
        "no runner is made for a cluster that is not ready, and the start deadline says what was waited for",
        (
            Make(made.cluster("lab", workers={"replicas": 1, "template": _NOWHERE})),
            Until(when.phase("Starting", part="lab", kind=DASK_CLUSTER), 60),
            Make(
                made.run(
                    programs.SUM,
                    workers=None,
                    clusterRef={"name": made.named("lab")},
                    deadlines={"start": "8s"},
                )
            ),
            Until(when.ended(), 40),
            expect(end("Failed", "ClusterNotReady", "DeadlineExceeded"), pods_ever(0, "runner")),
        ),
        needs=("distributed",),
        weight=2,
    ),
    Check(
        "resumed",
        "a suspended cluster has no pods; resumed it waits until the old ones are gone, and is made anew",
        (
            Make(made.cluster()),
            Until(when.registered(1), 90),
            Change(DASK_CLUSTER, {"spec": {"suspend": True}}),
            Until(when.phase("Stopping", "Suspended", kind=DASK_CLUSTER), 20),
            Change(DASK_CLUSTER, {"spec": {"suspend": False}}),
            Until(when.new_pod("scheduler"), 60),
            Until(when.registered(1), 90),
            expect(one_after_another("scheduler"), pods_ever(2, "scheduler")),
            Change(DASK_CLUSTER, {"spec": {"suspend": True}}),
            Until(when.both(when.phase("Suspended", kind=DASK_CLUSTER), when.no_pods()), 60),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "schedulerdies",
        "a cluster whose scheduler is lost says so, and what is left of it ends",
        (
            Make(made.cluster()),
            Until(when.registered(1), 90),
            Remove("Pod", pod("scheduler"), grace=0),
            Until(when.phase("Failed", kind=DASK_CLUSTER), 40),
            expect(end("Failed", "SchedulerLost", kind=DASK_CLUSTER)),
            Until(when.pods(0), 60),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "idle",
        "a cluster that nobody uses stops",
        (
            Make(made.cluster(workers=0, idleTimeout="5s")),
            Until(when.phase("Stopped", kind=DASK_CLUSTER), 90),
            expect(end("Stopped", "IdleTimeout", kind=DASK_CLUSTER)),
            Until(when.pods(0), 30),
        ),
        needs=("distributed",),
        weight=2,
    ),
    Check(
        "noclient",
        "a cluster to which no client is connected stops",
        (
            Make(made.cluster(noClientTimeout="5s")),
            Until(when.phase("Stopped", "Failed", kind=DASK_CLUSTER), 120),
            expect(end("Stopped", "NoClientTimeout", kind=DASK_CLUSTER)),
            Until(when.pods(0), 40),
        ),
        needs=("distributed",),
        weight=3,
    ),
)

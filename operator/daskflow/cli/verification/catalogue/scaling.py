"""Workers that come, go and die."""

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.catalogue.losses import pod
from daskflow.cli.verification.check import Change, Check, Look, Make, Object, Remove, Stays, Until, expect
from daskflow.cli.verification.expectations import message, result
from daskflow.cli.verification.histories import waits_grow

_NOWHERE: Object = {"spec": {"nodeSelector": {"no.such/node": "true"}}}
_SIDECAR: Object = {
    "spec": {
        "containers": [
            {
                "name": "beside",
                "image": lambda seen: seen.facts.image,
                "command": ["sleep", "600"],
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ]
    }
}
_ITS = {"name": made.named("")}
_GONE = (Remove(DASK_CLUSTER), Until(when.gone(DASK_CLUSTER), 20), Until(when.no_living(), 60))


def _scaled(workers: int) -> Change:
    return Change(DASK_CLUSTER, {"spec": {"workers": {"replicas": workers}}})


CHECKS = (
    Check(
        "grows",
        "workers join a run that is live",
        (
            Make(made.run(programs.WAITS_FOR_WORKERS.format(workers=2), workers=1)),
            Until(when.flow_begun(), 90),
            Change(FLOW_RUN, {"spec": {"cluster": {"workers": {"replicas": 2}}}}),
            Until(when.ended(), 90),
            expect(result(2)),
        ),
        needs=("distributed",),
        weight=4,
    ),
    Check(
        "shrinks",
        "workers go when fewer are asked for, with their sidecars; no task runs twice, and nothing is lost",
        (
            Make(made.cluster(workers={"replicas": 3, "drainTimeout": "20s", "template": _SIDECAR})),
            Until(when.registered(3), 120),
            Make(made.run(programs.SHRINKS, "run", workers=None, clusterRef=_ITS)),
            Until(when.flow_begun("run"), 60),
            Stays(when.phase("Running", part="run"), 2),
            _scaled(2),
            Until(when.registered(2), 60),
            _scaled(1),
            Until(when.registered(1), 60),
            Until(when.ended("run"), 150),
            expect(result([16, 16, 1000 * sum(range(16))], "run")),
            Until(when.pods_of_all(1, "worker"), 40),
            *_GONE,
        ),
        needs=("distributed",),
        weight=5,
    ),
    Check(
        "unregistered",
        "workers that never came are taken back at once when fewer are asked for",
        (
            Make(made.cluster(workers={"replicas": 2, "template": _NOWHERE})),
            Until(when.pods(2, "worker"), 40),
            _scaled(0),
            Until(when.pods_of_all(0, "worker"), 15),
        ),
        needs=("distributed",),
        weight=2,
    ),
    Check(
        "crashing",
        "workers that cannot live are made later and later, and it is said why",
        (
            Make(made.cluster(workers={"replicas": 1, "args": ["--no-such-option"]})),
            Until(when.reason("WorkersFailing", kind=DASK_CLUSTER), 90),
            Until(when.new_pod("worker", 4), 90),
            expect(message("no-such-option", kind=DASK_CLUSTER), waits_grow("worker")),
        ),
        needs=("distributed",),
        weight=2,
    ),
    Check(
        "demand",
        "a run's cluster grows with its tasks",
        (
            Make(
                made.run(
                    programs.GROWS,
                    workers=None,
                    cluster={"workers": {"autoscale": {"minimum": 0, "maximum": 2, "targetDuration": "1s"}}},
                )
            ),
            Until(when.ended(), 150),
            expect(result(2)),
        ),
        needs=("distributed",),
        weight=4,
    ),
    Check(
        "fewer",
        "workers that nobody needs go, down to none",
        (
            Make(
                made.cluster(
                    workers={
                        "autoscale": {"minimum": 0, "maximum": 2, "scaleDownDelay": "2s"},
                        "drainTimeout": "5s",
                    }
                )
            ),
            Until(when.registered(0), 90),
            Make(made.run(programs.SUM_ON_WORKERS, "run", workers=None, clusterRef=_ITS)),
            Until(when.ended("run"), 90),
            expect(result(45, "run")),
            Until(when.pods(0, "worker"), 60),
            Until(when.registered(0), 30),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "replaced",
        "a worker of a cluster that dies is replaced, also when somebody has deleted the cluster's Secret",
        (
            Make(made.cluster()),
            Until(when.registered(1), 90),
            Look(("Secret",), when.listed("Secret"), 10),
            Remove("Secret", lambda seen: str(seen.listed["Secret"][0]["metadata"]["name"])),
            Remove("Secret", lambda seen: str(seen.listed["Secret"][-1]["metadata"]["name"])),
            Remove("Pod", pod("worker"), grace=0),
            Until(when.new_pod("worker"), 30),
            Until(when.another_registered(), 90),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "frozen",
        "surplus workers of a scheduler that does not answer are ended all the same, in the end",
        (
            Make(made.cluster(workers={"replicas": 2, "drainTimeout": "1s"})),
            Until(when.registered(2), 90),
            Make(made.run(programs.FREEZES, "run", workers=None, clusterRef=_ITS)),
            Until(when.ended("run"), 60),
            Stays(when.pods(2, "worker"), 7),
            _scaled(1),
            Until(when.pods_of_all(1, "worker"), 130),
        ),
        needs=("distributed",),
        weight=4,
    ),
)

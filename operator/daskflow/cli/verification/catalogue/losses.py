"""What is lost, evicted or deleted by somebody while it is needed."""

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.catalogue.lives import CANCEL
from daskflow.cli.verification.check import Check, Evict, Make, Name, Remove, Stays, Until, expect
from daskflow.cli.verification.expectations import (
    at,
    end,
    ever,
    failures,
    message,
    outcomes,
    pods_ever,
    result,
)
from daskflow.cli.verification.histories import gated_until_written_down

_SOON = {"initial": "1s"}
_NOWHERE = {"spec": {"nodeSelector": {"no.such/node": "true"}}}


def pod(component: str) -> Name:
    """The name of a live pod of this component, "" where there is none."""
    return lambda seen: next((str(each["metadata"]["name"]) for each in seen.living(component)), "")


def cluster(part: str = "") -> Name:
    """The name of a DaskCluster of the check's, "" where there is none."""
    return lambda seen: next((str(each["metadata"]["name"]) for each in seen.clusters()), "")


CHECKS = (
    Check(
        "evicted",
        "an eviction is charged to the infrastructure, and tried again where that is allowed",
        (
            Make(
                made.run(
                    programs.SLEEPS.format(seconds=4), retries={"infrastructureLimit": 1, "backoff": _SOON}
                )
            ),
            Until(when.flow_begun(), 60),
            Evict(pod("runner")),
            Until(when.ended(), 90),
            expect(result("done"), outcomes("Failed", "Succeeded"), failures(infrastructure=1)),
        ),
        quick=True,
    ),
    Check(
        "lostrunner",
        "a runner without a cluster that is lost is not run again unasked",
        (
            Make(made.run(programs.SLEEPS.format(seconds=120))),
            Until(when.flow_begun(), 60),
            Remove("Pod", pod("runner"), grace=0),
            Until(when.ended(), 40),
            expect(end("Failed", "RunnerLost", "Terminated"), outcomes("Failed"), failures(infrastructure=1)),
            Stays(when.phase("Failed"), 3),
            expect(pods_ever(1, "runner")),
        ),
    ),
    Check(
        "gate",
        "a runner without a cluster waits behind a gate until it is written down which pod it is",
        (
            Make(made.run(programs.SUM)),
            Until(when.ended()),
            expect(result(45), pods_ever(1, "runner"), gated_until_written_down),
        ),
        quick=True,
    ),
    Check(
        "lostworker",
        "a worker that is lost is replaced, and the flow goes on",
        (
            Make(made.run(programs.MANY_TASKS.format(tasks=30), workers=2)),
            Until(when.flow_begun(), 120),
            Remove("Pod", pod("worker"), grace=0),
            Until(when.new_pod("worker", 3), 40),
            Until(when.ended(), 90),
            expect(result(435), outcomes("Succeeded"), ever(1, DASK_CLUSTER)),
        ),
        needs=("distributed",),
        weight=4,
    ),
    Check(
        "lostscheduler",
        "a scheduler that is lost ends the attempt, and the flow does not run twice",
        (
            Make(made.run(programs.SLEEPS.format(seconds=120), workers=1)),
            Until(when.flow_begun(), 90),
            Remove("Pod", pod("scheduler"), grace=0),
            Until(when.ended(), 90),
            expect(
                end("Failed", "SchedulerLost", "RunnerLost"), outcomes("Failed"), failures(infrastructure=1)
            ),
            Until(when.pods(0), 60),
            expect(pods_ever(1, "scheduler"), pods_ever(1, "runner")),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "lostcluster",
        "a cluster that somebody deletes under a run is not made again, and the run says who is missing",
        (
            Make(made.run(programs.SLEEPS.format(seconds=120), workers=1)),
            Until(when.flow_begun(), 90),
            Remove(DASK_CLUSTER, cluster()),
            Until(when.ended(), 90),
            expect(end("Failed", "ClusterDeleted", "RunnerLost", "SchedulerLost"), outcomes("Failed")),
            Until(when.no_living(), 60),
            expect(ever(1, DASK_CLUSTER), pods_ever(1, "runner")),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "orphans",
        "pods whose cluster was deleted from over them are ended all the same",
        (
            Make(made.run(programs.SLEEPS.format(seconds=120), workers=1)),
            Until(when.flow_begun(), 90),
            Remove(DASK_CLUSTER, cluster(), orphan=True),
            Until(when.ended(), 90),
            expect(end("Failed"), ever(1, DASK_CLUSTER)),
            Until(when.no_living(), 60),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "notbegun",
        "a runner that is taken away before the flow begins costs no attempt of the flow",
        (
            Make(
                made.run(
                    programs.SUM_ON_WORKERS,
                    workers=1,
                    retries={"startLimit": 1, "backoff": _SOON},
                    cluster={"workers": {"template": _NOWHERE}},
                )
            ),
            Until(when.both(when.pod_is("Running", "runner"), when.pod_is("Running", "scheduler")), 60),
            Stays(when.phase("Starting"), 3),
            Remove("Pod", pod("runner")),
            Until(when.attempt(2), 90),
            expect(failures(start=1)),
            CANCEL,
            Until(when.ended(), 40),
            expect(end("Cancelled")),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "waits",
        "a flow does not begin before its workers are there, and the start deadline says what it waited for",
        (
            Make(
                made.run(
                    programs.SUM_ON_WORKERS,
                    workers=1,
                    deadlines={"start": "14s"},
                    cluster={"workers": {"template": _NOWHERE}},
                )
            ),
            Until(when.reason("Unschedulable", "WaitingForWorkers", "WorkersMissing"), 30),
            Until(when.ended(), 60),
            expect(end("Failed", "DeadlineExceeded"), message("no")),
            Until(when.pods(0), 40),
        ),
        needs=("distributed",),
        weight=2,
    ),
    Check(
        "again",
        "a run that was deleted and made again is another run",
        (
            Make(made.run(programs.SUM)),
            Until(when.ended()),
            Remove(FLOW_RUN),
            Until(when.gone(FLOW_RUN), 20),
            Make(made.run("result = 'another'")),
            Until(when.both(when.exists(FLOW_RUN), when.ended()), 60),
            Until(when.answered("another"), 60),
            expect(at(when.exists(FLOW_RUN)), result("another")),
        ),
    ),
)

"""What runs come to while there is no operator, or another one."""

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.catalogue.lives import CANCEL
from daskflow.cli.verification.catalogue.losses import pod
from daskflow.cli.verification.check import Change, Check, Make, Operator, Remove, Stays, Until, expect
from daskflow.cli.verification.expectations import end, ever, failures, message, outcomes, pods_ever, result
from daskflow.cli.verification.histories import no_tick_twice

_DELETED = Operator("delete")
_STOPPED, _STARTED = Operator("stop"), Operator("start")
_LIE = {"status": {"phase": "Succeeded", "result": "a lie"}}

CHECKS = (
    Check(
        "opstarting",
        "an operator whose pod is deleted while a run starts has it run once",
        (
            Make(made.run(programs.SLEEPS.format(seconds=3), workers=1)),
            Until(when.phase("Starting"), 20),
            _DELETED,
            Until(when.ended(), 120),
            expect(result("done"), outcomes("Succeeded"), ever(1, DASK_CLUSTER), pods_ever(1, "runner")),
            Until(when.gone_clusters(), 40),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "oprunning",
        "an operator whose pod is deleted while a flow runs changes nothing",
        (
            Make(made.run(programs.SLEEPS.format(seconds=6))),
            Until(when.flow_begun(), 60),
            _DELETED,
            Until(when.ended(), 120),
            expect(result("done"), outcomes("Succeeded"), pods_ever(1, "runner")),
        ),
    ),
    Check(
        "opretrying",
        "an operator whose pod is deleted between two attempts goes on with the next one",
        (
            Make(made.run(programs.SECOND_TIME, retries={"limit": 1, "backoff": {"initial": "8s"}})),
            Until(when.phase("Retrying"), 60),
            _DELETED,
            Until(when.ended(), 120),
            expect(result("2"), outcomes("Failed", "Succeeded"), failures(flow=1)),
        ),
    ),
    Check(
        "optick",
        "an operator whose pod is deleted gives no tick two runs",
        (
            Make(made.schedule(programs.SUM, interval="10s")),
            Until(when.runs_made(1), 30),
            _DELETED,
            Until(when.runs_made(2), 60),
            expect(no_tick_twice),
            Remove("FlowSchedule"),
            Until(when.no_runs(), 30),
        ),
    ),
    Check(
        "opdemand",
        "an operator whose pod is deleted keeps the workers that tasks need",
        (
            Make(
                made.run(
                    programs.MANY_TASKS.format(tasks=90),
                    workers=None,
                    cluster={"workers": {"autoscale": {"minimum": 0, "maximum": 2, "targetDuration": "1s"}}},
                )
            ),
            Until(when.ready_pods(2, "worker"), 120),
            _DELETED,
            Until(when.ended(), 150),
            expect(result(4005), pods_ever(2, "worker")),
        ),
        needs=("distributed",),
        weight=4,
    ),
    Check(
        "opcancel",
        "a flow that has succeeded while there was no operator has, also where it was cancelled since",
        (
            Make(made.run(programs.SLEEPS.format(seconds=6))),
            Until(when.flow_begun(), 60),
            _STOPPED,
            Until(when.pod_is("Succeeded", "runner"), 60),
            CANCEL,
            _STARTED,
            Until(when.ended(), 60),
            expect(result("done"), outcomes("Succeeded")),
        ),
        needs=("stop operator",),
    ),
    Check(
        "oplastwords",
        "what a flow has returned is known from its scheduler where its runner's pod is gone",
        (
            Make(made.run(programs.SLEEPS.format(seconds=6), workers=1)),
            Until(when.flow_begun(), 90),
            _STOPPED,
            Until(when.no_living(), 90),
            Remove("Pod", lambda seen: str(seen.pods("runner")[0]["metadata"]["name"]), grace=0),
            _STARTED,
            Until(when.ended(), 60),
            expect(result("done"), outcomes("Succeeded")),
        ),
        needs=("stop operator", "distributed"),
        weight=3,
    ),
    Check(
        "opdeadline",
        "the active deadline holds without an operator",
        (
            Make(made.run(programs.SLEEPS.format(seconds=300), deadlines={"active": "8s"})),
            Until(when.flow_begun(), 60),
            _STOPPED,
            Until(when.no_living(), 60),
            _STARTED,
            Until(when.ended(), 60),
            expect(end("Failed", "DeadlineExceeded")),
        ),
        needs=("stop operator",),
    ),
    Check(
        "opstatus",
        "a status that somebody has edited while there was no operator is not believed",
        (
            Make(made.run(programs.SLEEPS.format(seconds=60))),
            Until(when.flow_begun(), 60),
            _STOPPED,
            Change(FLOW_RUN, _LIE, below="status"),
            _STARTED,
            Until(when.reason("StatusInvalid"), 60),
            expect(end("Failed", "StatusInvalid"), message("edited by hand")),
            Until(when.pods(0), 60),
        ),
        needs=("stop operator",),
    ),
    Check(
        "opcluster",
        "a cluster's end that nobody wrote is not believed",
        (
            Make(made.cluster(workers=0)),
            Until(when.registered(0), 60),
            _STOPPED,
            Change(DASK_CLUSTER, {"status": {"phase": "Stopped", "reason": "IdleTimeout"}}, below="status"),
            _STARTED,
            Until(when.phase("Failed", kind=DASK_CLUSTER), 60),
            expect(end("Failed", "StatusInvalid", kind=DASK_CLUSTER)),
        ),
        needs=("stop operator", "distributed"),
        weight=2,
    ),
    Check(
        "oplost",
        "a runner that is lost while there is no operator is not run again unasked",
        (
            Make(made.run(programs.SLEEPS.format(seconds=120))),
            Until(when.flow_begun(), 60),
            _STOPPED,
            Remove("Pod", pod("runner"), grace=0),
            Stays(when.no(when.ended()), 1),
            _STARTED,
            Until(when.ended(), 60),
            expect(end("Failed", "RunnerLost"), outcomes("Failed"), pods_ever(1, "runner")),
        ),
        needs=("stop operator",),
    ),
    Check(
        "upgrade",
        "runs go on over an upgrade of the operator",
        (
            Make(made.run(programs.SLEEPS.format(seconds=20))),
            Make(
                made.run(programs.SECOND_TIME, "again", retries={"limit": 1, "backoff": {"initial": "15s"}})
            ),
            Until(when.flow_begun(), 60),
            Until(when.phase("Retrying", part="again"), 60),
            Operator("upgrade"),
            Until(when.both(when.ended(), when.ended("again")), 180),
            expect(
                result("done"),
                result("2", "again"),
                outcomes("Succeeded"),
                outcomes("Failed", "Succeeded", part="again"),
            ),
        ),
        needs=("upgrade",),
    ),
)

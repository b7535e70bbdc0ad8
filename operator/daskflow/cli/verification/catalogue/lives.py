"""Retries, deadlines, cancellation, suspension, retention."""

from daskflow.api.conditions import instant
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import (
    Change,
    Check,
    Make,
    Object,
    ReadLogs,
    Stays,
    Until,
    expect,
)
from daskflow.cli.verification.expectations import (
    at,
    end,
    ever,
    failures,
    holds,
    outcomes,
    pods_ever,
    printed,
    result,
    waited,
)
from daskflow.cli.verification.histories import one_after_another
from daskflow.cli.verification.observed import Observed
from daskflow.cli.verification.place import FINALIZER

CHILDREN = ("Service", "Secret", "NetworkPolicy")
"""Kinds of what a run has beside its pods, which nobody watches."""
_SOON = {"initial": "1s"}
CANCEL = Change(FLOW_RUN, {"spec": {"cancel": True}})
SUSPEND = Change(FLOW_RUN, {"spec": {"suspend": True}})
RESUME = Change(FLOW_RUN, {"spec": {"suspend": False}})


def _kept(finalizers: list[str]) -> Change:
    """Who keeps the newest of the check's DaskClusters."""
    return Change(
        DASK_CLUSTER,
        {"metadata": {"finalizers": finalizers}},
        lambda seen: seen.clusters()[0]["metadata"]["name"] if seen.clusters() else "",
    )


def _ends_soon(seen: Observed) -> Object:
    """An active deadline of three seconds from now on, however long the run has taken to begin."""
    lived = seen.now - instant(seen.status()["startTime"])
    return {"spec": {"deadlines": {"active": f"{int(lived.total_seconds()) + 3}s"}}}


CHECKS = (
    Check(
        "retries",
        "a failed flow is tried again after its backoff, on a fresh cluster, when the first one is gone",
        (
            Make(
                made.run(programs.SECOND_TIME, workers=1, retries={"limit": 1, "backoff": {"initial": "3s"}})
            ),
            Until(when.ended(), 150),
            expect(
                result("2"),
                outcomes("Failed", "Succeeded"),
                failures(flow=1),
                waited(3),
                one_after_another("scheduler"),
                ever(2, DASK_CLUSTER),
            ),
            Until(when.gone_clusters(), 30),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "limits",
        "a flow that fails again is not tried more often than allowed, and waits longer each time",
        (
            Make(made.run(programs.FAILS, retries={"limit": 2, "backoff": {"initial": "2s", "factor": 2}})),
            Until(when.ended(), 90),
            expect(
                end("Failed", "FlowFailed"),
                outcomes("Failed", "Failed", "Failed"),
                failures(flow=3),
                waited(2),
            ),
            Stays(when.phase("Failed"), 3),
            expect(pods_ever(3, "runner")),
        ),
        quick=True,
    ),
    Check(
        "never",
        "a failure that is never to be tried again is not",
        (
            Make(
                made.run(
                    programs.FAILS,
                    retries={"limit": 3, "backoff": _SOON, "never": {"exceptions": ["ValueError"]}},
                )
            ),
            Until(when.ended()),
            expect(end("Failed", "FlowFailed"), outcomes("Failed")),
        ),
    ),
    Check(
        "earlier",
        "the next attempt waits until all of the one before is gone",
        (
            Make(made.run(programs.FAILS_LATE, workers=1, retries={"limit": 1, "backoff": _SOON})),
            Until(when.flow_begun(), 90),
            _kept([FINALIZER]),
            Until(when.phase("Retrying"), 30),
            Stays(when.no(when.attempt(2)), 8),
            expect(at(when.reason("WaitingForEarlier"))),
            _kept([]),
            Until(when.attempt(2), 20),
            CANCEL,
            Until(when.ended(), 60),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "deadline",
        "the active deadline ends a flow, which may clean up",
        (
            Make(made.run(programs.CLEANS_UP, deadlines={"active": "10m"})),
            Until(when.flow_begun(), 60),
            ReadLogs("runner", words="begun"),
            Change(FLOW_RUN, _ends_soon),
            Until(when.ended(), 30),
            expect(end("Failed", "DeadlineExceeded")),
            ReadLogs("runner", words="cleaned up"),
            expect(printed("cleaned up")),
        ),
        quick=True,
    ),
    Check(
        "cancel",
        "cancellation lets a flow clean up, and cannot be undone",
        (
            Make(made.run(programs.CLEANS_UP_SLOWLY, workers=1)),
            Until(when.flow_begun(), 90),
            ReadLogs("runner", words="begun"),
            CANCEL,
            Until(when.latched(), 15),
            Change(FLOW_RUN, {"spec": {"cancel": False}}),
            Until(when.ended(), 30),
            expect(end("Cancelled", "Cancelled"), outcomes("Cancelled")),
            Until(when.pods(0), 20),
            ReadLogs("runner", words="cleaned up"),
            expect(printed("cleaned up")),
        ),
        needs=("distributed",),
        weight=3,
        quick=True,
    ),
    Check(
        "deaf",
        "a flow that does not heed its cancellation is killed after its grace period",
        (
            Make(made.run(programs.DEAF, cancelGracePeriod="2s")),
            Until(when.flow_begun(), 60),
            CANCEL,
            Until(when.ended(), 20),
            expect(end("Cancelled")),
            Until(when.pods(0), 10),
        ),
    ),
    Check(
        "before",
        "a run can be cancelled before its flow begins",
        (
            Make(made.run(programs.SUM, image="registry.invalid/none:1")),
            Until(when.new_pod("runner", 1), 30),
            CANCEL,
            Until(when.ended(), 30),
            expect(end("Cancelled")),
            Until(when.pods(0), 30),
        ),
    ),
    Check(
        "suspend",
        "a suspended run has nothing that runs, and goes on with a new attempt",
        (
            Make(made.run(programs.SLEEPS.format(seconds=4), workers=1)),
            Until(when.flow_begun(), 90),
            SUSPEND,
            Until(when.both(when.phase("Suspended"), when.no_pods()), 40),
            expect(holds("a suspended run has a DaskCluster", lambda seen: not seen.clusters())),
            RESUME,
            Until(when.ended(), 90),
            expect(result("done"), outcomes("Suspended", "Succeeded"), failures()),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "rest",
        "the time for which a run is suspended does not count for its deadline",
        (
            Make(made.run(programs.SLEEPS.format(seconds=3), deadlines={"active": "30s"})),
            Until(when.flow_begun(), 60),
            SUSPEND,
            Until(when.phase("Suspended"), 40),
            Stays(when.phase("Suspended"), 28),
            RESUME,
            Until(when.ended(), 60),
            expect(result("done"), outcomes("Suspended", "Succeeded")),
        ),
    ),
)

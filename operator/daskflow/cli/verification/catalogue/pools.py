"""Clusters that wait: each serves one run, and what does not fit starts its own."""

from daskflow.api.names import CLUSTER_POOL, FLOW_SCHEDULE
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import Check, Make, Operator, Remove, Until, expect
from daskflow.cli.verification.expectations import claimed, end, never_shared, result

_ITS = {"name": made.named(""), "otherwise": "Wait"}
_WAITS = (Make(made.pool()), Until(when.waiting(1), 90))
_GONE = (Remove(CLUSTER_POOL), Until(when.gone(CLUSTER_POOL), 20), Until(when.no_living(), 40))

CHECKS = (
    Check(
        "claims",
        "runs claim clusters that wait, each its own, the pool makes the next, and they go with it",
        (
            *_WAITS,
            Make(made.run(programs.SUM_ON_WORKERS, "first", workers=1, pool=_ITS)),
            Until(when.ended("first"), 40),
            expect(result(45, "first"), claimed("Claimed", part="first")),
            Until(when.waiting(1), 90),
            Make(made.run(programs.SUM_ON_WORKERS, "second", workers=1, pool=_ITS)),
            Until(when.ended("second"), 40),
            expect(result(45, "second"), claimed("Claimed", part="second"), never_shared("first", "second")),
            *_GONE,
        ),
        needs=("distributed",),
        quick=True,
        weight=4,
    ),
    Check(
        "misfit",
        "a run that asks for other than its pool has starts its own cluster, and is told the field",
        (
            *_WAITS,
            Make(
                made.run(
                    programs.SUM_ON_WORKERS,
                    "run",
                    workers=1,
                    pool={"name": made.named("")},
                    cancelGracePeriod="7s",
                )
            ),
            Until(when.ended("run"), 90),
            expect(result(45, "run"), claimed("DoesNotFit", "spec.cancelGracePeriod", part="run")),
            *_GONE,
        ),
        needs=("distributed",),
        weight=4,
    ),
    Check(
        "killedclaim",
        "an operator that is killed while runs claim loses none of them and no cluster",
        (
            *_WAITS,
            Make(made.run(programs.SUM_ON_WORKERS, "one", workers=1, pool=_ITS)),
            Make(made.run(programs.SUM_ON_WORKERS, "two", workers=1, pool=_ITS)),
            Operator("delete"),
            Until(when.ended("one"), 150),
            Until(when.ended("two"), 150),
            expect(end("Succeeded", part="one"), end("Succeeded", part="two"), never_shared("one", "two")),
            *_GONE,
        ),
        needs=("distributed", "own namespace"),
        weight=8,
    ),
    Check(
        "ahead",
        "a tick's run begins on the cluster that was made before it",
        (
            Make(
                made.schedule(
                    programs.SUM_ON_WORKERS,
                    {"cluster": {"workers": {"replicas": 1}}},
                    interval="30s",
                    prewarm="20s",
                )
            ),
            Until(when.claimed_ahead(), 120),
            Remove(FLOW_SCHEDULE),
            Until(when.no_living(), 60),
        ),
        needs=("distributed",),
        weight=4,
    ),
)

"""What people edit, take or forge by hand."""

from daskflow.api.names import (
    DASK_CLUSTER,
    FLOW_RUN,
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    LABEL_MANAGED_BY,
    MANAGED_BY,
)
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.catalogue.lives import CANCEL
from daskflow.cli.verification.catalogue.losses import cluster, pod
from daskflow.cli.verification.check import Change, Check, Look, Make, Remove, Stays, Until, expect
from daskflow.cli.verification.expectations import outcomes, pods_ever, result

_LIE = {
    "status": {
        "phase": "Succeeded",
        "result": "a lie",
        "completionTime": "2026-01-01T00:00:00Z",
        "reason": None,
        "message": None,
    }
}


CHECKS = (
    Check(
        "status",
        "a status that somebody edits by hand is put back, and no run ends by a lie",
        (
            Make(made.run(programs.SLEEPS.format(seconds=9))),
            Until(when.flow_begun(), 60),
            Change(FLOW_RUN, _LIE, below="status"),
            Until(when.told("Restored"), 20),
            Until(when.phase("Running"), 5),
            Until(when.ended(), 40),
            expect(result("done"), outcomes("Succeeded")),
        ),
        quick=True,
    ),
    Check(
        "clusterstatus",
        "the same of a cluster's status",
        (
            Make(made.cluster(workers=0)),
            Until(when.registered(0), 60),
            Change(
                DASK_CLUSTER,
                {"status": {"phase": "Stopped", "reason": "IdleTimeout", "message": "a lie"}},
                below="status",
            ),
            Until(when.told("Restored"), 20),
            Until(when.registered(0), 10),
            Stays(when.phase("Ready", kind=DASK_CLUSTER), 3),
        ),
        needs=("distributed",),
        weight=2,
    ),
    Check(
        "labels",
        "a child from which somebody takes its labels is not taken for gone, and gets them back",
        (
            Make(made.run(programs.SLEEPS.format(seconds=12), workers=1)),
            Until(when.flow_begun(), 90),
            Change("Pod", {"metadata": {"labels": {LABEL_MANAGED_BY: None}}}, pod("runner")),
            Change("Pod", {"metadata": {"labels": {LABEL_MANAGED_BY: None}}}, pod("worker")),
            Until(when.labelled("worker", LABEL_MANAGED_BY, MANAGED_BY), 20),
            Until(when.labelled("runner", LABEL_MANAGED_BY, MANAGED_BY), 20),
            Until(when.ended(), 60),
            expect(result("done"), outcomes("Succeeded"), pods_ever(1, "runner"), pods_ever(1, "worker")),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "components",
        "a pod is what it was made as, whatever somebody writes on its label",
        (
            Make(made.run(programs.SLEEPS.format(seconds=10), workers=1)),
            Until(when.flow_begun(), 90),
            Change("Pod", {"metadata": {"labels": {LABEL_COMPONENT: "scheduler"}}}, pod("worker")),
            Until(when.labelled_again("worker"), 20),
            Until(when.ended(), 60),
            expect(result("done"), outcomes("Succeeded"), pods_ever(1, "worker"), pods_ever(1, "scheduler")),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "children",
        "a run's cluster that somebody edits is made what it was",
        (
            Make(made.run(programs.SLEEPS.format(seconds=120), workers=1)),
            Until(when.flow_begun(), 90),
            Change(DASK_CLUSTER, {"metadata": {"labels": {LABEL_ATTEMPT: "7"}}}, cluster()),
            Until(when.attempt_label("1"), 20),
            CANCEL,
            Until(when.ended(), 40),
        ),
        needs=("distributed",),
        weight=3,
    ),
    Check(
        "service",
        "the Service of a cluster that somebody edits, or deletes, is made what it was",
        (
            Make(made.cluster(workers=0)),
            Until(when.registered(0), 60),
            Look(("Service",), when.listed("Service")),
            Change(
                "Service",
                {"spec": {"selector": {LABEL_CLUSTER: "nobody"}}},
                lambda seen: str(seen.listed["Service"][0]["metadata"]["name"]),
            ),
            Look(("Service",), when.selects_its_own(), 20),
            Remove("Service", lambda seen: str(seen.listed["Service"][0]["metadata"]["name"])),
            Until(when.told("Restored"), 20),
            Look(("Service",), when.listed("Service"), 20),
        ),
        needs=("distributed",),
        weight=2,
    ),
)

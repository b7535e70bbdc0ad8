"""What stays, and what goes with a run."""

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import (
    Change,
    Check,
    Look,
    Make,
    Remove,
    Stays,
    Step,
    Until,
    expect,
)
from daskflow.cli.verification.expectations import (
    at,
    end,
    message,
    outcomes,
)
from daskflow.cli.verification.place import FINALIZER

CHILDREN = ("Service", "Secret", "NetworkPolicy")
"""Kinds of what a run has beside its pods, which nobody watches."""


def _deleted(
    slug: str, when_: str, *before: Step, weight: int = 3, quick: bool = False, **spec: object
) -> Check:
    """A run that is deleted at some moment leaves nothing."""
    workers = 1 if weight > 1 else 0
    return Check(
        slug,
        f"a run that is deleted {when_} leaves nothing",
        (
            Make(made.run(programs.SLEEPS.format(seconds=spec.pop("sleeps", 120)), workers=workers, **spec)),  # type: ignore[arg-type]
            *before,
            Remove(FLOW_RUN),
            Until(when.gone(FLOW_RUN), 30),
            Until(when.no_pods(), 60),
            Look((DASK_CLUSTER, *CHILDREN), when.kinds_are_gone(DASK_CLUSTER, *CHILDREN), 30),
        ),
        needs=("distributed",) if workers else (),
        weight=weight,
        quick=quick,
    )


CHECKS = (
    Check(
        "finalizer",
        "the deletion of a run that somebody's finalizer keeps is a cancellation",
        (
            Make(made.run(programs.CLEANS_UP, finalizers=[FINALIZER])),
            Until(when.flow_begun(), 60),
            Remove(FLOW_RUN),
            Until(when.ended(), 30),
            expect(end("Cancelled")),
            Until(when.pods(0), 20),
            Change(FLOW_RUN, {"metadata": {"finalizers": []}}),
            Until(when.gone(FLOW_RUN), 20),
        ),
    ),
    _deleted(
        "delpending", "before anything exists", Until(when.phase("Suspended"), 20), weight=1, suspend=True
    ),
    _deleted("delstarting", "while it starts", Until(when.phase("Starting"), 20)),
    _deleted("delrunning", "while its flow runs", Until(when.flow_begun(), 90), quick=True),
    _deleted("delended", "after its end", Until(when.ended(), 90), sleeps=0),
    Check(
        "delretrying",
        "a run that is deleted between two attempts leaves nothing",
        (
            Make(made.run(programs.FAILS, retries={"limit": 2, "backoff": {"initial": "30s"}})),
            Until(when.phase("Retrying"), 60),
            Remove(FLOW_RUN),
            Until(when.gone(FLOW_RUN), 20),
            Until(when.no_pods(), 30),
        ),
    ),
    Check(
        "retention",
        "a stopped runner's pod stays for its log as long as asked for, then goes, and the record after it",
        (
            Make(
                made.run(
                    programs.SUM, retention={"runner": {"onSuccess": "8s"}, "record": {"onSuccess": "14s"}}
                )
            ),
            Until(when.ended()),
            Until(when.pod_is("Succeeded", "runner"), 3),
            Stays(when.pod_is("Succeeded", "runner"), 4),
            Until(when.no_pods(), 20),
            expect(at(when.exists(FLOW_RUN))),
            Until(when.gone(FLOW_RUN), 30),
        ),
    ),
    Check(
        "kept",
        "without a word the runner's pod stays, and after a failure those of its cluster, stopped",
        (
            Make(made.run(programs.FAILS, workers=1)),
            Until(when.ended(), 90),
            Until(when.pods(0), 40),
            Stays(when.stopped_pods(3), 8),
            expect(message("the answer is not 42"), outcomes("Failed")),
        ),
        needs=("distributed",),
        weight=3,
    ),
)

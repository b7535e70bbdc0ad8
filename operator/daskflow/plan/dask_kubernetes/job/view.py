"""What the policies of a DaskJob look at: the job, its cluster and its runner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.dask_kubernetes.names import (
    ANNOTATION_MESSAGE,
    ANNOTATION_RUNNER,
    CLUSTER,
    JOB,
    JOB_ENDS,
    runner_name,
)
from daskflow.api.names import kind_of
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.job.runner import Runner
from daskflow.plan.model import Key, Object, Observed

BEGUN = ("ClusterCreated", "Running", *JOB_ENDS)
"""Words of a status that are written only when the runner has been made."""


@dataclass(frozen=True)
class JobView:
    """Everything a policy may know."""

    resource: Object
    seen: Observed
    now: datetime
    settings: Settings

    @property
    def name(self) -> str:
        """The job's name, which its cluster has as well."""
        return str(self.resource["metadata"]["name"])

    @property
    def key(self) -> Key:
        """Where the job is."""
        return Key(JOB, self.resource["metadata"]["namespace"], self.name)

    @property
    def uid(self) -> str:
        """The job's uid."""
        return str(self.resource["metadata"]["uid"])

    @cached_property
    def status(self) -> Mapping[str, Any]:
        """As it is stored; anything may be in it."""
        status = self.resource.get("status")
        return status if isinstance(status, Mapping) else {}

    @property
    def word(self) -> str:
        """`status.jobStatus`."""
        return str(self.status.get("jobStatus") or "")

    @property
    def over(self) -> bool:
        """Whether the job has ended, which nothing undoes."""
        return self.word in JOB_ENDS

    @cached_property
    def annotations(self) -> Mapping[str, str]:
        """Those of the job."""
        return self.resource["metadata"].get("annotations") or {}

    @property
    def message(self) -> str:
        """What was told of the job last."""
        return self.annotations.get(ANNOTATION_MESSAGE, "")

    @property
    def runner_uid(self) -> str:
        """The runner's uid as it was written down before it could start; empty before that.

        Written for another job it says nothing: it came along in the YAML of the one it was made of.
        """
        job, _, runner = self.annotations.get(ANNOTATION_RUNNER, "").partition("/")
        return runner if job == self.uid else ""

    @cached_property
    def cluster(self) -> Object | None:
        """The job's DaskCluster."""
        return next((each for each in self.seen.children if kind_of(each) == CLUSTER), None)

    @cached_property
    def pods(self) -> tuple[Runner, ...]:
        """All pods that the job controls; there is one, unless a create came late."""
        return tuple(Runner(each) for each in self.seen.children if each["kind"] == "Pod")

    @cached_property
    def runner(self) -> Runner | None:
        """The runner; where its uid is written down, no other than that one."""
        name = runner_name(self.name)
        mine = (pod for pod in self.pods if pod.name == name and self.runner_uid in ("", pod.uid))
        return next(mine, None)

    @property
    def strays(self) -> tuple[Runner, ...]:
        """Pods that are not the runner: a create that was given up has landed later."""
        return tuple(pod for pod in self.pods if pod is not self.runner)

    @property
    def last_runner(self) -> Runner | None:
        """The runner as it was last, where it has ended and is gone."""
        last = Runner(self.seen.last_pod) if self.seen.last_pod else None
        return last if last and last.ended and self.runner_uid in ("", last.uid) else None

    @property
    def begun(self) -> bool:
        """Whether the runner has been made and may have started, so that it is never made again.

        Of a job of the published operator a status says so, or a runner that nothing has held back.
        """
        if self.runner_uid or self.word in BEGUN:
            return True
        return self.runner is not None and not self.runner.gated

    @property
    def created_at(self) -> datetime:
        """When the job was created."""
        return instant(self.resource["metadata"]["creationTimestamp"])

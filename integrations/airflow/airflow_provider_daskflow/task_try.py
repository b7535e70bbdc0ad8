"""Which task of Airflow a FlowRun belongs to: its name and labels, and which run a try goes on with. Pure."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from airflow_provider_daskflow.outcome import Run, ended

_PREFIX = "airflow.daskflow.dev"
LABEL_TASK_INSTANCE = f"{_PREFIX}/task-instance"
"""The same for all tries of one task of one DAG run."""
_LABEL_TRY = f"{_PREFIX}/try"
ANNOTATION_REPORTED = f"{_PREFIX}/reported"
"""On a run whose end a task has taken: a later try does not take it again."""
_LONGEST_NAME = 50
_LONGEST_LABEL = 63
_DIGEST = 10


@dataclass(frozen=True)
class TaskTry:
    """One try of one task in one DAG run."""

    dag_id: str
    task_id: str
    run_id: str
    map_index: int
    number: int

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "TaskTry":
        """That of the context which Airflow executes a task with."""
        ti = context["ti"]
        return cls(ti.dag_id, ti.task_id, ti.run_id, ti.map_index, ti.try_number)

    @property
    def instance(self) -> str:
        """What all tries of the task in this DAG run have in common; 32 characters that a label takes."""
        return _digest(self.dag_id, self.task_id, self.run_id, self.map_index)[:32]

    def name(self, beginning: str | None = None, ended: Collection[str] = ()) -> str:
        """The run's name: the same whenever it is asked for, another for each try; 50 characters at most.

        It is none of `ended`: a DAG run that was deleted and made again counts its tries from 1 again.
        """
        words = re.sub(r"[^a-z0-9]+", "-", (beginning or f"{self.dag_id}-{self.task_id}").lower())
        words = words[: _LONGEST_NAME - _DIGEST - 1].strip("-") or "airflow"
        same = (self.dag_id, self.task_id, self.run_id, self.map_index, self.number)
        digests = (_digest(*same, *([again] if again else []))[:_DIGEST] for again in count())
        return next(name for digest in digests if (name := f"{words}-{digest}") not in ended)

    def labels(self) -> dict[str, str]:
        """Those of its run, for `kubectl get flowruns -l …` and for later tries."""
        return {
            LABEL_TASK_INSTANCE: self.instance,
            _LABEL_TRY: str(self.number),
            f"{_PREFIX}/dag": _label(self.dag_id),
            f"{_PREFIX}/task": _label(self.task_id),
        }

    def annotations(self) -> dict[str, str]:
        """What labels cannot hold as it is."""
        return {
            f"{_PREFIX}/dag-id": self.dag_id,
            f"{_PREFIX}/task-id": self.task_id,
            f"{_PREFIX}/run-id": self.run_id,
            f"{_PREFIX}/map-index": str(self.map_index),
        }


@dataclass(frozen=True)
class Step:
    """What a try does first: go on with a run, wait until one has ended, or make its own."""

    do: Literal["adopt", "wait", "create"]
    run: Run | None = None


def first_step(runs: Sequence[Run]) -> Step:
    """What a try does, given the runs that the tries of its task have made so far.

    The worker of an earlier try may have died: its run goes on, and so does the task. What had ended well by
    then is taken, too; what had failed is what this try is for. A run that is being cancelled is waited for,
    so that two never run at once.
    """
    newest_first = sorted(runs, key=_number, reverse=True)
    for run in newest_first:
        if not ended(run):
            given_up = run.get("spec", {}).get("cancel") or run["metadata"].get("deletionTimestamp")
            return Step("wait" if given_up else "adopt", run)
    for run in newest_first[:1]:
        if run["status"]["phase"] == "Succeeded" and not reported(run):
            return Step("adopt", run)
    return Step("create")


def reported(run: Run) -> bool:
    """Whether a task has taken its end."""
    return ANNOTATION_REPORTED in (run["metadata"].get("annotations") or {})


def belongs(run: Run, task: TaskTry) -> bool:
    """Whether this very try has made it."""
    labels = run["metadata"].get("labels") or {}
    return bool(labels.get(LABEL_TASK_INSTANCE) == task.instance and _number(run) == task.number)


def _number(run: Run) -> int:
    said = (run["metadata"].get("labels") or {}).get(_LABEL_TRY, "")
    return int(said) if said.isdecimal() else 0


def _digest(*parts: str | int) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _label(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)[:_LONGEST_LABEL].strip("._-")

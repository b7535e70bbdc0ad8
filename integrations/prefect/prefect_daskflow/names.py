"""Names, labels and annotations by which FlowRuns of Prefect are known again."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from prefect.utilities.slugify import slugify

PREFIX = "prefect.daskflow.dev"
FLOW_RUN = f"{PREFIX}/flow-run-id"
"""A label of the FlowRun. That of prefect-kubernetes (`prefect.io/flow-run-id`) is on the runner's pod alone:
whoever observes pods by it would take every worker for one of the flow run."""
WORK_POOL = f"{PREFIX}/work-pool-id"
"""A label: of which pool's workers the FlowRun is."""
SUBMISSION = f"{PREFIX}/submission"
"""An annotation: the id of the state with which Prefect gave the flow run to a worker. One that goes on after
a pause, or is retried by hand, is given again, and has another FlowRun."""
TOLD = f"{PREFIX}/told"
"""An annotation: of which obstacle the flow run's log has been told last, by whichever worker wrote it."""
SETTLED = f"{PREFIX}/settled"
"""An annotation: the state of the flow run that this FlowRun has come to; nobody looks at it any more."""
SECRET = f"{PREFIX}/secret"
"""An annotation: the Secret that the worker makes for the FlowRun, if it makes one."""

_SAID = re.compile(r"FlowRun (?P<pid>\S+) is being made\.")
_LONGEST = 50
_LABEL = 63


def flow_run_name(name: str, flow_run: str, submission: str) -> str:
    """The FlowRun of a flow run's submission: a function of both, so that a second create is a conflict."""
    digest = hashlib.sha256(f"{flow_run}/{submission}".encode()).hexdigest()[:10]
    slug = slugify(name, max_length=_LONGEST - len(digest) - 1, regex_pattern=r"[^a-z0-9-]+").strip("-")
    return f"{slug or 'run'}-{digest}"


@dataclass(frozen=True)
class Place:
    """Where the FlowRun of a submission is."""

    cluster: str
    """What tells it from another of the same names; - where that is not known."""
    namespace: str
    name: str

    @property
    def pid(self) -> str:
        """What a flow run says of its infrastructure, once the FlowRun is made."""
        return f"{self.cluster}:{self.namespace}:{self.name}"

    @classmethod
    def of(cls, pid: str | None) -> "Place | None":
        """None for what is no pid of ours."""
        parts = (pid or "").split(":")
        return cls(*parts) if len(parts) == 3 else None

    @property
    def said(self) -> str:
        """The message of the state with which a submission gets its place, before the FlowRun is made."""
        return f"FlowRun {self.pid} is being made."

    @classmethod
    def said_in(cls, message: str | None) -> "Place | None":
        """That of a state's message."""
        found = _SAID.fullmatch(message or "")
        return cls.of(found["pid"]) if found else None


def secret_name(flow_run: str) -> str:
    """The Secret with what the FlowRun of this name must not say in clear."""
    return f"{flow_run}-prefect"


def labels(given: Mapping[str, str]) -> dict[str, str]:
    """With keys and values as Kubernetes takes them; what nothing is left of goes."""
    found = {_key(key): _value(value) for key, value in given.items()}
    return {key: value for key, value in found.items() if key}


def _key(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    prefix = slugify(prefix, regex_pattern=r"[^a-z0-9.-]+").strip("-.")
    return f"{prefix}{slash if prefix else ''}{_value(name)}" if _value(name) else ""


def _value(text: str) -> str:
    slug = slugify(str(text), lowercase=False, max_length=_LABEL, regex_pattern=r"[^a-zA-Z0-9_.-]+")
    return slug.strip("_-.")

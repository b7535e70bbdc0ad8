"""The columns of the table of reasons: what a row may say of its reason."""

from enum import Enum
from typing import Literal

EventType = Literal["Normal", "Warning"]


class Section(Enum):
    """A part of the page of reasons; the value is its heading."""

    WAY = "The ordinary way"
    FLOW = "The flow itself"
    LOST = "Something was lost"
    CLUSTER = "The cluster of `spec.clusterRef`"
    TASKS = "Tasks that do not run"
    """A scheduler may say these of a run, and no others: it may be anybody's code."""
    PODS = "Pods that do not start"
    OBJECT = "Spec, status and the API server"
    SKEW = "What should not go on for long"
    SCHEDULE = "The ticks of a FlowSchedule"


class Stage(Enum):
    """Where an object stands that has this reason; the value is the page's word for it."""

    WELL = "all is well"
    """Goes without saying: `status.reason`, a column of `kubectl get`, stays empty."""
    STEP = "on the way"
    """A step, or a wait, that calls for nobody's attention."""
    DONE = "an end, as asked for"
    OBSTACLE = "in the way"
    """Something to look at. What has it goes on as soon as that is gone."""
    EITHER = "in the way, or the end"
    """An obstacle first, and the end where trying on cannot help or a deadline passes."""
    END = "the end"
    NOTE = "a remark"
    """Told in an Event or a condition of its own, beside what the status says."""


class Charge(Enum):
    """The budget of `spec.retries` to which an attempt is charged that fails for this reason."""

    NOTHING = ""
    """No attempt fails for it."""
    NEVER = "not tried again"
    """The same spec meets it every time."""
    FLOW = "`limit`"
    BY_BEGIN = "`startLimit` or `infrastructureLimit`"
    """By whether the flow had begun."""

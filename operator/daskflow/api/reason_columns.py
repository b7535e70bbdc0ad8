"""The columns of the table of reasons: what a row may say of its reason."""

from enum import Enum
from typing import Literal

from typing_extensions import Self

from daskflow.api.retries import Budget

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
    POOL = "The clusters of a ClusterPool"


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


class Row(str, Enum):
    """A row of the table: what is to be known of a reason."""

    section: Section
    stage: Stage
    event: EventType | None
    """Of the Event that tells of it; None where status alone does. What has failed warns whatever the reason,
    and of a DaskCluster its phase decides: Degraded warns, others do not."""
    charge: Charge
    meaning: str
    """What is so, in one sentence."""
    remedy: str
    """What to do about it; empty where there is nothing to be done."""

    def __new__(
        cls,
        word: str,
        section: Section,
        stage: Stage,
        event: EventType | None,
        charge: Charge,
        meaning: str,
        remedy: str,
    ) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.section, member.stage, member.event, member.charge = section, stage, event, charge
        member.meaning, member.remedy = meaning, remedy
        if not (remedy or member.ordinary):
            raise TypeError(f"The reason {word} does not say what to do about it.")
        return member

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def of(cls, word: object) -> Self | None:
        """The reason with this name, None where there is none."""
        found = cls._value2member_map_.get(word) if isinstance(word, str) else None
        return found if isinstance(found, cls) else None

    @property
    def ordinary(self) -> bool:
        """Whether it calls for nobody's attention."""
        return self.stage in (Stage.WELL, Stage.STEP, Stage.DONE)

    @property
    def shown(self) -> str:
        """What `status.reason` says, a column of `kubectl get`: nothing while all is well."""
        return "" if self.stage is Stage.WELL else self.value

    def budget(self, begun: bool) -> Budget:
        """What an attempt is charged to that fails for it, by whether the flow had begun."""
        if self.charge is Charge.FLOW:
            return "flow"
        if self.charge is Charge.NEVER:
            return "none"
        return "infrastructure" if begun else "start"

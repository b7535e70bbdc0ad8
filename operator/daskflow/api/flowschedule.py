"""FlowSchedule: flows on a clock, one FlowRun a tick."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from daskflow.api.conditions import Condition
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.legible import read
from daskflow.api.model import Model, rule, rules
from daskflow.api.quantities import SECONDS_IN_CEL, Duration, seconds

SHORTEST_INTERVAL = 10
"""Seconds. Each tick costs half a dozen API writes and starts a cluster."""
MAX_ACTIVE_NAMED = 20

NICKNAMES: Mapping[str, str] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

AUTO = "auto"
MOST_PREWARM = 3600
"""Seconds. A cluster that is needed for longer is one of a ClusterPool."""


def _checked_prewarm(text: str) -> str:
    if text != AUTO and not 0 < seconds(text) <= MOST_PREWARM:
        raise ValueError(f"is {text}; write auto, or a duration from 1s to 1h, for example 20s")
    return text


Prewarm = Annotated[
    str,
    AfterValidator(_checked_prewarm),
    Field(
        json_schema_extra={
            "x-schema": {
                "type": "string",
                "maxLength": 20,
                "x-kubernetes-validations": [
                    rule(
                        "self == 'auto' || self.matches('^([0-9]{1,9}[smhd])+$') && "
                        f"{SECONDS_IN_CEL.format('self')} > 0 && "
                        f"{SECONDS_IN_CEL.format('self')} <= {MOST_PREWARM}",
                        "='\"' + self + '\" is neither auto nor a duration from 1s to 1h; write for example "
                        "20s'",
                    )
                ],
            }
        }
    ),
]
Outcome = Literal["Succeeded", "Failed", "Cancelled"]


class RunMetadata(Model):
    """Labels and annotations of each run."""

    labels: Annotated[Mapping[str, str], Field(json_schema_extra={"maxProperties": 64})] = Field(
        default_factory=dict, description="Labels of each run, besides those of the operator."
    )
    annotations: Annotated[Mapping[str, str], Field(json_schema_extra={"maxProperties": 64})] = Field(
        default_factory=dict, description="Annotations of each run, besides those of the operator."
    )


class RunTemplate(Model):
    """A FlowRun without a name."""

    metadata: RunMetadata = Field(
        default_factory=RunMetadata, description="Labels and annotations of each run."
    )
    spec: FlowRunSpec = Field(description="The spec of each run, as in a FlowRun.")


class History(Model):
    """How many ended runs stay, the newest by scheduled time; a live one is never deleted."""

    succeeded: Annotated[int, Field(ge=0, le=1000)] = Field(default=3, description="That succeeded [3].")
    failed: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=3, description="That failed or were cancelled [3]."
    )


class FlowScheduleSpec(Model):
    """Flows on a clock: makes exactly one FlowRun for each tick."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule("has(self.cron) != has(self.interval)", "give exactly one of cron and interval"),
            rule("!has(self.anchor) || has(self.interval)", "anchor goes with interval only; remove it"),
            rule(
                f"!has(self.interval) || {SECONDS_IN_CEL.format('self.interval')} >= {SHORTEST_INTERVAL}",
                f"interval is too short; give at least {SHORTEST_INTERVAL}s",
            ),
            rule(
                "!has(self.prewarm) || !(has(self.template.spec.pool) || has(self.template.spec.clusterRef) "
                "|| has(self.template.spec.schedulerAddress))",
                "prewarm starts each run's own cluster ahead; leave it out, or pool, clusterRef and "
                "schedulerAddress of the template",
            ),
            rule(
                "!has(self.prewarm) || !has(self.template.spec.flow.files)",
                "prewarm makes pods before their run, which mount no spec.flow.files; put the code into the "
                "image, or leave prewarm out",
            ),
            rule(
                "!has(self.catchUp) || !has(self.concurrencyPolicy) || "
                "self.catchUp != 'All' || self.concurrencyPolicy != 'Replace'",
                "catchUp All with concurrencyPolicy Replace would start runs only to replace them; "
                "use catchUp Last, or concurrencyPolicy Forbid or Allow",
            ),
        )
    )

    cron: str | None = Field(
        default=None,
        description="Minute, hour, day of month, month, day of week; or @hourly, @daily (@midnight), "
        "@weekly, @monthly, @yearly (@annually). Names like MON and JAN, ranges, lists and steps as in "
        "Debian's cron.",
        max_length=200,
        json_schema_extra=rules(
            rule(
                f"self.matches('^({'|'.join(NICKNAMES)}|[^ @]+( +[^ ]+){{4}})$')",
                "='\"' + self + '\" is not five fields or one of @hourly, @daily (@midnight), @weekly, "
                "@monthly, @yearly (@annually); write for example 0 2 * * *, and the time zone in timeZone'",
            )
        ),
    )
    interval: Duration | None = Field(
        default=None,
        description=f"From one tick to the next, whatever clocks are set to; at least {SHORTEST_INTERVAL}s.",
    )
    anchor: str | None = Field(
        default=None,
        description="A tick of the interval, from which all others are counted [1970-01-01T00:00:00Z].",
        json_schema_extra={"x-schema": {"type": "string", "format": "date-time"}},
    )
    time_zone: str = Field(
        default="UTC",
        description="A name of the IANA time zone database, for example Europe/Berlin: the zone of cron and "
        "of $(scheduledTime) [UTC].",
        min_length=1,
        max_length=64,
    )
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = Field(
        default="Forbid",
        description="What a tick does while a run of the schedule is active. Allow: starts beside it. "
        "Forbid: waits for its end, within catchUp and startingDeadline [Forbid]. Replace: cancels it, and "
        "starts when it has ended.",
    )
    starting_deadline: Duration | None = Field(
        default=None, description="A tick that could not start for longer than this is missed [none]."
    )
    catch_up: Literal["None", "Last", "All"] = Field(
        default="Last",
        description="Which ticks still start that could not on time, since the operator was down, the "
        "schedule suspended or a run active. None: none that is over a minute late. Last: the last one "
        "[Last]. All: all of them, the newest 100 at most.",
    )
    history: History = Field(default_factory=History, description="How many ended runs stay.")
    suspend: bool = Field(
        default=False,
        description="Start no run while true; on resume the ticks since count as late, see catchUp [false].",
    )
    prewarm: Prewarm | None = Field(
        default=None,
        description="So long before each tick the cluster of its run is started, and waits for it, for "
        "example 20s; auto: twice what the slowest start among the kept runs took, and five seconds; 30s "
        "while none is known [none].",
    )
    template: RunTemplate = Field(
        description="What each run is made from: metadata (labels, annotations) and spec, a FlowRun's. "
        "$(scheduledTime), $(previousScheduledTime) and $(scheduledTime:%Y-%m-%d) may stand in "
        "spec.flow.parameters, command and script, and in values of spec.env."
    )


class LastOutcome(Model):
    """How the newest of the runs that have ended did."""

    run: str = Field(description="The FlowRun's name.")
    scheduled_time: str = Field(description="Its tick.")
    outcome: Outcome = Field(description="Its phase.")
    reason: str = Field(default="", description="Why, in one word, if it did not succeed.")


class FlowScheduleStatus(Model):
    """What the schedule has done, and what comes next."""

    observed_generation: int = Field(
        default=-1, description="The generation of the spec that this status is about."
    )
    schedule: str | None = Field(default=None, description="The cron or interval by which ticks are counted.")
    time_zone: str | None = Field(default=None, description="The time zone by which ticks are counted.")
    settled_time: str | None = Field(
        default=None, description="All ticks up to here have had their run or were passed over, for good."
    )
    last_schedule_time: str | None = Field(default=None, description="The newest tick that was given a run.")
    next_schedule_time: str | None = Field(default=None, description="The next tick.")
    active: tuple[str, ...] = Field(
        default=(), description=f"Names of runs that have not ended, the newest {MAX_ACTIVE_NAMED} at most."
    )
    active_count: int = Field(default=0, description="How many runs have not ended.")
    missed: int = Field(
        default=0, description="How many ticks were passed over (of one absence at most 1000 are counted)."
    )
    last_outcome: LastOutcome | None = Field(default=None, description="The newest run that has ended.")
    reason: str = Field(default="", description="Why there is no next run, or none yet, in one word.")
    message: str = Field(
        default="",
        description="What comes next, and what keeps its cluster from starting that is made ahead.",
    )
    conditions: tuple[Condition, ...] = Field(
        default=(), description="Ready, Reconciling, Stalled, CatchUpCut."
    )


def spec_of(resource: Mapping[str, object]) -> FlowScheduleSpec:
    """The spec of a FlowSchedule; raises pydantic.ValidationError where it cannot be understood."""
    return FlowScheduleSpec.model_validate(resource.get("spec") or {})


def status_of(resource: Mapping[str, object]) -> FlowScheduleStatus:
    """The status of a FlowSchedule, empty where there is none yet, or none that can be read."""
    return read(FlowScheduleStatus, resource.get("status")) or FlowScheduleStatus()

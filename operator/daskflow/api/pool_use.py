"""A run's use of a ClusterPool, and what came of it."""

from typing import Literal

from pydantic import Field

from daskflow.api.model import Model, rule, rules

CLAIMED = "Claimed"
"""The reason of a claim that has a cluster."""


class PoolUse(Model):
    """The ClusterPool whose clusters a run may begin with at once."""

    name: str = Field(
        description="The pool, in the run's namespace.",
        min_length=1,
        max_length=50,
        json_schema_extra=rules(
            rule(
                "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
                "a ClusterPool's name has small letters, digits, '-' and '.' alone, and a letter or digit at "
                "both ends",
            )
        ),
    )
    otherwise: Literal["Start", "Wait"] = Field(
        default="Start",
        description="When no cluster of the pool can be used: Start one of the same template, or Wait for "
        "one [Start].",
    )


class Claim(Model):
    """What an attempt has from a ClusterPool, or from a cluster that its schedule has made ahead."""

    pool: str = Field(default="", description="The ClusterPool; empty for a cluster made ahead of a tick.")
    reason: str = Field(description="Claimed; or why the attempt has a cluster that was started for it.")
    message: str = Field(default="", description="The same in one sentence.")
    told_time: str | None = Field(
        default=None, description="When the waiting cluster was last told of the run."
    )
    made_time: str | None = Field(default=None, description="When the claimed cluster was made.")
    ready_time: str | None = Field(
        default=None, description="When the claimed cluster had become ready, if it waited."
    )
    waited: bool | None = Field(
        default=None, description="Whether it was ready when it was claimed; else it was starting."
    )

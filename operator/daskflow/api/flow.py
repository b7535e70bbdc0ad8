"""What a FlowRun runs, and with which parameters."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from daskflow.api.files import Files
from daskflow.api.model import FREE_FORM, JsonObject, Model, rule, rules
from daskflow.api.numbers import kept

Command = Annotated[tuple[Annotated[str, Field(max_length=16384)], ...], Field(min_length=1, max_length=256)]

MAX_FLOW_BYTES = 750_000
"""Of `spec.flow` as JSON in UTF-8. As base64, should it not compress, it leaves room in a pod (1.5 MB, etcd)
and in what Linux starts a program with (2 MB of variables and arguments)."""


class Flow(Model):
    """What to run, and with which parameters."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "[has(self.entrypoint), has(self.script), has(self.command)].filter(x, x).size() == 1",
                "give exactly one of entrypoint, script and command",
            )
        )
    )

    entrypoint: str | None = Field(
        default=None,
        description="`module:attr` or `path.py:attr`: a function, coroutine function or Dask object.",
        max_length=500,
        json_schema_extra=rules(
            rule(
                "self.matches('^[^:]+:[A-Za-z_][A-Za-z0-9_.]*$')",
                "='\"' + self + '\" is no entrypoint; write module:attr or path.py:attr, "
                "for example flows.etl:flow'",
            )
        ),
    )
    script: str | None = Field(
        default=None,
        description="Python text, run as `__main__`; its last `result = …` is the result.",
        min_length=1,
        max_length=65536,
    )
    command: Command | None = Field(
        default=None, description="Any program; it finds the scheduler in DASK_SCHEDULER_ADDRESS."
    )
    files: Files | None = Field(default=None, description="Files besides those of the image.")
    parameters: Annotated[
        JsonObject, AfterValidator(kept), Field(json_schema_extra={"x-schema": FREE_FORM})
    ] = Field(
        default_factory=dict,
        description="Keyword arguments of the entrypoint; DASKFLOW_PARAMETERS for script and command.",
    )

"""Defaults of a namespace."""

from typing import Any

from daskflow.api.defaults import CONFIG_MAP, CONFIG_MAP_ANNOTATION, CONFIG_MAP_KEY
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.catalogue.lives import RESUME, SUSPEND
from daskflow.cli.verification.check import (
    Change,
    Check,
    Make,
    Remove,
    Stays,
    Until,
    expect,
)
from daskflow.cli.verification.expectations import annotated, holds, result
from daskflow.cli.verification.observed import Observed

_MARK = "daskflow.dev/verified"


def _defaults(value: str) -> str:
    return f'template: {{metadata: {{annotations: {{{_MARK}: "{value}"}}}}}}'


def _change_defaults(text: str) -> Change:
    return Change("ConfigMap", {"data": {CONFIG_MAP_KEY: text}}, lambda seen: CONFIG_MAP)


def _given(seen: Observed, kind: str = FLOW_RUN) -> Any:
    spec = (seen.status("", kind).get("defaults") or {}).get("spec") or {}
    return spec.get("template", {}).get("metadata", {}).get("annotations", {}).get(_MARK)


_NOTE = made.config_map(
    {CONFIG_MAP_KEY: _defaults("first")}, lambda seen: CONFIG_MAP, annotations={CONFIG_MAP_ANNOTATION: "true"}
)

CHECKS = (
    Check(
        "defaults",
        "a namespace's defaults are what runs and clusters begin with, for all their attempts; "
        "wrong ones hold up what has not begun, until they are corrected",
        (
            Make(_NOTE),
            Make(made.run(programs.SLEEPS.format(seconds=4))),
            Until(when.flow_begun(), 60),
            expect(
                holds(
                    "the run did not write down the defaults that it was given",
                    lambda seen: _given(seen) == "first",
                )
            ),
            _change_defaults("nonsense: 1"),
            SUSPEND,
            Until(when.phase("Suspended"), 40),
            RESUME,
            Until(when.ended(), 60),
            expect(
                result("done"),
                annotated("runner", _MARK, "first"),
                holds("the defaults of the run have changed", lambda seen: _given(seen) == "first"),
            ),
            Make(made.run(programs.SUM, "late")),
            Until(when.reason("DefaultsInvalid", part="late"), 20),
            _change_defaults(_defaults("second")),
            Until(when.ended("late"), 30),
            expect(
                result(45, "late"),
                holds(
                    "the second run was not given the corrected defaults",
                    lambda seen: (seen.status("late").get("defaults") or {}).get("spec") is not None,
                ),
            ),
            Remove("ConfigMap", lambda seen: CONFIG_MAP),
        ),
        needs=("own namespace",),
        beside=True,
    ),
    Check(
        "laterworkers",
        "workers that join a cluster later have the defaults that it began with",
        (
            Make(
                made.config_map(
                    {CONFIG_MAP_KEY: _defaults("first")},
                    lambda seen: CONFIG_MAP,
                    annotations={CONFIG_MAP_ANNOTATION: "true"},
                )
            ),
            Make(made.cluster(workers=0)),
            Until(when.registered(0), 60),
            expect(
                holds(
                    "the cluster did not write down its defaults",
                    lambda seen: _given(seen, DASK_CLUSTER) == "first",
                ),
                annotated("scheduler", _MARK, "first"),
            ),
            _change_defaults(_defaults("second")),
            Stays(when.registered(0), 1),
            Change(DASK_CLUSTER, {"spec": {"workers": {"replicas": 1}}}),
            Until(when.registered(1), 60),
            expect(annotated("worker", _MARK, "first")),
            Remove("ConfigMap", lambda seen: CONFIG_MAP),
        ),
        needs=("own namespace", "distributed"),
        weight=2,
    ),
)

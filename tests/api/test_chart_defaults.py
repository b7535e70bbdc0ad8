"""The value `defaults` of the chart: what of it the schema takes, and how it reaches the operator."""

import json
from collections.abc import Iterator

import yaml
from daskflow.plan.default_fields import OPERATOR

from tests.chart.helm import CHART, Object, named, refusal, rendered


def test_defaults_of_runs_are_mounted_and_a_change_starts_the_operator_anew() -> None:
    def made(active: str) -> list[Object]:
        return rendered({"defaults": {"deadlines": {"active": active}}})

    pod = named(made("1d"), "Deployment")["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    (mount,), (volume,) = container["volumeMounts"], pod["spec"]["volumes"]
    found = named(made("1d"), "ConfigMap", volume["configMap"]["name"])
    (file,) = found["data"]
    path = next(each["value"] for each in container["env"] if each["name"] == "DASKFLOW_DEFAULTS")
    assert path == f"{mount['mountPath']}/{file}"
    assert yaml.safe_load(found["data"][file]) == {"deadlines": {"active": "1d"}}
    other = named(made("2d"), "Deployment")["spec"]["template"]["metadata"]
    assert other["annotations"] != pod["metadata"]["annotations"]


def test_the_schema_has_the_defaults_that_the_operator_takes() -> None:
    def leaves(node: Object, path: str = "") -> Iterator[str]:
        for name, inner in node["properties"].items():
            yield from leaves(inner, f"{path}{name}.") if "properties" in inner else [f"{path}{name}"]

    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["defaults"]
    assert {each for each in OPERATOR if not each.startswith("template.")} == set(leaves(schema))
    assert "'strat' not allowed" in refusal({"defaults": {"deadlines": {"strat": "1h"}}})

"""Which defaults may be given, and what is said of others."""

from typing import Any

import pytest
from daskflow.api.crd import KINDS
from daskflow.api.defaults import CONFIG_MAP_KEY
from daskflow.plan.default_fields import (
    MOST_BYTES,
    NAMESPACE,
    OPERATOR,
    DefaultsInvalid,
    checked,
    of_config_map,
)


def fault(given: Any, allowed: frozenset[str] = OPERATOR) -> str:
    with pytest.raises(DefaultsInvalid) as caught:
        checked(given, allowed)
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "defaults is no mapping; write fields as in the spec of a FlowRun."),
        (
            {"deadlines": {"strat": "1h"}},
            "defaults.deadlines.strat is no default; did you mean deadlines.start?",
        ),
        ({"image": "x"}, "defaults.image is no default; the page on defaults has a list of those."),
        ({"deadlines": "1h"}, "defaults.deadlines is '1h', but has fields of its own; write them below it."),
        ({"cluster": {"workers": {"replicas": 3}}}, "defaults.cluster.workers.replicas is no default; "),
        ({"deadlines": {"start": "soon"}}, "defaults.deadlines.start: "),
        ({"retries": {"limit": 1000}}, "defaults.retries.limit: "),
        (
            {"cluster": {"workers": {"resources": {"limits": {"memory": "512m"}}}}},
            "defaults.cluster.workers.",
        ),
        ({"template": {"spec": {"restartPolicy": "Always"}}}, "defaults.template.spec"),
        (
            {"cluster": {"config": {"distributed": {"scheduler": {"idle-timeout": "1h"}}}}},
            "defaults.cluster.config",
        ),
        ({"env": [{"value": "x"}]}, "defaults.env.0.name: "),
    ],
)
def test_one_sentence_says_what_is_wrong(given: Any, said: str) -> None:
    assert fault(given).startswith(said)
    assert fault(given).endswith((".", "?"))


def test_nothing_is_no_fault() -> None:
    assert checked(None) == checked({}) == {}


@pytest.mark.parametrize("field", sorted(OPERATOR - NAMESPACE - {"template"}))
def test_what_brings_code_or_rights_is_for_the_installation_alone(field: str) -> None:
    given: Any = {}
    for step in reversed(field.split(".")):
        given = {step: given}
    assert "is not for a namespace to give" in fault(given, NAMESPACE)


def test_a_namespace_gives_of_a_template_what_places_and_names_pods() -> None:
    spec = {"nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}]}
    given = {"template": {"metadata": {"labels": {"a": "b"}}, "spec": spec}}
    assert checked(given, NAMESPACE) == given
    spec["volumes"] = [{"name": "etc", "hostPath": {"path": "/etc"}}]  # type: ignore[assignment]
    assert "defaults.template.spec.volumes is not for a namespace" in fault(given, NAMESPACE)


def test_all_of_them_are_fields_of_a_flow_run() -> None:
    kind = next(kind for kind in KINDS if kind.name == "FlowRun")
    root = kind.definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    for field in OPERATOR:
        node = root
        for step in field.split("."):
            node = node["properties"].get(step) or ({"properties": {}} if "template" in field else None)
            assert node is not None, field


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "it has no key defaults.yaml."),
        ({CONFIG_MAP_KEY: "a: [b"}, "defaults.yaml is no YAML: "),
        (
            {CONFIG_MAP_KEY: "#" * (MOST_BYTES + 1)},
            "defaults.yaml has 8193 characters; at most 8192 are read.",
        ),
        ({CONFIG_MAP_KEY: "env: []"}, "defaults.env is not for a namespace to give; "),
    ],
)
def test_a_config_map_is_named_in_what_is_wrong_with_it(data: Any, said: str) -> None:
    with pytest.raises(DefaultsInvalid) as caught:
        of_config_map(data)
    assert str(caught.value).startswith(f"ConfigMap daskflow-defaults: {said}")


def test_a_config_map_may_be_empty() -> None:
    assert of_config_map({CONFIG_MAP_KEY: ""}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "deadlines: {active: 2026-13-45}",
        "a: !!timestamp abc",
        f"a: {'9' * 5000}",
        "[" * 4000,
        "a: &x [1]\nb: *x",
    ],
)
def test_whatever_a_namespace_writes_is_a_sentence(text: str) -> None:
    with pytest.raises(DefaultsInvalid, match="ConfigMap daskflow-defaults: "):
        of_config_map({CONFIG_MAP_KEY: text})

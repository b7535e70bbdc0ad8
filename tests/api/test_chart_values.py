"""What the chart makes of values that could be read in two ways, and which of them it refuses."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.chart.helm import CHART, Object, helm, named, refusal, rendered


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"policy": {"rules": [{"name": "a", "maxCpu": "1.2.3"}]}}, "/policy/rules/0/maxCpu"),
        ({"policy": {"rules": [{"name": "a", "maxMemory": "..Gi"}]}}, "/policy/rules/0/maxMemory"),
        ({"policy": {"rules": [{"name": "a", "maxMemory": -1}]}}, "/policy/rules/0/maxMemory"),
        ({"policy": {"actions": ["Deny", "Warn"]}}, "/policy/actions"),
        (
            {"policy": {"enabled": True, "rules": [{"name": "a", "images": []}, {"name": "a"}]}},
            'policy.rules: two are called "a", and only one of them would count',
        ),
        ({"serviceAccount": {"create": False}}, "name the account that is there already"),
        (
            {"flowRole": {"create": True, "name": "daskflow", "namespaces": ["default"]}},
            'flowRole.name "daskflow" is a name of the operator\'s own in its namespace default',
        ),
        (
            {"podDisruptionBudget": {"enabled": True, "minAvailable": 1, "maxUnavailable": 1}},
            "can have one of them; leave the other empty",
        ),
        (
            {"livenessProbe": {"tcpSocket": {"port": "http"}}},
            "livenessProbe has httpGet and tcpSocket, and can have one of them; give httpGet: null",
        ),
    ],
)
def test_values_that_would_be_dropped_silently_are_refused(values: Object, said: str) -> None:
    assert said in refusal(values)


@pytest.mark.parametrize(
    ("tolerations", "ours"),
    [
        ([], 2),
        ([{"operator": "Exists"}], 0),
        ([{"operator": "Exists", "effect": "NoExecute"}], 0),
        ([{"operator": "Exists", "effect": "NoSchedule"}], 2),
        ([{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}], 2),
        ([{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}], 1),
    ],
)
def test_the_users_tolerations_of_lost_nodes_count_instead(tolerations: list[Object], ours: int) -> None:
    made = named(rendered({"tolerations": tolerations}), "Deployment")["spec"]["template"]["spec"]
    assert made["tolerations"][: len(tolerations)] == tolerations
    assert len(made["tolerations"]) == len(tolerations) + ours


def test_limits_of_a_policy_are_as_they_were_written_and_nothing_is_a_limit_too() -> None:
    rules = [{"name": "none", "maxCpu": 0, "maxMemory": 0}, {"name": "some", "maxMemory": 34359738368}]
    rules.append({"name": "half", "maxCpu": 0.5})
    objects = rendered({"policy": {"enabled": True, "rules": rules}})

    def said(rule: str) -> str:
        policy = named(objects, "ValidatingAdmissionPolicy", f"daskflow-policy-{rule}")
        return " ".join(each.get("message", "") for each in policy["spec"]["validations"])

    assert "More cpu than 0 is" in said("none")
    assert "More memory than 0 is" in said("none")
    assert "More memory than 34359738368 is" in said("some")
    assert "More cpu than 0.5 is" in said("half")


def test_large_numbers_are_whole_numbers() -> None:
    values = yaml.safe_dump({"test": {"timeoutSeconds": 1000000}, "terminationGracePeriodSeconds": 1000000})
    done = helm("template", "daskflow", str(CHART), "--values", "-", text=values)
    assert len(re.findall(r": 1000000$", done.stdout, re.M)) == 2
    assert "e+06" not in done.stdout


def test_a_disruption_budget_has_one_of_the_two() -> None:
    for given, made in [
        ({}, {"maxUnavailable": 1}),
        ({"maxUnavailable": 0}, {"maxUnavailable": 0}),
        ({"minAvailable": "50%"}, {"minAvailable": "50%"}),
    ]:
        budget = rendered({"podDisruptionBudget": {"enabled": True, **given}})
        spec = named(budget, "PodDisruptionBudget")["spec"]
        assert {key: spec[key] for key in spec if key != "selector"} == made


def test_another_kind_of_probe_takes_the_place_of_ours() -> None:
    probe = {"httpGet": None, "tcpSocket": {"port": "http"}}
    pod = named(rendered({"livenessProbe": probe}), "Deployment")["spec"]["template"]["spec"]
    assert pod["containers"][0]["livenessProbe"].keys().isdisjoint({"httpGet"})


def test_values_of_the_chart_before_are_taken_by_this_one() -> None:
    """As `helm upgrade --reset-then-reuse-values` has them of who keeps a copy of all."""
    path = str(CHART / "values.yaml")
    before = ["git", "rev-list", "-1", "--skip=1", "HEAD", "--", path]
    commit = subprocess.run(before, capture_output=True, text=True, check=False).stdout.strip()
    if not commit:
        pytest.skip("the history of the repository has no earlier values: clone it whole")
    shown = subprocess.run(["git", "show", f"{commit}:{path}"], capture_output=True, text=True, check=True)
    assert named(rendered(yaml.safe_load(shown.stdout)), "Deployment")


def test_no_page_upgrades_with_the_defaults_of_the_chart_before() -> None:
    pages = {page: page.read_text() for page in [Path("README.md"), *Path("docs").rglob("*.md")]}
    upgrades = [line for text in pages.values() for line in re.findall(r"^ +helm upgrade .*", text, re.M)]
    assert len(upgrades) > 2
    assert not [line for line in upgrades if "--reuse-values" in line]


def test_notes_name_a_namespace_to_look_into() -> None:
    values = yaml.safe_dump({"namespaces": ["data", "science"]})
    said = helm("install", "x", str(CHART), "--dry-run=client", "--values", "-", text=values).stdout
    assert "kubectl get flowruns --namespace data" in said
    assert "kubectl describe flowrun --namespace data NAME" in said

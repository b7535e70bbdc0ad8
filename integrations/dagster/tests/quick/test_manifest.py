"""The FlowRun of a step."""

import re
from dataclasses import replace

import pytest
from dagster import Failure
from dagster_daskflow.flowrun import Flow, FlowRunSpec
from dagster_daskflow.manifest import Step, adopted, flow_run, spec, with_variables

STEP = Step("run-1", "run-1", "Sales__daily[2]", "2026-01-01", 0, 0)


def test_a_name_is_kubernetes_and_the_same_for_the_same_execution() -> None:
    long = replace(STEP, key="x" * 300)
    for step in (STEP, long, replace(STEP, key="ä"), replace(STEP, key="")):
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,48}[a-z0-9]", step.name), step.name
        assert step.name == replace(step).name
    others = [replace(STEP, run_id="run-2"), replace(STEP, key="b"), replace(STEP, partition="")]
    others += [replace(STEP, retry=1), replace(STEP, call=1)]
    assert len({STEP.name, *(each.name for each in others)}) == 6
    assert STEP.name.startswith("dagster-sales-daily-2-")


def test_layers_are_merged_and_checked() -> None:
    base = {
        "image": "a",
        "cluster": {"workers": {"replicas": 2, "threads": 1}},
        "flow": {"entrypoint": "m:f"},
    }
    made = spec(base, FlowRunSpec(flow=Flow(entrypoint="m:g")), {"cluster": {"workers": {"replicas": 5}}})
    assert made.image == "a"
    assert made.flow.entrypoint == "m:g"
    assert made.cluster is not None
    assert made.cluster.workers is not None
    assert (made.cluster.workers.replicas, made.cluster.workers.threads) == (5, 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"cluster": {"workerss": {}}},
            r"spec\.cluster\.workerss: a FlowRun has no such field; see `kubectl",
        ),
        ({"cluster": {"workers": {"replicas": "two"}}}, r"spec\..*\.replicas: 'two' will not do: "),
        ({"image": "a"}, r"spec\.flow: it is required here"),
        (
            {"cluster": {"workers": {"resources": {"limits": {"memory": "512m"}}}}},
            r'spec\.cluster\.workers\.resources\.limits: memory "512m" is less than 1Mi; m stands',
        ),
        (
            {"flow": {"entrypoint": "m:f", "parameters": {"rates": [0.5, float("nan")]}}},
            r"spec\.flow\.parameters\.rates\[1\]: nan cannot be sent as JSON; give a number",
        ),
    ],
)
def test_a_wrong_spec_is_one_sentence_and_not_tried_again(given: dict[str, object], sentence: str) -> None:
    base = {} if "image" in given else {"flow": {"entrypoint": "m:f"}}
    with pytest.raises(Failure) as raised:
        spec(base, given)
    assert re.match(sentence, str(raised.value.description))
    assert "\n" not in str(raised.value.description)
    assert not raised.value.allow_retries


def test_only_the_runner_is_told_where_to_report() -> None:
    template = {
        "metadata": {"labels": {"team": "a"}},
        "spec": {
            "nodeSelector": {"disk": "ssd"},
            "containers": [
                {"name": "proxy"},
                {"name": "runner", "env": [{"name": "A", "value": "1"}, {"name": "P", "value": "old"}]},
            ],
        },
    }
    made = with_variables(template, {"P": "new"})
    proxy, runner = made["spec"]["containers"]
    assert proxy == {"name": "proxy"}
    assert runner["env"] == [{"name": "A", "value": "1"}, {"name": "P", "value": "new"}]
    assert made["spec"]["nodeSelector"] == {"disk": "ssd"}
    assert template["spec"]["containers"][1]["env"][1]["value"] == "old"
    run = flow_run(
        STEP, spec({"flow": {"entrypoint": "m:f"}, "env": [{"name": "E", "value": "1"}]}), {"P": "x"}, {}
    )
    assert run["spec"]["env"] == [{"name": "E", "value": "1"}]
    [container] = run["spec"]["runner"]["template"]["spec"]["containers"]
    assert container == {"name": "runner", "env": [{"name": "P", "value": "x"}]}
    assert run["metadata"]["annotations"]["dagster.io/step"] == STEP.key


def test_who_goes_on_is_taken_over() -> None:
    def run(name: str, *, ended: bool = False, cancel: bool = False) -> dict[str, object]:
        status = {"completionTime": "2026-01-01T00:00:00Z"} if ended else {}
        return {"metadata": {"name": name}, "spec": {"cancel": cancel}, "status": status}

    own = run(STEP.name, ended=True)
    assert adopted([], STEP) is None
    assert adopted([run("b"), own], STEP) == STEP.name
    assert adopted([run("b", ended=True), run("c", cancel=True)], STEP) is None
    assert adopted([run("b", ended=True), run("d")], STEP) == "d"
    later = Step("run-2", "run-1", STEP.key, STEP.partition, 0, 0)
    assert later.lineage == STEP.lineage
    assert replace(later, partition="2026-01-02").lineage != STEP.lineage

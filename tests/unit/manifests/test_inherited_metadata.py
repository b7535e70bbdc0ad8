"""Labels and annotations of a run whose prefix the installation names are on all of its pods."""

from dataclasses import replace
from typing import Any

from daskflow.api.flowrun import FlowRunSpec
from daskflow.manifests.cluster import dask_cluster, flows_own_cluster
from daskflow.manifests.inherited_metadata import with_inherited
from daskflow.manifests.pods import runner_pod
from daskflow.plan.model import Observed
from daskflow.plan.run import life as flowrun

from tests.unit.manifests.test_pods import PLACE, RUN, SETTINGS, run_spec
from tests.unit.plan.stage import NOW, Stage, run

LABELS = {"team": "data", "example.com/cost": "7", "other": "x", "daskflow.dev/run": "planted"}
NOTES = {"example.com/owner": "ann", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
GIVEN = {**RUN, "metadata": {**RUN["metadata"], "labels": LABELS, "annotations": NOTES}}
PREFIXES = ("team", "example.com/", "daskflow.dev/", "kubectl")


def inherited(prefixes: tuple[str, ...] = PREFIXES, **fields: Any) -> FlowRunSpec:
    """The spec that policies see of a run with these labels."""
    return with_inherited(run_spec(**fields), GIVEN, prefixes)


def test_the_runners_pod_the_cluster_and_clusters_of_the_flow_have_them() -> None:
    spec = inherited()
    pod = runner_pod(GIVEN, spec, PLACE, 1, SETTINGS, None)
    assert pod["metadata"]["labels"].items() >= {"team": "data", "example.com/cost": "7"}.items()
    assert pod["metadata"]["labels"]["daskflow.dev/run"] == "etl"
    assert "other" not in pod["metadata"]["labels"]
    assert pod["metadata"]["annotations"]["example.com/owner"] == "ann"
    assert not [name for name in pod["metadata"]["annotations"] if name.startswith("kubectl")]
    template = {
        "metadata": {
            "labels": {"team": "data", "example.com/cost": "7"},
            "annotations": {"example.com/owner": "ann"},
        }
    }
    assert dask_cluster(GIVEN, spec, 1)["spec"]["template"] == template
    assert flows_own_cluster(spec, spec)["template"] == template


def test_the_runs_own_template_says_more() -> None:
    spec = inherited(template={"metadata": {"labels": {"team": "mine"}}, "spec": {"nodeName": "n"}})
    assert spec.template["metadata"]["labels"] == {"team": "mine", "example.com/cost": "7"}
    assert spec.template["spec"] == {"nodeName": "n"}


def test_none_without_a_word_of_the_installation() -> None:
    assert inherited(prefixes=()) == run_spec()


def test_a_runs_own_label_says_more_than_a_default_of_the_platform() -> None:
    defaults = {"template": {"metadata": {"labels": {"team": "shared", "cost": "1"}}}}
    settings = replace(SETTINGS, inherited_prefixes=("team",), defaults=defaults)
    resource = run(labels={"team": "data"})
    opened = {**resource, "status": flowrun.plan(resource, Observed(), NOW, settings).status}
    plan = flowrun.plan(opened, Observed(), NOW, settings)
    assert plan.creates[0]["spec"]["template"] == {"metadata": {"labels": {"team": "data", "cost": "1"}}}


def test_the_planner_hands_them_on() -> None:
    resource = run(labels={"team": "data"})
    opened = Stage(resource).applied()
    settings = replace(SETTINGS, inherited_prefixes=("team",))
    plan = flowrun.plan(opened.resource, Observed(), NOW, settings)
    assert plan.creates[0]["spec"]["template"] == {"metadata": {"labels": {"team": "data"}}}

"""Each set of values is one that the API server takes as it is rendered, and unknown ones are refused."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.chart.helm import CHART, Object, helm, kinds, named, refusal, rendered
from tests.chart.manifests import text
from tests.chart.value_sets import NAMESPACES, VALUE_SETS
from tests.kube import kubectl

MONITORING = Path("tests/chart/monitoring.yaml")


@pytest.fixture(scope="module")
def release_objects() -> dict[str, list[Object]]:
    """Of each set, under a release of its name; the definitions once."""
    none = {"crds": {"install": False}}
    return {
        name: rendered(values if name == "plain" else {**values, **none}, release=name)
        for name, values in VALUE_SETS.items()
    }


@pytest.fixture
def surroundings() -> Iterator[None]:
    """The namespaces of the sets, and the Prometheus operator's kinds unless they are there."""
    names = [f"{each['metadata']['name']}" for each in yaml.safe_load(MONITORING.read_text())["items"]]
    there = kubectl("get", "crd", *names).returncode == 0
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES]
    applied = kubectl("apply", "-f", "-", text=yaml.safe_dump_all(spaces))
    assert applied.returncode == 0, applied.stderr
    if not there:
        applied = kubectl("apply", "-f", str(MONITORING))
        assert applied.returncode == 0, applied.stderr
        waited = kubectl("wait", "--for=condition=Established", "--timeout=20s", *(f"crd/{n}" for n in names))
        assert waited.returncode == 0, waited.stderr
    yield
    kubectl("delete", "namespace", "--wait=false", *NAMESPACES)
    if not there:
        kubectl("delete", "--wait=false", "-f", str(MONITORING))


def test_the_api_server_takes_what_each_set_of_values_makes(
    release_objects: dict[str, list[Object]], surroundings: None
) -> None:
    objects = {
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]): each
        for made in release_objects.values()
        for each in made
    }
    tried = kubectl(
        *("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"),
        *("--field-manager", "chart-test", "-f", "-"),
        text=yaml.dump_all(objects.values(), Dumper=yaml.CSafeDumper),
    )
    assert tried.returncode == 0, tried.stderr
    assert "Warning" not in tried.stderr, tried.stderr
    assert tried.stdout.count("server dry run") == len(objects) > 150


@pytest.mark.parametrize("name", VALUE_SETS)
def test_helm_finds_no_fault_with_the_set(name: str, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump(VALUE_SETS[name]))
    linted = helm("lint", "--strict", "--quiet", str(CHART), "--values", str(values))
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"replica": 2}, "'replica' not allowed"),
        ({"replicas": "2"}, "/replicas"),
        ({"namespaces": "a"}, "/namespaces"),
        ({"namespaces": ["a", "a"]}, "/namespaces"),
        ({"namespaces": ["Data"]}, "/namespaces/0"),
        ({"image": {"digest": "latest"}}, "/image/digest"),
        ({"tolerations": [{"kee": "x"}]}, "'kee' not allowed"),
        ({"resources": {"limit": {}}}, "'limit' not allowed"),
        ({"resources": {"limits": {"memory": "1 GB"}}}, "/resources/limits/memory"),
        ({"livenessProbe": {"period": 1}}, "'period' not allowed"),
        ({"serviceMonitor": {"intervall": "1s"}}, "'intervall' not allowed"),
        ({"serviceMonitor": {"interval": "often"}}, "/serviceMonitor/interval"),
        ({"podLabels": {"a": True}}, "/podLabels/a"),
        ({"extraEnv": [{"value": "x"}]}, "/extraEnv/0"),
        ({"strategy": {"type": "Rolling"}}, "/strategy/type"),
        ({"topologySpreadConstraints": [{"maxSkew": 1}]}, "/topologySpreadConstraints/0"),
        ({"networkPolicy": {"apiServerCidrs": ["10.0.0.1"]}}, "/networkPolicy/apiServerCidrs/0"),
        ({"flowRole": {"create": True}}, "/flowRole/namespaces"),
        ({"logLevel": "TRACE"}, "/logLevel"),
    ],
)
def test_values_that_mean_nothing_are_refused(values: Object, said: str) -> None:
    assert said in refusal(values)


def test_each_value_of_the_chart_is_in_its_schema() -> None:
    assert refusal(yaml.safe_load((CHART / "values.yaml").read_text())) == ""


def rules(objects: list[Object], kind: str) -> list[Object]:
    """Rules that the operator's account is bound to by bindings of this kind."""
    bound = {
        (each["roleRef"]["name"], each["metadata"].get("namespace"))
        for each in objects
        if each["kind"] == f"{kind}Binding"
    }
    return [
        rule
        for each in objects
        if each["kind"] == kind and (each["metadata"]["name"], each["metadata"].get("namespace")) in bound
        for rule in each["rules"]
    ]


def test_one_operator_for_all_namespaces_has_its_rights_everywhere(
    release_objects: dict[str, list[Object]],
) -> None:
    objects = release_objects["plain"]
    assert any(rule["resources"] == ["pods"] for rule in rules(objects, "ClusterRole"))
    environment = named(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert "DASKFLOW_NAMESPACES" not in [each["name"] for each in environment]


def test_with_a_list_of_namespaces_the_one_right_elsewhere_is_to_read_the_definitions(
    release_objects: dict[str, list[Object]],
) -> None:
    (only,) = rules(release_objects["one-namespace"], "ClusterRole")
    assert (only["resources"], only["verbs"]) == (["customresourcedefinitions"], ["get"])
    assert rules(release_objects["two-namespaces"], "ClusterRole") == []


@pytest.mark.parametrize(("name", "where"), [("one-namespace", ["chart-a"]), ("two-namespaces", NAMESPACES)])
def test_there_are_roles_in_the_listed_namespaces_and_the_operators_own(
    name: str, where: list[str], release_objects: dict[str, list[Object]]
) -> None:
    objects = release_objects[name]
    found = [each["metadata"]["namespace"] for each in objects if each["kind"] == "RoleBinding"]
    assert sorted(found) == sorted([*where, "daskflow-system"])
    environment = named(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "DASKFLOW_NAMESPACES", "value": ",".join(where)} in environment


def test_a_release_can_do_without_anything_that_has_no_namespace(
    release_objects: dict[str, list[Object]],
) -> None:
    assert all(each["metadata"].get("namespace") for each in release_objects["no-cluster-rights"])


def test_two_releases_of_one_name_for_other_namespaces_share_no_object() -> None:
    values = {"crds": {"install": False}, "priorityClass": {"create": True}, "flowControl": {"enabled": True}}
    ones = [
        {
            (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
            for each in rendered({**values, "namespaces": [name]}, namespace=f"system-{name}")
        }
        for name in NAMESPACES
    ]
    assert not ones[0] & ones[1]


@pytest.mark.parametrize(
    ("release", "values", "name"),
    [
        ("daskflow", {}, "daskflow"),
        ("my-daskflow", {}, "my-daskflow"),
        ("flows", {}, "flows-daskflow"),
        ("flows", {"nameOverride": "dask"}, "flows-dask"),
        ("flows", {"fullnameOverride": "operator"}, "operator"),
        ("a" * 53, {}, "a" * 50),
    ],
)
def test_names_follow_the_release(release: str, values: Object, name: str) -> None:
    objects = rendered(values, release=release)
    assert named(objects, "Deployment")["metadata"]["name"] == name


@pytest.mark.parametrize(
    ("values", "image"),
    [
        ({}, "docker.io/local/daskflow-operator:0.1.0"),
        ({"image": {"tag": "x"}}, "docker.io/local/daskflow-operator:x"),
        ({"global": {"imageRegistry": "r:5000/m"}}, "r:5000/m/local/daskflow-operator:0.1.0"),
        ({"image": {"registry": "r", "repository": "a/b"}}, "r/a/b:0.1.0"),
        ({"global": {"imageRegistry": "g"}, "image": {"registry": "r", "repository": "b"}}, "g/b:0.1.0"),
        (
            {"image": {"digest": "sha256:" + "0" * 64}},
            "docker.io/local/daskflow-operator:0.1.0@sha256:" + "0" * 64,
        ),
    ],
)
def test_the_image_has_the_registry_that_is_asked_for(values: Object, image: str) -> None:
    assert container(rendered(values))["image"] == image


def container(objects: list[Object]) -> Object:
    found: Object = named(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    return found


def test_the_operator_leaves_a_lost_node_after_twenty_seconds(
    release_objects: dict[str, list[Object]],
) -> None:
    def seconds(name: str) -> dict[str, int]:
        pod = named(release_objects[name], "Deployment")["spec"]["template"]["spec"]
        told = [each for each in pod["tolerations"] if "tolerationSeconds" in each]
        return {each["key"].rpartition("/")[2]: each["tolerationSeconds"] for each in told}

    assert seconds("plain") == {"not-ready": 20, "unreachable": 20}
    assert seconds("placed") == {"not-ready": 20, "unreachable": 5}


def test_labels_for_everything_are_on_everything_and_in_no_selector() -> None:
    objects = rendered(VALUE_SETS["labels"])
    assert all(each["metadata"].get("labels", {}).get("team") == "data" for each in objects)
    assert all(each["metadata"]["annotations"]["example.com/owner"] == "data" for each in objects)
    spec = named(objects, "Deployment")["spec"]
    assert spec["template"]["metadata"]["labels"].items() >= {"team": "data", "mesh": "off"}.items()
    assert "team" not in spec["selector"]["matchLabels"]


def test_what_a_release_is_not_asked_for_it_does_not_make(release_objects: dict[str, list[Object]]) -> None:
    assert kinds(release_objects["plain"]) == {
        *("CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
        *("ServiceAccount", "Deployment"),
    }


PAGES = [Path("docs/installing.md"), Path("docs/policy.md"), Path("docs/defaults.md")]
"""Values stand in them in blocks that begin with ```yml."""


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_values_on_the_pages_are_taken(page: Path) -> None:
    blocks = re.findall(r"^```yml\n(.*?)^```", page.read_text(), re.M | re.S)
    assert blocks
    for block in blocks:
        assert refusal(yaml.safe_load(block)) == "", block


def test_the_page_has_the_very_words_of_a_refusal() -> None:
    assert "at '': additional properties 'replica' not allowed" in refusal({"replica": 2})


def test_the_plain_manifests_are_the_charts() -> None:
    assert Path("deploy/daskflow.yaml").read_text() == text(), "make manifests"
    tried = kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-k", "deploy")
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.count("server dry run") == text().count("\nkind:") + 5


PARENT = """
apiVersion: v2
name: platform
version: 1.0.0
dependencies:
  - {{name: daskflow, version: ">=0", repository: "file://{chart}", condition: daskflow.enabled}}
"""


def test_it_is_a_part_of_another_chart_that_can_leave_it_out(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text(PARENT.format(chart=CHART.resolve()))
    built = helm("dependency", "build", "--skip-refresh", str(tmp_path))
    assert built.returncode == 0, built.stderr
    values = {"daskflow": {"enabled": True, "replicas": 3}, "global": {"imageRegistry": "mirror", "ours": 1}}
    objects = rendered(values, release="platform", namespace="apps", chart=tmp_path)
    assert named(objects, "Deployment")["metadata"]["name"] == "platform-daskflow"
    assert named(objects, "Deployment")["spec"]["replicas"] == 3
    assert container(objects)["image"].startswith("mirror/local/")
    assert sum(each["kind"] == "CustomResourceDefinition" for each in objects) == 4
    assert rendered({"daskflow": {"enabled": False}}, release="platform", chart=tmp_path) == []

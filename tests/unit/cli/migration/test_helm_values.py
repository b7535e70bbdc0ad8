"""Values of the chart dask/dask."""

from daskflow.cli.migration.options import Options
from daskflow.cli.migration.sources import Text, migrate


def test_values_that_are_empty_say_nothing() -> None:
    text = """
nameOverride: ""
fullnameOverride: ""
scheduler: {serviceAccountName: "", loadBalancerIP: "", image: {repository: a, tag: ""}}
worker: {custom_scheduler_url: "", env: [{name: A, value: ""}], image: {repository: a}}
jupyter: {enabled: false}
"""
    result = migrate([Text("values.yaml", text)], Options())
    ((manifest, findings),) = result.manifests
    assert [str(each) for each in findings if each.lost] == []
    assert "scheduler" not in manifest["spec"]
    (container,) = manifest["spec"]["workers"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "A", "value": ""}]

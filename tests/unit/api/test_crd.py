"""The definitions in `crds/` are those of the models."""

from pathlib import Path

import yaml
from daskflow.api import reference
from daskflow.api.crd import rendered
from daskflow.api.dask_kubernetes import crd as dask_kubernetes

CRDS = Path(__file__).parents[3] / "crds"


def test_definitions_are_up_to_date() -> None:
    assert {path.name: path.read_text() for path in CRDS.glob("*.yaml")} == rendered(), "run `make crds`"
    theirs = {path.name: path.read_text() for path in (CRDS / "dask-kubernetes").iterdir()}
    assert theirs == rendered(dask_kubernetes.KINDS), "run `make crds`"


def test_every_field_is_described() -> None:
    def undescribed(node: dict[str, object], path: str) -> list[str]:
        properties = node.get("properties")
        found = [] if node.get("description") or path.count(".") < 1 else [path]
        if isinstance(properties, dict) and not path.endswith(".template"):  # Kubernetes' own fields
            for name, child in properties.items():
                found += undescribed(child, f"{path}.{name}")
        items = node.get("items")
        if isinstance(items, dict) and "properties" in items:
            found += undescribed({"properties": items["properties"], "description": "-"}, f"{path}[]")
        return found

    for text in (*rendered().values(), *rendered(dask_kubernetes.KINDS).values()):
        schema = yaml.safe_load(text)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
        for part in ("spec", "status"):
            assert undescribed(schema[part], part) == []


def test_reference_is_up_to_date() -> None:
    docs = CRDS.parent / "docs"
    for name, text in reference.rendered().items():
        assert (docs / name).read_text() == text, "run `make crds`"

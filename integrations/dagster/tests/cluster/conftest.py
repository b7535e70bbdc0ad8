"""A namespace with the flow that the assets run."""

import os
from collections.abc import Iterator
from types import ModuleType

import pytest

from integrations.kubectl import Namespace, namespace


@pytest.fixture(scope="module")
def door() -> Iterator[Namespace]:
    with namespace() as made:
        os.environ["DOOR_NAMESPACE"] = made.name
        etl = {"etl.py": definitions_of(made).FLOW}
        made.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "etl"}, "data": etl})
        yield made


def definitions_of(made: Namespace) -> ModuleType:
    """The module of the assets, for a namespace."""
    import importlib

    from integrations.dagster.tests.cluster import definitions

    assert os.environ["DOOR_NAMESPACE"] == made.name
    return importlib.reload(definitions)

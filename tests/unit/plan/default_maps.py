"""The ConfigMap with a namespace's defaults, as the API server has it."""

from typing import Any

from daskflow.api.defaults import CONFIG_MAP, CONFIG_MAP_ANNOTATION, CONFIG_MAP_KEY


def config_map(text: str, annotation: str = "true", version: int = 1) -> dict[str, Any]:
    """With this text in YAML, in the namespace `data`."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": CONFIG_MAP,
            "namespace": "data",
            "uid": "defaults",
            "resourceVersion": str(version),
            "annotations": {CONFIG_MAP_ANNOTATION: annotation},
        },
        "data": {CONFIG_MAP_KEY: text},
    }

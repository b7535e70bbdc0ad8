"""What Airflow is told of this package, through the entry point `apache_airflow_provider`."""

from typing import Any

_PACKAGE = "airflow_provider_daskflow"
_INTEGRATION = "Daskflow"


def provider_info() -> dict[str, Any]:
    """The provider's metadata, as Airflow's `provider_info.schema.json` has it."""

    def modules(*names: str) -> list[dict[str, Any]]:
        paths = [f"{_PACKAGE}.{name}" for name in names]
        return [{"integration-name": _INTEGRATION, "python-modules": paths}]

    return {
        "package-name": "airflow-provider-daskflow",
        "name": "Daskflow",
        "description": "Runs tasks as FlowRuns of daskflow, on Dask clusters in Kubernetes.",
        "integrations": [{"integration-name": _INTEGRATION, "tags": ["software"]}],
        "operators": modules("operators"),
        "sensors": modules("sensors"),
        "triggers": modules("triggers"),
        "hooks": modules("hook"),
        "extra-links": [f"{_PACKAGE}.links.FlowRunLink"],
        "task-decorators": [{"class-name": f"{_PACKAGE}.decorators.daskflow_task", "name": "daskflow"}],
        "config": {
            "daskflow": {
                "description": "Runs of daskflow.",
                "options": {
                    "run_url": {
                        "description": "Where a page about a run is: an address with {name} and "
                        "{namespace} in it. Tasks have a button that leads there; empty: they have none.",
                        "version_added": "0.1.0",
                        "type": "string",
                        "example": "https://kubernetes.example.com/{namespace}/flowruns/{name}",
                        "default": "",
                    }
                },
            }
        },
    }

"""Makes docs/metrics.md from the table of metrics: `python -m daskflow.controller.metrics.reference docs`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from daskflow.controller.metrics.definitions import DEFINITIONS, Definition

HEAD = """# Metrics

Made from `operator/daskflow/controller/metrics/definitions.py` by `make crds`.

The operator answers `GET /metrics` on port 8080 (`port` of the chart). `serviceMonitor.enabled` or
`podMonitor.enabled` has the Prometheus operator scrape it; else, in Prometheus' own configuration:

```yml
scrape_configs:
  - job_name: daskflow
    kubernetes_sd_configs: [{role: pod, namespaces: {names: [daskflow-system]}}]
    relabel_configs:
      - {source_labels: [__meta_kubernetes_pod_label_app_kubernetes_io_name], regex: daskflow, action: keep}
      - {source_labels: [__meta_kubernetes_pod_container_port_name], regex: http, action: keep}
```

No label is a name, a namespace or a uid: the number of series does not grow with what runs. Histograms and
counters of runs are observed by the operator that leads. Gauges of objects are known to one that stands by as
well, so take them from the leader: `daskflow_runs and on (instance) daskflow_leader == 1`.
[Alerts](operating.md#alerts) and a dashboard use them (`prometheusRule.enabled`, `dashboard.enabled`). Beside
these there are `process_…` and `python_info`.

"""


def page() -> str:
    """The page."""
    return HEAD + "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "| metric | type | labels | what it says |"
    yield "|---|---|---|---|"
    for each in DEFINITIONS:
        labels = "<br>".join(f"`{name}`: {values}" for name, values in each.labels)
        yield f"| `{each.name}` | {each.type} | {labels} | {each.help}{_buckets(each)} |"


def _buckets(each: Definition) -> str:
    return f" Up to {', '.join(f'{bound:g}' for bound in each.buckets)} s." if each.buckets else ""


def main() -> None:
    """Writes it into the folder that is named."""
    (Path(sys.argv[1]) / "metrics.md").write_text(page())


if __name__ == "__main__":
    main()

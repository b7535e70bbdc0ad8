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

No label is a name or a uid, and only the totals of [what runs used](#what-runs-cost) have a namespace: the
number of series does not grow with what runs. Histograms and counters of runs are observed by the operator
that leads. Gauges of objects are known to one that stands by as well, so take them from the leader:
`daskflow_runs and on (instance) daskflow_leader == 1`.
[Alerts](operating.md#alerts) and a dashboard use them (`prometheusRule.enabled`, `dashboard.enabled`). Beside
these there are `process_…` and `python_info`.

## What runs cost

Single runs are in no metric: [`status.report`](report.md) of each says what it used. Of a namespace's runs
together, the share of a day's thread-seconds that was spent in tasks, and what was paid for and not used:

```yml
efficiency: >-
  sum by (run_namespace) (increase(daskflow_run_thread_seconds_total{state="busy"}[1d]))
  / sum by (run_namespace) (increase(daskflow_run_thread_seconds_total{state="paid"}[1d]))
unused: >-
  sum by (run_namespace) (increase(daskflow_run_thread_seconds_total{state="paid"}[1d]))
  - sum by (run_namespace) (increase(daskflow_run_thread_seconds_total{state="busy"}[1d]))
```

An attempt counts when it is closed, all at once. With `prices.cpuHour` or `prices.memoryGiBHour` of the chart
(text, in `prices.currency`) a run's report has `cost`: what its containers requested (their limits where they
request nothing) times their time, workers for as long as they were registered, runner and scheduler from the
attempt's beginning to its end. Of a cluster that it only uses a run pays the workers' share in its report.

```yml
prices: {cpuHour: "0.031", memoryGiBHour: "0.0042", currency: EUR}
```

## All metrics

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

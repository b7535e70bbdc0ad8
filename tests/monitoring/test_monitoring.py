"""Alerts fire when they should; they and the dashboard ask for what there is; each alert has its runbook."""

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest
import yaml
from daskflow.controller.metrics.definitions import BY_NAME, DEFINITIONS, Definition
from daskflow.controller.metrics.registry import Registry

from tests.cluster.settings import cache

REPOSITORY = Path(__file__).parents[2]
FILES = REPOSITORY / "charts" / "daskflow" / "files"
RULES = FILES / "alerts" / "daskflow.yaml"
DASHBOARD = FILES / "dashboards" / "daskflow.json"
MOVED = {
    "phase": ("Running", "Failed"),
    "reason": ("", "Unschedulable", "FlowFailed"),
    "outcome": ("Failed",),
    "code": ("200", "500"),
    "state": ("paid", "busy"),
}
"""Of labels: values that panels tell apart. Of others any value will do."""
OTHERS = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds"}


@pytest.fixture(scope="module")
def promtool() -> str:
    """Installed, or out of Debian's package `prometheus`, of which nothing is installed."""
    if found := shutil.which("promtool"):
        return found
    if not shutil.which("apt-get"):
        pytest.fail("promtool is not there: install Prometheus (Debian: apt-get install prometheus)")
    folder = cache() / "prometheus"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)  # each process of pytest-xdist is here
        program = folder / "usr" / "bin" / "promtool"
        if not program.exists():
            _extract(folder)
    return str(program)


def _extract(folder: Path) -> None:
    download = ["apt-get", "download", "prometheus"]
    if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode:
        # A machine that has never asked what packages there are.
        subprocess.run(["apt-get", "update"], check=True, capture_output=True)
        subprocess.run(download, cwd=folder, check=True, capture_output=True)
    (package,) = folder.glob("prometheus_*.deb")
    subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
    package.unlink()


def rules() -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in panels() for target in panel["targets"])


def metric_of(series: str) -> str:
    """A histogram's series have endings."""
    base = re.sub(r"_(bucket|count|sum)$", "", series)
    return base if base in BY_NAME and BY_NAME[base].type == "histogram" else series


def test_alerts_fire_when_they_should(promtool: str) -> None:
    tests = Path(__file__).parent / "alerts.test.yaml"
    done = subprocess.run([promtool, "test", "rules", tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_are_well_formed(promtool: str) -> None:
    done = subprocess.run(
        [promtool, "check", "rules", "--lint-fatal", RULES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pages_scrape_configuration_is_prometheus_own(promtool: str, tmp_path: Path) -> None:
    """But for the discovery of pods, which Debian's Prometheus is built without."""
    page = (REPOSITORY / "docs" / "metrics.md").read_text()
    config = yaml.safe_load(page.partition("```yml\n")[2].partition("```")[0])
    assert [list(job.pop("kubernetes_sd_configs")[0]) for job in config["scrape_configs"]] == [
        ["role", "namespaces"]
    ]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    command = [promtool, "check", "config", "--syntax-only", tmp_path / "prometheus.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_query_is_prometheus_own_language(promtool: str, tmp_path: Path) -> None:
    """As rules, since promtool reads no dashboards."""
    exprs = [target["expr"] for panel in panels() for target in panel["targets"]]
    recorded = [
        {"record": f"panel:{number}", "expr": expr.replace("$__rate_interval", "5m")}
        for number, expr in enumerate(exprs)
    ]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    done = subprocess.run([promtool, "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def move(registry: Registry, each: Definition) -> None:
    for labels in itertools.product(*(MOVED.get(name, ("some",)) for name in each.label_names)):
        if each.type == "counter":
            registry.count(each.name, *labels)
        elif each.type == "gauge":
            registry.set(each.name, 1, *labels)
        else:
            registry.observe(each.name, 1.0, *labels)


def scraped(registry: Registry) -> Iterator[dict[str, str]]:
    """Its series as promtool has them, for an hour: gauges stay and others go up."""
    types: dict[str, str] = {}
    for line in registry.text().decode().splitlines():
        if line.startswith("# TYPE "):
            types["now"] = line.split()[-1]
        elif not line.startswith("#"):
            series, _, value = line.rpartition(" ")
            name, _, labels = series.partition("{")
            step = 0 if types["now"] == "gauge" else 1
            labels = ",".join(filter(None, ('instance="a"', labels.rstrip("}"))))
            yield {"series": f"{name}{{{labels}}}", "values": f"{value}+{step}x60"}


def test_no_panel_is_empty_when_every_metric_moves(promtool: str, tmp_path: Path) -> None:
    registry = Registry()
    for each in DEFINITIONS:
        move(registry, each)
    asked = [(panel["title"], target["expr"]) for panel in panels() for target in panel["targets"]]
    alerts = [
        {"alert": f"Empty{number}", "expr": f"absent({expr.replace('$__rate_interval', '5m')})"}
        for number, (_, expr) in enumerate(asked)
    ]
    rules_file, tests = tmp_path / "rules.yaml", tmp_path / "tests.yaml"
    rules_file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": alerts}]}))
    case = {
        "interval": "1m",
        "input_series": list(scraped(registry)),
        "alert_rule_test": [{"eval_time": "50m", "alertname": each["alert"]} for each in alerts],
    }
    tests.write_text(yaml.safe_dump({"rule_files": [str(rules_file)], "tests": [case]}))
    done = subprocess.run([promtool, "test", "rules", tests], capture_output=True, text=True, check=False)
    empty = {asked[int(number)] for number in re.findall(r"alertname: Empty(\d+)", done.stdout + done.stderr)}
    assert done.returncode == 0, empty or done.stderr


def test_alerts_and_panels_ask_for_metrics_that_there_are() -> None:
    series = re.compile(r"\b(?:daskflow|process)_\w+")
    asked = {metric_of(name) for query in queries() for name in series.findall(query)}
    assert asked <= set(BY_NAME) | OTHERS


def test_they_ask_for_labels_that_there_are() -> None:
    for query in queries():
        for series, selector in re.findall(r"\b(daskflow_\w+)\{([^}]*)\}", query):
            asked = set(re.findall(r"(\w+)\s*[=!]", selector)) - {"le"}
            assert asked <= set(BY_NAME[metric_of(series)].label_names), query


def test_the_dashboard_shows_every_metric() -> None:
    text = DASHBOARD.read_text()
    assert not [name for name in BY_NAME if name not in text]


def test_panels_lie_beside_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_has_its_runbook(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor == rule["alert"].lower()
    assert f"\n### {rule['alert']}\n" in (REPOSITORY / page).read_text()
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description"} <= set(rule["annotations"])

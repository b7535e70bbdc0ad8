"""What came of dask-kubernetes' own tests, as a page."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

NOT_OURS = {
    "test_operator_runs": "starts their operator as a process and looks at its exit code",
    "test_operator_plugins": "looks for the words of a plugin of their operator",
}
"""Tests of their own process, which prove nothing of another operator, and are not counted."""
_DEPLOYMENTS = "waits for a Deployment; schedulers and workers are pods here"
KNOWN = {
    "test_discovery": "`discover()` asks for any kind of the plural daskclusters, and finds daskflow.dev's",
    "test_simplecluster": _DEPLOYMENTS,
    "test_scalesimplecluster": _DEPLOYMENTS,
    "test_simplecluster_batched_worker_deployments": _DEPLOYMENTS,
    "test_object_dask_cluster": _DEPLOYMENTS,
    "test_object_dask_worker_group": _DEPLOYMENTS,
}
"""Why a test fails that cannot pass here, in place of pytest's words."""
RACES = {
    "test_cluster_from_name": "compares what two clients knew at two moments; a worker may come between",
}
"""Why a test may pass or fail, whoever the operator is."""


@dataclass(frozen=True)
class Round:
    """One run of all their tests."""

    title: str
    report: Path
    """Lines of JSON, as fixtures.py writes them."""

    def outcomes(self) -> Mapping[str, Mapping[str, str]]:
        """By file and name, in the order in which they ran; the last of several reports counts."""
        told = [json.loads(line) for line in self.report.read_text().splitlines()]
        return {f"{each['file']} {each['name']}": each for each in told}


def counts(rounds: Iterable[Round]) -> tuple[int, int]:
    """How many passed, and of how many that are not about their own process."""
    results = [each for ran in rounds for each in ran.outcomes().values() if not _not_ours(each["name"])]
    return sum(each["outcome"] == "passed" for each in results), len(results)


def table(rounds: list[Round]) -> list[str]:
    """Lines of Markdown: a row a test, a column a round."""
    outcomes = [each.outcomes() for each in rounds]
    lines = [
        f"| test | {' | '.join(each.title for each in rounds)} | why |",
        f"|---|{'---|' * len(rounds)}---|",
    ]
    for key in dict.fromkeys(key for each in outcomes for key in each):
        cells = [_cell(each.get(key)) for each in outcomes]
        whys = dict.fromkeys(_why(each[key]) for each in outcomes if key in each)
        name = key.partition(" ")[2].replace("[asyncio]", "").replace("[asyncio-", "[")
        lines.append(f"| `{_short(name)}` | {' | '.join(cells)} | {'; '.join(filter(None, whys))} |")
    return lines


def _cell(told: Mapping[str, str] | None) -> str:
    if told is None:
        return "did not run"
    if _not_ours(told["name"]):
        return "not ours"
    return "pass" if told["outcome"] == "passed" else "**fail**"


def _why(told: Mapping[str, str]) -> str:
    name = told["name"].partition("[")[0]
    if name in NOT_OURS or told["outcome"] == "passed":
        return NOT_OURS.get(name, "")
    return KNOWN.get(name) or RACES.get(name) or f"`{told['why'][:160]}`".replace("|", "\\|")


def _not_ours(name: str) -> bool:
    return name.partition("[")[0] in NOT_OURS


def _short(name: str) -> str:
    return name if len(name) < 72 else f"{name[:68]}…"

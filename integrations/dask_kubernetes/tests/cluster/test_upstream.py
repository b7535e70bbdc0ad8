"""dask-kubernetes' own tests, from the installed package.

Their files are as they were published; only their conftest, which makes a cluster of its own, is left out for
upstream/fixtures.py. They run once with an image like the one that they build for themselves, through
port-forwards as from a laptop, and once with a current Dask, by the names of Services as in a pod.
"""

import datetime
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from integrations import ROOT
from integrations.dask_kubernetes.upstream.verdicts import KNOWN, NOT_OURS, RACES, Round, counts, table

PAGE = "DASKFLOW_DOORS_PAGE"
"""Environment variable: the file into which the results are written."""
SECONDS = 60
"""That a test may take, as they have it."""


@dataclass(frozen=True)
class Way:
    """How their tests are run."""

    image: str
    title: str
    environment: dict[str, str]


WAYS = (
    Way(
        "dask-kubernetes:dev",
        "2026.3.0, port-forward",
        {"DASK_KUBERNETES__PORT_FORWARD_CLUSTER_IP": "true"},
    ),
    # The two variables are what a pod's resolv.conf says.
    Way(
        "dask-kubernetes:current",
        "2026.8.0, Service",
        {"LOCALDOMAIN": "svc.cluster.local", "RES_OPTIONS": "ndots:5"},
    ),
)

_TEXT = """\
# dask-kubernetes' own tests

Written by `make doors-dask-kubernetes`, which runs the tests in the published package of dask-kubernetes
{client}, unmodified, against our operator: on {date}, its client with distributed {distributed}, pods with
the version at the head of each column, where the client reached them by port-forward or by their Service.
**{passed} of {of} pass.** Those that they skip as flaky in their CI run here. Not counted, since they test
the process of their operator: {excluded}. By chance one passes or fails, whoever the operator is: {races}.

{table}
"""


def ran(way: Way, folder: Path) -> Round:
    """All their tests, with what came of each."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    report = folder / "report.jsonl"
    report.touch()
    plugins = ["-p", "integrations.dask_kubernetes.upstream.fixtures", "-p", "no:cacheprovider"]
    options = ["-c", str(folder / "pytest.ini"), f"--timeout={SECONDS}", "--pyargs", "dask_kubernetes"]
    told = {"DASKFLOW_DOORS_IMAGE": way.image, "DASKFLOW_DOORS_REPORT": str(report)}
    subprocess.run(
        [sys.executable, "-m", "pytest", "--noconftest", *plugins, *options],
        env={**os.environ, **way.environment, **told},
        cwd=folder,
        check=False,
    )
    return Round(way.title, report)


def page(rounds: list[Round]) -> str:
    passed, of = counts(rounds)
    return _TEXT.format(
        client=version("dask-kubernetes"),
        distributed=version("distributed"),
        date=datetime.date.today(),
        passed=passed,
        of=of,
        excluded=", ".join(f"`{name}`, which {why}" for name, why in NOT_OURS.items()),
        races=", ".join(f"`{name}`, which {why}" for name, why in RACES.items()),
        table="\n".join(table(rounds)),
    )


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Round]:
    found = {way.title: ran(way, tmp_path_factory.mktemp("upstream")) for way in WAYS}
    text = page(list(found.values()))
    print(text)
    if os.environ.get(PAGE):
        (ROOT / os.environ[PAGE]).write_text(text)
    return found


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.title)
def test_all_pass_but_those_of_which_we_know_why(rounds: dict[str, Round], way: Way) -> None:
    outcomes = rounds[way.title].outcomes()
    assert len(outcomes) == 35
    failed = {each["name"].partition("[")[0] for each in outcomes.values() if each["outcome"] != "passed"}
    assert failed - {*RACES} == {*KNOWN, *NOT_OURS}

"""Which cluster a name on the command line means."""

import re
from collections.abc import Iterator

import pytest
from daskflow.cli.reaching import reached
from daskflow.client.connection import Connection
from daskflow.client.errors import DaskflowError
from daskflow.client.tunnel.ends import End, NotReady

from tests.unit.client.cluster.operator_in_memory import Operator, operating

SPEC = {"image": "i", "flow": {"entrypoint": "a:b"}}
READY = {"phase": "Ready", "scheduler": {"pod": "x-scheduler", "uid": "u"}}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Operator, Connection]]:
    """Clusters are `shared` and `both`, runs `etl` on `shared`, `both`, and some without a cluster."""
    with operating(tmp_path_factory.mktemp("place")) as (operator, connection):
        running = {"phase": "Running", "cluster": {"name": "shared"}}
        for name in ("shared", "both"):
            operator.run(operator.puts("daskclusters", name, status=READY))
        for name, spec, status in (
            ("etl", {}, running),
            ("both", {}, running),
            ("alone", {"cluster": {"workers": {"replicas": 0}}}, {"phase": "Running"}),
            ("elsewhere", {"schedulerAddress": "tcp://a:1"}, {"phase": "Running"}),
            ("between", {}, {"phase": "Pending"}),
            ("over", {}, {**running, "phase": "Succeeded"}),
        ):
            operator.run(operator.puts("flowruns", name, spec={**SPEC, **spec}, status=status))
        yield operator, connection


@pytest.mark.parametrize(
    ("name", "cluster"),
    [
        ("shared", "shared"),
        ("cluster/shared", "shared"),
        ("daskclusters.daskflow.dev/shared", "shared"),
        ("DaskCluster/both", "both"),
        ("etl", "shared"),
        ("run/etl", "shared"),
        ("flowruns/etl", "shared"),
        ("both", "shared"),
    ],
)
def test_a_name(place: tuple[Operator, Connection], name: str, cluster: str) -> None:
    operator, connection = place
    found = operator.run(reached(connection, name))
    assert operator.run(found.cluster()) == cluster
    assert operator.run(found.find(8787)()) == End("team", "x-scheduler", 8787)


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("nobody", "there is neither a run nor a cluster nobody in namespace team; `daskflow list`", 2),
        ("cluster/nobody", "there is no DaskCluster nobody in namespace team", 2),
        ("run/nobody", "there is no run nobody in namespace team", 2),
        ("pod/a", "pod/a is neither a name nor run/NAME nor cluster/NAME", 2),
        ("cluster/", "cluster/ is neither a name nor run/NAME nor cluster/NAME", 2),
        ("alone", "the run alone has no DaskCluster; name one that has, or a cluster", 2),
        ("elsewhere", "the run elsewhere has no DaskCluster", 2),
        ("over", "the run over has ended, and its cluster with it", 2),
    ],
)
def test_a_name_that_leads_nowhere(
    place: tuple[Operator, Connection], name: str, words: str, code: int
) -> None:
    operator, connection = place

    async def cluster() -> str:
        return await (await reached(connection, name)).cluster()

    with pytest.raises(DaskflowError, match=re.escape(words)) as caught:
        operator.run(cluster())
    assert caught.value.exit_code == code


def test_a_run_between_attempts_may_have_one_soon(place: tuple[Operator, Connection]) -> None:
    operator, connection = place
    found = operator.run(reached(connection, "between"))
    with pytest.raises(NotReady, match="the run between is Pending and has no cluster now"):
        operator.run(found.find(8786)())


def test_what_ends_a_way_is_said(place: tuple[Operator, Connection]) -> None:
    operator, connection = place
    assert "the run over has ended" in operator.run(operator.run(reached(connection, "over")).ended())
    operator.run(operator.puts("daskclusters", "brief", status={"phase": "Failed"}))
    found = operator.run(reached(connection, "brief"))
    assert operator.run(found.ended()) == "the cluster brief is Failed"

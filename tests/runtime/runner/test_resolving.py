"""What a flow returned is run to its end, whatever holds it; and what of it is in the result."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from daskflow.runtime.runner.outcome_record import succeeded
from daskflow.runtime.runner.resolving import Resolver

from tests.runtime.conftest import Pods

FLOWS = """
import asyncio, concurrent.futures, dataclasses, itertools, time
import dask
from collections import namedtuple
from distributed import Client, get_client

def steps(n: int = 3):
    for i in range(n):
        print("step", i)
        yield i

async def later(n: int = 3):
    for i in range(n):
        print("step", i)
        yield i
        await asyncio.sleep(0)

def square(i):
    time.sleep(0.1)
    return i * i

def bad(i):
    if i == 2:
        raise KeyError("no part 2")
    time.sleep(0.2)
    return i

def inc(i):
    return i + 1

def futures():
    return get_client().map(square, range(4))

def failing():
    return {"parts": get_client().map(bad, range(4))}

@dataclasses.dataclass
class Report:
    total: object
    parts: dict

Pair = namedtuple("Pair", "a b")

def nested():
    client = get_client()
    parts = {"d": dask.delayed(inc)(1), "twice": [client.submit(inc, 2)] * 2}
    more = {"lazy": map(inc, (i for i in [1, 2])), "later": coro(9)}
    return Report(dask.delayed(sum)([1, 2]), {**parts, "pair": Pair(client.submit(inc, 3), 4), **more})

async def coro(i):
    return get_client().submit(inc, i)

def delayed():
    return dask.delayed(inc)(1)

def delayed_failing():
    return [dask.delayed(bad)(2)]

def yielded():
    for i in range(20):
        yield get_client().submit(square, i % 3, pure=False)

def yielded_failing():
    yield get_client().submit(bad, 1)
    yield [get_client().submit(bad, 2)]

def endless():
    for i in itertools.count():
        if i == 5000:
            return "and more"
        yield i if i % 2 else "x" * 100_000

async def asynchronous():
    client = await Client(asynchronous=True)
    return [client.submit(inc, 1), coro(5)]

async def yields_asynchronous():
    async with Client(asynchronous=True) as client:
        for i in range(3):
            yield client.submit(square, i)

def closed():
    with Client() as client:
        return client.map(square, range(4))

def cyclic():
    value = [1]
    value.append(value)
    return {"cycle": value, "future": get_client().submit(print, "ran")}

def done():
    async def main():
        task = asyncio.ensure_future(asyncio.sleep(0, "done"))
        await task
        return {"task": task}
    return asyncio.run(main())

class Counter:
    def result(self):
        raise ValueError("nobody asked for it")

def actor():
    return [get_client().submit(Counter, actor=True).result()]

def its_own_result():
    future = concurrent.futures.Future()
    future.set_result([future])
    return future

def large():
    return get_client().map(bytes, [40 << 20, (40 << 20) + 1])
"""


@pytest.fixture(scope="module", params=["newest", "oldest"])
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Any
) -> Iterator[Pods]:
    """A standing cluster of one worker."""
    pods = Pods(tmp_path_factory.mktemp("returned"), pyz, certificates)
    if request.param == "oldest":
        pods.image("oldest")
    pods.file("flows.py", FLOWS)
    pods.cluster(1, DASKFLOW_OWNED="", DASKFLOW_THREADS=4)
    yield pods
    pods.end()


def run(cluster: Pods, flow: str, **parameters: Any) -> tuple[dict[str, Any], str]:
    spec = {"entrypoint": f"flows:{flow}", "parameters": parameters}
    runner = cluster.runner(spec, 1, f"runner-{len(cluster.pods)}")
    return runner.outcome(), runner.log()


RESULTS = {
    "steps": [0, 1, 2],
    "later": [0, 1, 2],
    "futures": [0, 1, 4, 9],
    "nested": {
        "total": 3,
        "parts": {"d": 2, "twice": [3, 3], "pair": [4, 4], "lazy": [2, 3], "later": 10},
    },
    "delayed": 2,
    "done": {"task": "done"},
    "yielded": [0, 1, 4] * 6 + [0, 1],
    "asynchronous": [2, 6],
    "yields_asynchronous": [0, 1, 4],
}


@pytest.mark.parametrize("flow", RESULTS)
def test_what_is_returned_is_run(cluster: Pods, flow: str) -> None:
    outcome, log = run(cluster, flow)
    assert outcome["result"] == RESULTS[flow], (outcome, log)
    if flow in ("steps", "later"):
        assert log.count("step ") == 3


@pytest.mark.parametrize("flow", ["failing", "delayed_failing", "yielded_failing"])
def test_what_fails_in_it_fails_the_flow(cluster: Pods, flow: str) -> None:
    outcome, log = run(cluster, flow)
    assert (outcome["reason"], outcome["failure"]["exception"]) == ("FlowFailed", "KeyError"), log
    assert "no part 2" in outcome["message"]


def test_a_long_generator_is_run_and_not_kept(cluster: Pods) -> None:
    outcome, _ = run(cluster, "endless")
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", None)
    assert "5000 values of a generator, takes more than 3 KiB" in outcome["resultNote"]


def test_what_holds_itself_is_run_once(cluster: Pods) -> None:
    outcome, _ = run(cluster, "cyclic")
    assert outcome["outcome"] == "Succeeded"
    assert "is nested more than 50 levels deep" in outcome["resultNote"]


@pytest.mark.parametrize(
    ("flow", "why"), [("actor", "is not JSON"), ("its_own_result", "nested more than 50")]
)
def test_what_cannot_be_run_is_left_as_it_is(cluster: Pods, flow: str, why: str) -> None:
    outcome, log = run(cluster, flow)
    assert outcome["outcome"] == "Succeeded", log
    assert why in outcome["resultNote"]


def test_looking_through_what_is_large_takes_no_memory() -> None:
    value = [(number,) for number in range(100_000)]
    tracemalloc.start()
    Resolver(None).resolve(value)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(value)


def test_large_results_stay_on_the_workers(cluster: Pods) -> None:
    outcome, log = run(cluster, "large")
    assert "The result, list of length 2, takes more than 3 KiB" in outcome["resultNote"], (outcome, log)


def test_a_future_of_a_closed_client_is_explained(cluster: Pods) -> None:
    outcome, _ = run(cluster, "closed")
    assert outcome["reason"] == "FlowFailed"
    assert "a future of a Client that is closed" in outcome["message"]


def test_a_scripts_result_is_run_too(cluster: Pods) -> None:
    script = "from distributed import get_client\nresult = [get_client().submit(sum, [1, 2])]"
    outcome = cluster.runner({"script": script}, 1, f"runner-{len(cluster.pods)}").outcome()
    assert outcome["result"] == [3]


def test_generators_need_no_cluster(plain_pods: Pods) -> None:
    plain_pods.file("gen.py", "def flow(n=2):\n    for i in range(n):\n        yield {'i': i}\n    return n")
    outcome = plain_pods.alone({"entrypoint": "gen.py:flow"})
    assert outcome["result"] == [{"i": 0}, {"i": 1}]
    assert outcome["resultNote"] == "A generator's values are the result, and what it returned is left out."


@pytest.mark.parametrize(
    ("value", "result", "texts"),
    [
        (
            {"fits": 2**62, "sum": 2**64 + 1},
            {"fits": 2**62, "sum": str(2**64 + 1)},
            "integers beyond 64 bits",
        ),
        ([2**63 - 1, -(2**63), 2**63], [2**63 - 1, -(2**63), str(2**63)], "integers beyond 64 bits"),
        ([float("nan"), float("-inf")], ["nan", "-inf"], "nan and infinity"),
        ({1: "a", (2, None): "b"}, {"1": "a", "[2, null]": "b"}, "keys"),
        ({None: 1, 1.5: 2, True: 3}, {"null": 1, "1.5": 2, "true": 3}, "keys"),
        ("half \udc80", "half \\udc80", "what is not Unicode"),
        (1e300, 1e300, ""),
        ({"a": (1, 2), "b": "1"}, {"a": [1, 2], "b": "1"}, ""),
    ],
)
def test_a_result_is_exact_or_text_with_a_note(value: Any, result: Any, texts: str) -> None:
    record = succeeded(value, "It")
    assert record["result"] == result
    assert record.get("resultNote", "") == (texts and f"Kept as text: {texts}.")


def test_decimals_are_text_and_numbers_without_end_are_none() -> None:
    from decimal import Decimal

    record = succeeded([Decimal("0.1234567890123456789"), 2**64], "It")
    assert record["result"] == ["0.1234567890123456789", "18446744073709551616"]
    assert record["resultNote"] == "Kept as text: Decimal, integers beyond 64 bits."
    assert "takes more than 3 KiB" in succeeded(1 << 100_000, "It")["resultNote"]


def test_what_is_nested_deep_is_left_out_with_the_reason() -> None:
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    assert "is nested more than 50 levels deep: return" in succeeded(deep, "It")["resultNote"]


def test_two_keys_of_one_text_are_not_merged() -> None:
    record = succeeded({1: "a", "1": "b"}, "It")
    assert "result" not in record
    assert "has two keys that are '1' as text" in record["resultNote"]

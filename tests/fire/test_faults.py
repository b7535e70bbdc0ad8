"""What a seed decides of calls."""

from collections import Counter

import pytest

from tests.fire.faults import REFUSALS, Call, Fate, Fault, call_of, decided, possible

STATUS = Call("update", "flowruns/status", "a", "x")


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/api/v1/pods", {"limit": "200"}, Call("list", "pods")),
        ("GET", "/api/v1/pods", {"limit": "200", "continue": "x"}, Call("list", "pods", first=False)),
        ("GET", "/api/v1/pods", {"watch": "1"}, Call("watch", "pods")),
        ("GET", "/api/v1/namespaces/a/pods/x", {}, Call("get", "pods", "a", "x")),
        ("POST", "/api/v1/namespaces/a/pods", {}, Call("create", "pods", "a")),
        ("DELETE", "/apis/d.dev/v1/namespaces/a/flowruns/x", {}, Call("delete", "flowruns", "a", "x")),
        ("PUT", "/apis/d.dev/v1/namespaces/a/flowruns/x/status", {}, STATUS),
        ("GET", "/api/v1/nodes/n", {}, Call("get", "nodes", "", "n")),
        ("GET", "/api/v1/namespaces", {}, Call("list", "namespaces")),
        ("GET", "/version", {}, None),
        ("GET", "/apis", {}, None),
        ("GET", "/apis/d.dev/v1", {}, None),
    ],
)
def test_a_call_is_known_by_its_path(
    method: str, path: str, query: dict[str, str], expected: Call | None
) -> None:
    assert call_of(method, path, query) == expected


def test_a_seed_decides_the_same_whatever_comes_between() -> None:
    one, other = Fate(7, 1000), Fate(7, 1000)
    first = [one.of(STATUS) for _ in range(200)]
    second = []
    for _ in range(200):
        other.of(Call("list", "pods"))
        second.append(other.of(STATUS))
    assert first == second
    assert first != [Fate(8, 1000).of(STATUS) for _ in range(200)]


def test_as_many_are_hit_as_was_said_and_no_more_than_the_limit() -> None:
    fate = Fate(1, 10_000, rate=8.0)
    hit = [fate.of(STATUS) for _ in range(5000)]
    assert 300 < sum(each is not None for each in hit) < 500
    few = Fate(1, 3, rate=100.0)
    assert sum(few.of(STATUS) is not None for _ in range(10)) == 3 == few.happened.total()
    few.ends()
    assert few.left == 0


@pytest.mark.parametrize("verb", ["create", "update", "patch", "delete", "get", "list", "watch"])
def test_all_that_can_befall_a_call_does_and_nothing_else(verb: str) -> None:
    call = Call(verb, "pods")
    found = Counter(each.fault for n in range(2000) if (each := decided(3, call, n, 1.0)))
    assert set(found) == set(possible(call))


def test_every_fault_befalls_some_call() -> None:
    calls = [Call(verb, "pods") for verb in ("create", "update", "list", "watch")]
    assert {fault for call in calls for fault in possible(call)} == set(Fault)
    assert Fault.STALE not in possible(Call("list", "pods", first=False))
    assert Fault.TAKEN not in possible(Call("create", "secrets"))
    assert {each.code for each in REFUSALS.values()} == {409, 410, 429, 500, 503, 504}

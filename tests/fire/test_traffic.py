"""What counts as the same call once more."""

from tests.fire.faults import Call
from tests.fire.traffic import Traffic


def test_pages_of_a_list_are_one_call_and_lists_are_not() -> None:
    traffic = Traffic(lambda: 0.0)
    for _ in range(3):
        traffic.count(Call("list", "flowruns"))
        for _ in range(13):
            traffic.count(Call("list", "flowruns", first=False))
    assert (traffic.most, traffic.most_of) == (3, "list flowruns")
    assert traffic.calls["list flowruns"] == 42


def test_what_is_long_ago_counts_no_more() -> None:
    now = [0.0]
    traffic = Traffic(lambda: now[0])
    for second in range(30):
        now[0] = float(second)
        traffic.count(Call("get", "pods", "default", "a"))
    assert traffic.most == 11

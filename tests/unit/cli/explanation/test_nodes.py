"""Why no node takes a pod; the words are those of kube-scheduler."""

import pytest
from daskflow.cli.explanation.nodes import unplaced

from tests.unit.cli.explanation.around import pod, unschedulable

TAIL = ". no new claims to deallocate, preemption: 0/5 nodes are available: 5 Preemption is not helpful."


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (
            "2 Insufficient cpu, 3 node(s) had untolerated taint {gpu: true}",
            [
                "2 nodes: too little cpu is left",
                "3 nodes: it has the taint gpu: true, for which the pod has no toleration",
            ],
        ),
        (
            "1 node(s) had untolerated taint {a: b, c}, 4 Insufficient memory",
            [
                "1 node: it has the taint a: b, c, for which the pod has no toleration",
                "4 nodes: too little memory is left",
            ],
        ),
        (
            "5 node(s) didn't match Pod's node affinity/selector",
            ["5 nodes: its labels are not those of nodeSelector or affinity"],
        ),
        ("1 node(s) were unschedulable", ["1 node: it is cordoned: it takes no new pods"]),
        ("1 Too many pods", ["1 node: as many pods as the node takes are there"]),
        ("1 node(s) did what nobody knows", ["1 node: did what nobody knows"]),
    ],
)
def test_each_reason_is_told_in_words(why: str, words: list[str]) -> None:
    said = list(unplaced([unschedulable("a", f"0/5 nodes are available: {why}{TAIL}", cpu="64")], []))
    assert said == ["No node takes the pod a, which asks for cpu 64:", *(f"  {each}" for each in words)]


def test_pods_of_which_the_same_is_said_come_together_with_what_a_node_has() -> None:
    message = f"0/2 nodes are available: 2 Insufficient cpu{TAIL}"
    pods = [unschedulable(f"w-{number}", message, cpu="64", memory="1Gi") for number in range(3)]
    sizes = [{"cpu": "2", "memory": "7872332Ki"}, {"cpu": "3500m", "memory": "4Gi"}]
    nodes = [{"metadata": {"name": "n"}, "status": {"allocatable": size}} for size in sizes]
    assert list(unplaced(pods, nodes)) == [
        "No node takes 3 pods (w-0, …), each of which asks for cpu 64, memory 1Gi:",
        "  2 nodes: too little cpu is left",
        "  The most that a node has in all: cpu 3500m, memory 7.5Gi.",
    ]


def test_words_that_are_no_scheduler_s_are_left_to_others() -> None:
    assert list(unplaced([unschedulable("a", "persistentvolumeclaim x not found"), pod("b")], [])) == []

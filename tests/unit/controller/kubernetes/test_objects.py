"""Objects of lists and events, each decoded by itself, with large members as text."""

import json

from daskflow.controller.kubernetes.objects import Packed, event_from, object_from, page_from, unpacked

from benchmarks.memory import large
from tests.unit.controller.expectations import refused


def test_a_plan_is_made_from_the_whole_spec() -> None:
    run = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", **large(1, "parameters of objects")}
    known = object_from(json.dumps(run).encode(), "FlowRun")
    assert isinstance(known["spec"]["flow"], Packed)
    assert unpacked(known)["spec"] == run["spec"]


RUN = {
    "apiVersion": "daskflow.dev/v1alpha1",
    "kind": "FlowRun",
    "metadata": {"name": "a", "uid": "u", "resourceVersion": "5"},
}


def test_one_object_of_a_page_changes_no_other() -> None:
    deep = "[" * 1_200 + "]" * 1_200
    good = {**RUN, "spec": {"flow": {"parameters": {"x": ["y" * 2_000]}}}, "status": {"phase": "Running"}}
    bad = {**RUN, "spec": {"flow": "deep"}}
    text = json.dumps(
        {"kind": "FlowRunList", "metadata": {"resourceVersion": "7"}, "items": [good, bad, good]}
    )
    found = page_from(text.replace('"deep"', deep).encode(), "FlowRun")
    assert found.version == "7"
    assert [unpacked(each) for each in found.items[::2]] == [good, good]
    assert found.items[1]["metadata"] == RUN["metadata"]


def test_what_does_not_say_which_object_it_is_is_an_error() -> None:
    for name in ("name", "uid", "resourceVersion"):
        text = json.dumps({"type": "MODIFIED", "object": RUN})
        assert event_from(text.encode(), "FlowRun")[1]["metadata"] == RUN["metadata"]
        damaged = text.encode().replace(f'"{name}"'.encode(), b'"\xff' + name[1:].encode() + b'"')
        assert refused(event_from, damaged, "FlowRun"), name
        item = json.dumps({"metadata": {"resourceVersion": "7"}, "items": [RUN]}).encode()
        head, found, rest = item.rpartition(f'"{name}"'.encode())
        assert refused(page_from, head + found.replace(name[:1].encode(), b"\xff", 1) + rest, "FlowRun"), name
    bookmark = {"type": "BOOKMARK", "object": {"kind": "FlowRun", "metadata": {"resourceVersion": "9"}}}
    assert event_from(json.dumps(bookmark).encode(), "FlowRun")[0] == "BOOKMARK"


def test_what_is_no_list_event_or_object_is_an_error() -> None:
    for text in (b"", b"[]", b"{}", b'{"metadata": {}, "items": {}}', b"x", b"[" * 5_000):
        for decode in (page_from, event_from):
            assert refused(decode, text, "FlowRun"), text
    for text in (b"", b"[]", b"null", b'"x"'):
        assert refused(object_from, text, "FlowRun"), text

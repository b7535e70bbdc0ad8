"""A pod template over ours, as kubectl's strategic merge does it."""

from daskflow.manifests.merge import merged

OURS = {
    "metadata": {"labels": {"ours": "1"}},
    "spec": {
        "containers": [{"name": "worker", "image": "a", "env": [{"name": "A", "value": "1"}]}],
        "volumes": [{"name": "scratch", "emptyDir": {}}],
        "tolerations": [{"key": "old"}],
    },
}


def test_keyed_lists_merge_by_their_key_and_others_are_replaced() -> None:
    theirs = {
        "spec": {
            "containers": [
                {"name": "worker", "env": [{"name": "B", "value": "2"}, {"name": "A", "value": "3"}]},
                {"name": "sidecar", "image": "b"},
            ],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "x"}}],
            "tolerations": [{"key": "new"}],
        }
    }
    spec = merged(OURS, theirs)["spec"]
    worker, sidecar = spec["containers"]
    assert worker["image"] == "a"
    assert worker["env"] == [{"name": "A", "value": "3"}, {"name": "B", "value": "2"}]
    assert sidecar["name"] == "sidecar"
    assert [volume["name"] for volume in spec["volumes"]] == ["scratch", "data"]
    assert spec["tolerations"] == [{"key": "new"}]


def test_null_removes_and_nothing_of_ours_is_changed_in_place() -> None:
    assert merged(OURS, {"spec": {"volumes": None}})["spec"].keys() == {"containers", "tolerations"}
    assert "volumes" in OURS["spec"]

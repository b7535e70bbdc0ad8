"""What quotas allow and have refused; the words are those of the API server."""

from daskflow.cli.explanation.quotas import full, refused


def test_what_was_asked_for_stands_beside_what_is_used() -> None:
    message = (
        "The namespace's quota does not allow Pod etl-1-worker-0: pods etl-1-worker-0 is forbidden: "
        "exceeded quota: few, requested: pods=1,requests.cpu=500m, used: pods=2,requests.cpu=1, "
        "limited: pods=2,requests.cpu=1. Ask for less or raise the quota."
    )
    assert list(refused(message)) == [
        "The ResourceQuota few has no room: pods 2 of 2 used, 1 more asked for, requests.cpu 1 of 1 used, "
        "500m more asked for."
    ]


def test_what_a_quota_demands_is_named() -> None:
    one = 'pods "a" is forbidden: failed quota: strict: must specify limits.cpu for: scheduler.'
    assert list(refused(one)) == [
        "The ResourceQuota strict takes only pods that say their limits.cpu: set it in the resources of "
        "workers, scheduler and runner."
    ]
    two = "failed quota: strict: must specify limits.cpu for: a,b; limits.memory for: a,b"
    assert "say their limits.cpu, limits.memory: set them" in next(refused(two))


def test_other_words_tell_of_no_quota() -> None:
    assert list(refused("exceeded quota")) == []


def test_a_quota_that_is_nearly_used_up() -> None:
    status = {"hard": {"pods": "10", "cpu": "4", "odd": "x"}, "used": {"pods": "9", "cpu": "1"}}
    said = full({"metadata": {"name": "q"}, "status": status})
    assert said == ["The ResourceQuota q is nearly used up: pods 9 of 10."]

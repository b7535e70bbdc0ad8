"""What quotas refuse is read as the API server writes it."""

from daskflow.api.exceeded_quota import Exceeded, exceeded


def test_amounts_are_read_by_resource() -> None:
    one = "exceeded quota: q, requested: pods=1,cpu=500m, used: pods=4,cpu=1, limited: pods=4,cpu=8"
    (found,) = exceeded(f'pods "a" is forbidden: {one}. Ask for less.')
    assert found == Exceeded(
        "q", {"pods": "1", "cpu": "500m"}, {"pods": "4", "cpu": "1"}, {"pods": "4", "cpu": "8"}
    )
    assert [each.name for each in exceeded(f"{one}; {one}")] == ["q", "q"]
    assert not list(exceeded("failed quota: q: must specify limits.cpu"))

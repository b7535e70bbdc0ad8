"""What may be a name goes into a URL as it is; anything else is told of before a request."""

import pytest
from daskflow.client.errors import WrongUse
from daskflow.client.names import checked, checked_namespace


@pytest.mark.parametrize("name", ["etl", "etl-2", "a.b", "ETL_1", "9"])
def test_a_name(name: str) -> None:
    assert checked(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/status", "a?x=1", "a%2fb", "a b", "a\n", "ä", "a" * 254, None, 3]
)
def test_no_name(name: object) -> None:
    with pytest.raises(WrongUse, match=r"is no name of a cluster; give one of letters") as raised:
        checked(name, "cluster")
    assert len(str(raised.value)) < 160


@pytest.mark.parametrize("name", ["", ".", "../x", "%2e", "a\nb", "BAD", "a.b", "-a", "a" * 64, 3])
def test_no_namespace(name: object) -> None:
    with pytest.raises(WrongUse, match="is no name of a namespace"):
        checked_namespace(name)
    assert checked_namespace("team-1") == "team-1"

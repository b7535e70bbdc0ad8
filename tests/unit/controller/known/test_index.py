"""Keys by what their objects have in common."""

from daskflow.controller.known.index import Index
from daskflow.plan.model import Key

ONE, OTHER = Key("Pod", "data", "one"), Key("Pod", "data", "other")


def test_in_the_order_in_which_they_came() -> None:
    index = Index[str]()
    index.add("a", OTHER)
    index.add("a", ONE)
    index.add(None, ONE)
    assert list(index.at("a")) == [OTHER, ONE]
    index.remove("a", OTHER)
    index.remove(None, ONE)
    index.remove("a", ONE)
    assert not list(index.at("a"))

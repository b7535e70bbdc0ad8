"""ConfigMaps with defaults: who waits hears of them, and who wrote them hears what is wrong."""

from daskflow.api.names import FLOW_RUN
from daskflow.controller.known.namespace_defaults import NamespaceDefaults
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.verbs import key_of
from daskflow.plan.model import Event, Key, Object

from tests.unit.plan.default_maps import config_map
from tests.unit.plan.stage import run


def test_the_newest_counts_until_it_is_gone() -> None:
    heard: list[str] = []
    known = NamespaceDefaults(heard.append)
    first, second = config_map("retries: {limit: 1}"), config_map("retries: {limit: 2}", version=2)
    assert known.put(second)
    assert not known.put(first)
    assert (known.of("data"), known.of("other")) == (second, None)
    assert known.get(key_of(second)) == second
    assert known.missing("ConfigMap", None, set(), 1) == ()
    assert known.missing("ConfigMap", "other", set(), 2) == ()
    assert known.missing("ConfigMap", "data", set(), 2) == (second,)
    known.remove(key_of(second), "another")
    assert known.of("data") == second
    known.remove(key_of(second), "defaults")
    assert known.of("data") is None
    assert heard == ["data", "data"]


def test_what_is_wrong_is_told_on_the_config_map() -> None:
    told: list[tuple[Object, Event]] = []
    known = NamespaceDefaults(lambda namespace: None)
    known.tell = lambda about, event: told.append((about, event))
    known.put(config_map("retries: {limit: 1}"))
    known.put(config_map("retries: 1", annotation="", version=2))
    assert not told
    known.put(config_map("retries: 1", version=3))
    ((about, event),) = told
    assert about["kind"] == "ConfigMap"
    assert (event.type, event.reason) == ("Warning", "DefaultsInvalid")
    assert event.message.startswith(
        "ConfigMap daskflow-defaults: defaults.retries is 1, but has fields of its own;"
    )


def test_only_who_waits_for_them_is_looked_at_again() -> None:
    heard: list[Key] = []
    store = Store(changed=heard.append)
    waits = run(status={"phase": "Pending", "reason": "DefaultsInvalid"}, name="waits", uid="1")
    elsewhere = run(status={"phase": "Pending", "reason": "DefaultsInvalid"}, namespace="other", uid="2")
    runs = run(status={"phase": "Running", "reason": ""}, name="runs", uid="3")
    for body in (waits, elsewhere, runs):
        store.put(body)
    heard.clear()
    store.namespace_defaults.put(config_map("{}"))
    assert heard == [Key(FLOW_RUN, "data", "waits")]

"""`extends`: what a service has of another, put together as by Docker Compose."""

from collections.abc import Mapping
from typing import Any

_NOT_INHERITED = ("depends_on", "links", "volumes_from")
_LEVELS = 20


def extended(document: Mapping[str, Any]) -> dict[str, Any]:
    """The file with its services put together; `extends` stays where that is not in it."""
    services = document.get("services")
    if not isinstance(services, dict):
        return dict(document)
    return {**document, "services": {name: _whole(name, services, _LEVELS) for name in services}}


def _whole(name: str, services: Mapping[str, Any], levels: int) -> Any:
    own = services[name]
    base = _base(own)
    if not isinstance(services.get(base), dict) or base == name or levels == 0:
        return own
    inherited = _whole(base, services, levels - 1)
    if "extends" in inherited:
        return own
    given = {key: value for key, value in inherited.items() if key not in _NOT_INHERITED}
    return _over(given, {key: value for key, value in own.items() if key != "extends"})


def _base(service: Any) -> str:
    """The service of the same file that it extends; "" for none."""
    given = service.get("extends") if isinstance(service, dict) else None
    if isinstance(given, dict):
        given = given.get("service") if set(given) == {"service"} else None
    return given if isinstance(given, str) else ""


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(base)
    for key, value in own.items():
        before = found.get(key)
        if key == "environment" and before is not None:
            before, value = _pairs(before), _pairs(value)
        if isinstance(before, dict) and isinstance(value, dict):
            found[key] = _over(before, value)
        elif isinstance(before, list) and isinstance(value, list) and key not in ("command", "entrypoint"):
            found[key] = [*(each for each in before if each not in value), *value]
        else:
            found[key] = value
    return found


def _pairs(environment: Any) -> Any:
    """A list of `NAME=value` as a mapping."""
    if not isinstance(environment, list) or not all(isinstance(each, str) for each in environment):
        return environment
    parts = [each.partition("=") for each in environment]
    return {name: value if equals else None for name, equals, value in parts}

"""The environment of a FlowRun's pods: what of a worker's own settings is for them, and what is secret."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

Variables = list[dict[str, Any]]
"""As in a pod: `name` with `value` or `valueFrom`."""

SECRETS = ("PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_CLIENT_CUSTOM_HEADERS")
"""Settings of Prefect that nobody is to read in a FlowRun."""
_KEPT = ("PREFECT_API_URL", "PREFECT_API_REQUEST_TIMEOUT", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY", *SECRETS)
_KEPT_GROUPS = ("PREFECT_LOGGING_", "PREFECT_CLOUD_", "PREFECT_CLIENT_")
_PATHS = ("PREFECT_LOGGING_SETTINGS_PATH",)
_RUNNERS = "PREFECT__"
"""What tells of one flow run, and is for the runner alone: a task run's client would claim to be its flow."""
_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")


def for_pods(settings: Mapping[str, str]) -> dict[str, str]:
    """Of a worker's settings those that hold in a pod, too: where the server is, how it is reached, logging.

    Its home, its profile and what is about workers are its own.
    """
    return {
        name: value
        for name, value in settings.items()
        if (name in _KEPT or name.startswith(_KEPT_GROUPS)) and name not in _PATHS
    }


def as_mapping(given: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Variables by name, each a text, or as in a pod; from a mapping, or from a list as in a pod.

    Raises ValueError for one without a name, or without what it is.
    """
    if not isinstance(given, Mapping):
        if odd := [each for each in given if not (isinstance(each, Mapping) and each.get("name"))]:
            raise ValueError(f"env: {odd[0]!r} has no name; write {{name: …, value: …}}, or a mapping")
        given = {each["name"]: each if "valueFrom" in each else each.get("value") for each in given}
    for name, value in given.items():
        if isinstance(value, Mapping) and "valueFrom" not in value:
            raise ValueError(f"env: {name} has neither a text nor valueFrom; write one of them")
    return dict(given)


def split(
    variables: Mapping[str, Any], secret: str, existing: str = ""
) -> tuple[Variables, Variables, dict[str, str]]:
    """The variables of all pods, those of the runner alone, and what is in the Secret of this name.

    Of `existing`, a Secret that is there already, the credentials are taken where it has them.
    """
    everywhere: Variables = []
    runner: Variables = []
    secrets: dict[str, str] = {}
    for name, value in variables.items():
        if value is None:
            continue
        found = {"name": name, "value": str(value)}
        if isinstance(value, Mapping):
            found = {"name": name, "valueFrom": value["valueFrom"]}
        elif name in SECRETS:
            if not existing:
                secrets[name] = str(value)
            found = _from_secret(name, existing or secret, optional=bool(existing))
        (runner if name.startswith(_RUNNERS) else everywhere).append(found)
    named = {each["name"] for each in everywhere}
    everywhere += [_from_secret(name, existing, True) for name in SECRETS if existing and name not in named]
    return everywhere, runner, secrets


def _from_secret(name: str, secret: str, optional: bool) -> dict[str, Any]:
    """Not optional is the worker's own, for which pods wait: it is made after the FlowRun."""
    reference = {"name": secret, "key": name, **({"optional": True} if optional else {})}
    return {"name": name, "valueFrom": {"secretKeyRef": reference}}


def unreachable(variables: Mapping[str, Any]) -> str:
    """Why pods cannot reach the server of these variables, in a sentence; empty if they may."""
    url = variables.get("PREFECT_API_URL")
    if not url:
        return (
            "PREFECT_API_URL is missing: pods would not know their server; set it for the worker, or in env"
        )
    if isinstance(url, str) and (urlsplit(url).hostname or "") in _HERE:
        return (
            f"PREFECT_API_URL is {url}, which is each pod's own machine; set it in env, or for the worker,"
            " to an address that pods reach"
        )
    return ""

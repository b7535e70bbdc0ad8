"""Images that cannot be pulled: which, why, with which secrets."""

import re
from collections.abc import Iterable, Iterator, Sequence

from daskflow.cli.explanation.found import Object

_WAITS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
_WHY = (
    (
        r"not found|manifest unknown|name unknown|does not exist",
        "the registry has no such image or tag; correct the name, or push it",
    ),
    (
        r"unauthorized|authorization failed|denied|forbidden|authentication required|basic auth|\b40[13]\b",
        "the registry lets nobody in without the right secret, or has no such image",
    ),
    (r"toomanyrequests|too many requests|\b429\b", "the registry has had too many requests; wait, or log in"),
    (r"x509|certificate|tls: ", "the node does not trust the registry's certificate"),
    (
        r"no such host|lookup|dial tcp|i/o timeout|connection refused|deadline exceeded|no route|EOF",
        "the node does not reach the registry; check its name, and the node's network",
    ),
    (r"no space left", "the node has no space left for it"),
    (r"no match for platform|exec format", "it is not made for this kind of node"),
    (r"couldn't parse|invalid reference|InvalidImageName", "this is no image's name"),
    (r"ErrImageNeverPull|is not present with pull policy", "no node has it, and imagePullPolicy is Never"),
)
"""By the words of registries, of containerd and of the kubelet, the most telling first."""
_NO_SECRET = re.compile(r"retrieve some image pull secrets \((?P<names>[^)]+)\)")
"""Of the kubelet's Event FailedToRetrieveImagePullSecret."""


def unpulled(pods: Iterable[Object], events: Sequence[Object]) -> Iterator[str]:
    """Each image once, with the secrets by which its pods ask for it."""
    waiting: dict[str, list[tuple[Object, str]]] = {}
    for pod in pods:
        for container in _containers(pod):
            state = (container.get("state") or {}).get("waiting") or {}
            if state.get("reason") in _WAITS:
                said = f"{state['reason']}: {state.get('message') or ''}"
                waiting.setdefault(str(container.get("image")), []).append((pod, said))
    for image, found in waiting.items():
        names = {pod["metadata"]["name"] for pod, _ in found}
        said = " ".join([*(said for _, said in found), *_told(events, names)])
        why = next(
            (words for pattern, words in _WHY if re.search(pattern, said, re.I)), "see the words below"
        )
        waits = "1 pod waits" if len(names) == 1 else f"{len(names)} pods wait"
        yield f"The image {image} cannot be pulled, and {waits} for it: {why}."
        yield f"  {_secrets(found[0][0], events, names)}"


def _containers(pod: Object) -> list[Object]:
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def _told(events: Iterable[Object], names: set[str]) -> Iterator[str]:
    """What Events said of the pull: a container that backs off has forgotten why."""
    for event in events:
        message = str(event.get("message") or "")
        if (event.get("involvedObject") or {}).get("name") in names and "ailed to pull image" in message:
            yield message


def _secrets(pod: Object, events: Iterable[Object], names: set[str]) -> str:
    secrets = [str(each.get("name")) for each in (pod.get("spec") or {}).get("imagePullSecrets") or ()]
    if not secrets:
        return "It is asked for without a secret: a private registry needs spec.imagePullSecrets."
    missing = [
        name.strip()
        for event in events
        if (event.get("involvedObject") or {}).get("name") in names
        and (found := _NO_SECRET.search(str(event.get("message") or "")))
        for name in found["names"].split(",")
    ]
    said = f"It is asked for with the secret {', '.join(secrets)}"
    if missing:
        return f"{said}; the node finds no {', '.join(dict.fromkeys(missing))} in the namespace: create it."
    return f"{said}; see that it is for this registry, and has not expired."

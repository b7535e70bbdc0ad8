"""Images that cannot be pulled; the words are those of containerd and the kubelet."""

import pytest
from daskflow.cli.explanation.images import unpulled

from tests.unit.cli.explanation.around import waiting, warning

PULL = 'failed to pull and unpack image "r.example/etl:1": failed to resolve reference "r.example/etl:1": '


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("r.example/etl:1: not found", "the registry has no such image or tag"),
        (
            "pull access denied, repository does not exist or may require authorization: server message: "
            "insufficient_scope: authorization failed",
            "the registry has no such image or tag",
        ),
        ("failed to authorize: unexpected status 401 Unauthorized", "nobody in without the right secret"),
        ("unexpected status 429 Too Many Requests", "too many requests"),
        ("dial tcp: lookup r.example on 10.96.0.10:53: no such host", "does not reach the registry"),
        ("tls: failed to verify certificate: x509: unknown authority", "does not trust"),
        ("something else", "see the words below"),
    ],
)
def test_why_is_told_in_words(message: str, why: str) -> None:
    said, _ = unpulled([waiting("etl-1-runner", "ErrImagePull", PULL + message)], [])
    assert said.startswith("The image etl:1 cannot be pulled, and 1 pod waits for it: ")
    assert why in said


def test_an_image_is_told_once_and_what_a_container_that_backs_off_has_forgotten_by_events() -> None:
    pods = [waiting(f"etl-1-worker-{number}", "ImagePullBackOff", "Back-off") for number in range(3)]
    event = warning("etl-1-worker-1", "Failed", f'Failed to pull image "etl:1": {PULL}not found')
    said = list(unpulled(pods, [event]))
    assert said[0].startswith("The image etl:1 cannot be pulled, and 3 pods wait for it: the registry has no")
    assert said[1:] == ["  It is asked for without a secret: a private registry needs spec.imagePullSecrets."]


def test_the_secrets_are_named_and_those_that_are_missing() -> None:
    asked = waiting("etl-1-runner", "ErrImagePull", "denied", imagePullSecrets=[{"name": "a"}, {"name": "b"}])
    assert list(unpulled([asked], []))[1].startswith("  It is asked for with the secret a, b; see that")
    missing = warning(
        "etl-1-runner",
        "FailedToRetrieveImagePullSecret",
        "Unable to retrieve some image pull secrets (b); attempting to pull the image may not succeed.",
    )
    _, said = unpulled([asked], [missing])
    assert said == (
        "  It is asked for with the secret a, b; the node finds no b in the namespace: create it."
    )


def test_a_pod_that_waits_for_something_else_says_nothing() -> None:
    assert list(unpulled([waiting("etl-1-runner", "ContainerCreating", "")], [])) == []

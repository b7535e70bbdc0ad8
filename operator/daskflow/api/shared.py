"""The fields that FlowRun and DaskCluster share: the image and what its pods get."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from daskflow.api.model import FREE_FORM, JsonObject, Model, PodTemplate, rule, rules
from daskflow.api.resources import EnvFrom, EnvVar, LocalRef, by_name

DEFAULT_UID = 1000
"""Images that name their user, or run as root, fail `runAsNonRoot` without a numeric uid."""


class Tls(Model):
    """How the parts of one cluster trust each other."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "(has(self.mode) && self.mode == 'Secret') == has(self.secretName)",
                "give secretName with mode: Secret, and only with it",
            )
        )
    )

    mode: Literal["Managed", "Disabled", "Secret"] = Field(
        default="Managed",
        description="Managed: a certificate authority of the cluster's own, all connections authenticated by "
        "certificates [Managed]. Disabled: plain TCP. Secret: certificates that you bring.",
    )
    secret_name: str | None = Field(
        default=None,
        description="With mode Secret: a Secret of the namespace with ca.crt, tls.crt and tls.key.",
        min_length=1,
        max_length=253,
    )

    @property
    def encrypted(self) -> bool:
        """Whether connections need certificates."""
        return self.mode != "Disabled"


_SELECTOR = Annotated[JsonObject, Field(json_schema_extra={"x-schema": FREE_FORM})]


class NetworkPolicyPeer(Model):
    """Pods that may reach the scheduler, as a peer of a Kubernetes NetworkPolicy."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "has(self.podSelector) || has(self.namespaceSelector)",
                "give podSelector, namespaceSelector or both; an empty selector, {}, selects all",
            )
        )
    )

    pod_selector: _SELECTOR | None = Field(default=None, description="A label selector of pods.")
    namespace_selector: _SELECTOR | None = Field(
        default=None, description="A label selector of namespaces [the cluster's own]."
    )


class NetworkPolicy(Model):
    """Who may open connections to the cluster's pods."""

    enabled: bool = Field(
        default=True,
        description="Only the cluster's own pods, the operator and `clients` may connect [true].",
    )
    clients: Annotated[tuple[NetworkPolicyPeer, ...], Field(max_length=32)] = Field(
        default=(), description="Pods and namespaces whose clients may reach the scheduler."
    )


_User = Annotated[
    Annotated[int, Field(ge=1, le=2**31 - 1)] | Literal["Image"],
    Field(
        json_schema_extra={
            "x-schema": {
                "x-kubernetes-int-or-string": True,
                "x-kubernetes-validations": [
                    rule(
                        "type(self) == int ? self >= 1 && self <= 2147483647 : self == 'Image'",
                        "give the number of a user (1 or more), or Image for the image's own",
                    )
                ],
            }
        }
    ),
]


class Security(Model):
    """What protects the pods from each other and the node from the pods."""

    tls: Tls = Field(default_factory=Tls, description="Encryption and authentication between the pods.")
    network_policy: NetworkPolicy = Field(
        default_factory=NetworkPolicy, description="Who may open connections to the pods."
    )
    run_as_user: _User | None = Field(
        default=None,
        description=f"The numeric user all containers run as; Image: the image's own, for platforms that "
        f"assign users [{DEFAULT_UID}].",
    )


class Shared(Model):
    """One image, one environment and one set of pod settings for scheduler, workers and runner."""

    image: str = Field(
        description="The image of scheduler, workers and runner. Anything with Python and `distributed`.",
        min_length=1,
        max_length=500,
    )
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = Field(
        default=None, description="When the node pulls the image [Kubernetes' own default for the tag]."
    )
    image_pull_secrets: Annotated[tuple[LocalRef, ...], Field(json_schema_extra=by_name(16))] = Field(
        default=(), description="Secrets for the image's registry."
    )
    env: Annotated[tuple[EnvVar, ...], Field(json_schema_extra=by_name(256))] = Field(
        default=(), description="Environment variables of all pods."
    )
    env_from: tuple[EnvFrom, ...] = Field(
        default=(), description="ConfigMaps and Secrets as environment of all pods.", max_length=32
    )
    service_account_name: str = Field(
        default="",
        description="Of all pods; its token is mounted only where a template asks for it.",
        max_length=253,
    )
    priority_class_name: str = Field(default="", description="Of all pods.", max_length=253)
    template: PodTemplate = Field(
        default_factory=dict,
        description="A pod template merged over that of all pods: volumes, nodeSelector, tolerations, "
        "labels, annotations. Containers are named scheduler, worker and runner.",
    )
    security: Security = Field(default_factory=Security, description="Encryption and the pods' user.")


SHARED_FIELDS = tuple(sorted(to_camel(name) for name in Shared.model_fields))
"""As users write them."""

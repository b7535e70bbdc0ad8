"""The fields that FlowRun and DaskCluster share: the image and what its pods get."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.alias_generators import to_camel

from daskflow.api.model import Model, PodTemplate
from daskflow.api.resources import EnvFrom, EnvVar, LocalRef, by_name

DEFAULT_UID = 1000
"""Images that name their user, or run as root, fail `runAsNonRoot` without a numeric uid."""


class Tls(Model):
    """How the parts of one cluster trust each other."""

    mode: Literal["Managed", "Disabled"] = Field(
        "Managed",
        description="Managed: a certificate authority of the cluster's own, all connections authenticated by "
        "certificates [Managed]. Disabled: plain TCP.",
    )


class Security(Model):
    """What protects the pods from each other and the node from the pods."""

    tls: Tls = Field(default_factory=Tls, description="Encryption and authentication between the pods.")
    run_as_user: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description=f"The numeric user all containers run as [{DEFAULT_UID}]."
    )


class Shared(Model):
    """One image, one environment and one set of pod settings for scheduler, workers and runner."""

    image: str = Field(
        description="The image of scheduler, workers and runner. Anything with Python and `distributed`.",
        min_length=1,
        max_length=500,
    )
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = Field(
        None, description="When the node pulls the image [Kubernetes' own default for the tag]."
    )
    image_pull_secrets: Annotated[tuple[LocalRef, ...], Field(json_schema_extra=by_name(16))] = Field(
        (), description="Secrets for the image's registry."
    )
    env: Annotated[tuple[EnvVar, ...], Field(json_schema_extra=by_name(256))] = Field(
        (), description="Environment variables of all pods."
    )
    env_from: tuple[EnvFrom, ...] = Field(
        (), description="ConfigMaps and Secrets as environment of all pods.", max_length=32
    )
    service_account_name: str = Field(
        "", description="Of all pods; its token is mounted only where a template asks for it.", max_length=253
    )
    priority_class_name: str = Field("", description="Of all pods.", max_length=253)
    template: PodTemplate = Field(
        default_factory=dict,
        description="A pod template merged over that of all pods: volumes, nodeSelector, tolerations, "
        "labels, annotations. Containers are named scheduler, worker and runner.",
    )
    security: Security = Field(default_factory=Security, description="Encryption and the pods' user.")


SHARED_FIELDS = tuple(sorted(to_camel(name) for name in Shared.model_fields))
"""As users write them."""

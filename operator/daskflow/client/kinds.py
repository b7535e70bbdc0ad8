"""Where the kinds that a user's programs ask for lie in the API."""

from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import quote

from daskflow.api.names import API_VERSION, CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE, GROUP
from daskflow.client.errors import WrongUse

Form = Literal["objects", "metadata", "table"]
"""Of a list: whole; without specs and statuses; what `kubectl get` shows, the namespace beside it."""
ACCEPT: Mapping[Form, str] = {
    "objects": "application/json",
    "metadata": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
    "table": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
}


class Kind(NamedTuple):
    """A kind of the Kubernetes API."""

    name: str
    version: str
    """`group/version`, or `v1`."""
    plural: str
    namespaced: bool = True

    @property
    def resource(self) -> str:
        """As roles and messages name it: `flowruns.daskflow.dev`."""
        group = self.version.partition("/")[0] if "/" in self.version else ""
        return f"{self.plural}.{group}" if group else self.plural

    @property
    def ours(self) -> bool:
        """Whether it is one of daskflow's."""
        return self.version.startswith(GROUP)


def segment(name: str) -> str:
    """A name as a part of a path, whatever a user has written. Raises WrongUse for one that climbs."""
    if name in (".", ".."):
        raise WrongUse(f"{name!r} is no name of an object; give that of one")
    return quote(name, safe="")


_ADMISSION = "admissionregistration.k8s.io/v1"
KINDS = {
    kind.name: kind
    for kind in (
        Kind(FLOW_RUN, API_VERSION, "flowruns"),
        Kind(DASK_CLUSTER, API_VERSION, "daskclusters"),
        Kind(FLOW_SCHEDULE, API_VERSION, "flowschedules"),
        Kind(CLUSTER_POOL, API_VERSION, "clusterpools"),
        Kind("Pod", "v1", "pods"),
        Kind("ConfigMap", "v1", "configmaps"),
        Kind("Secret", "v1", "secrets"),
        Kind("Service", "v1", "services"),
        Kind("Event", "v1", "events"),
        Kind("Node", "v1", "nodes", False),
        Kind("Namespace", "v1", "namespaces", False),
        Kind("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies"),
        Kind("ResourceQuota", "v1", "resourcequotas"),
        Kind("LimitRange", "v1", "limitranges"),
        Kind("Deployment", "apps/v1", "deployments"),
        Kind("CustomResourceDefinition", "apiextensions.k8s.io/v1", "customresourcedefinitions", False),
        Kind("ValidatingAdmissionPolicy", _ADMISSION, "validatingadmissionpolicies", False),
        Kind("ValidatingAdmissionPolicyBinding", _ADMISSION, "validatingadmissionpolicybindings", False),
        Kind("SelfSubjectAccessReview", "authorization.k8s.io/v1", "selfsubjectaccessreviews", False),
    )
}

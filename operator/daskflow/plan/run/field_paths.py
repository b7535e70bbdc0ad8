"""The names of fields in what is said of a DaskCluster, as the reader of a FlowRun knows them."""

import re

from daskflow.api.daskcluster import ClusterSpec

_OWN = "|".join(field.alias or name for name, field in ClusterSpec.model_fields.items())
_CLUSTERS = re.compile(rf"(?<![.\w])spec\.({_OWN})\b")
_ANY = re.compile(r"(?<![.\w])spec\.")


def in_run(words: str) -> str:
    """The same of the cluster that a run makes from its `spec.cluster`; what both have is called the same."""
    return _CLUSTERS.sub(r"spec.cluster.\1", words)


def in_other(words: str, name: str) -> str:
    """The same of a DaskCluster that a run uses and that has a spec of its own."""
    return _ANY.sub(lambda _: f"DaskCluster {name}'s spec.", words)

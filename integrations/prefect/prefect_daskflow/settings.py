"""What a worker is told by its environment, `PREFECT_DASKFLOW_…`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_OWN = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class Settings(BaseSettings):
    """Read once, when the worker starts."""

    model_config = SettingsConfigDict(env_prefix="PREFECT_DASKFLOW_")

    namespace: str = Field(
        default="", description="Where FlowRuns go whose job variables name none [the worker's own]."
    )
    namespaces: str = Field(
        default="",
        description="Others in which the worker may make FlowRuns, with commas between them; * for all.",
    )
    context: str | None = Field(
        default=None, description="A context of the kubeconfig, outside of Kubernetes [the current one]."
    )
    api_secret: str = Field(
        default="",
        description="A Secret in the FlowRuns' namespace with PREFECT_API_KEY or other credentials of the "
        "server, in place of one that the worker makes for each FlowRun.",
    )
    period: float = Field(
        default=5.0, gt=0, description="Seconds between two looks at flow runs that have not ended."
    )
    rescue: float = Field(
        default=60.0,
        ge=0,
        description="Seconds after which a flow run that is Pending without a FlowRun is submitted again: a "
        "worker died over it.",
    )
    patience: float = Field(
        default=300.0, ge=0, description="Seconds for which an API server that is away is asked again."
    )

    def observed(self, own: str) -> tuple[str, ...]:
        """The namespaces with FlowRuns of this worker; () for all."""
        named = [each.strip() for each in self.namespaces.split(",") if each.strip()]
        return () if "*" in named else tuple(dict.fromkeys([self.namespace or own, *named]))


def own_namespace(configured: str | None) -> str:
    """That of the worker's pod, else of its kubeconfig."""
    if _OWN.exists():
        return _OWN.read_text().strip()
    return configured or "default"

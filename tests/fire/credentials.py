"""Who the operator under fire is: the account of the chart, with its rights, through the proxy."""

import base64
import ssl
import subprocess
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cluster.pki import Authority
from tests.fire.certificates import server_context
from tests.fire.upstream import Upstream

CHART = Path(__file__).parents[2] / "charts" / "daskflow"
NAMESPACE = "daskflow-system"
ACCOUNT = "daskflow"


class Door:
    """The proxy's certificate, and the kubeconfig of whoever is to come through it."""

    def __init__(self) -> None:
        self._authority, self._key = Authority(), ec.generate_private_key(ec.SECP256R1())

    @property
    def context(self) -> ssl.SSLContext:
        """For the proxy, at 127.0.0.1."""
        key = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        shown = self._authority.issue(self._key, "127.0.0.1", hosts=("127.0.0.1",))
        return server_context((shown + key).decode())

    @property
    def authority(self) -> str:
        """Whom to trust, in PEM."""
        return self._authority.certificate.decode()

    def kubeconfig(self, url: str, token: str) -> str:
        """One that trusts nobody else."""
        authority = base64.b64encode(self.authority.encode()).decode()
        cluster = {"server": url, "certificate-authority-data": authority}
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "fire", "cluster": cluster}],
                "users": [{"name": ACCOUNT, "user": {"token": token}}],
                "contexts": [{"name": "fire", "context": {"cluster": "fire", "user": ACCOUNT}}],
                "current-context": "fire",
            }
        )


def furnish() -> None:
    """The definitions, the operator's namespace, its account and its rights, as the chart has them."""
    command = ["helm", "template", ACCOUNT, str(CHART), "--namespace", NAMESPACE]
    shown = [word for name in ("rbac", "serviceaccount") for word in ("-s", f"templates/{name}.yaml")]
    rights = _ran([*command, *shown])
    _ran(["kubectl", "apply", "--server-side", "--force-conflicts", "-f", str(CHART.parents[1] / "crds")])
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    _ran(["kubectl", "apply", "--server-side", "-f", "-"], yaml.safe_dump(namespace))
    _ran(["kubectl", "apply", "--server-side", "--force-conflicts", "-f", "-"], rights)
    names = [
        f"crd/{name}.daskflow.dev" for name in ("flowruns", "daskclusters", "flowschedules", "clusterpools")
    ]
    _ran(["kubectl", "wait", "--for=condition=Established", "--timeout=30s", *names])


async def token(upstream: Upstream) -> str:
    """Of the operator's account, for a day."""
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}/token"
    answer = await upstream.call("POST", path, {"spec": {"expirationSeconds": 86400}})
    return str(answer["status"]["token"])


def _ran(command: list[str], text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout

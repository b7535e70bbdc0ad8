"""The programs of the control plane, with their settings: the same for real and for simulated nodes."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.cluster.settings import NODE_IP, POD_RANGE, SERVICE_RANGE


@dataclass(frozen=True)
class Layout:
    """The folders of one cluster."""

    directory: Path

    @property
    def pki(self) -> Path:
        return self.directory / "pki"

    @property
    def settings(self) -> Path:
        return self.directory / "settings"

    @property
    def kubeconfig(self) -> Path:
        return self.directory / "kubeconfig"

    @property
    def audit_log(self) -> Path:
        return self.directory / "audit.log"

    def kubeconfig_of(self, component: str) -> Path:
        return self.pki / f"{component}.kubeconfig"


# Metadata of every request, but for what the system's own parts read without end: enough to count anybody's
# calls by user agent, and to show that nobody has read a Secret.
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "omitManagedFields": True,
    "rules": [
        {
            "level": "None",
            "verbs": ["get", "list", "watch"],
            "users": [
                "system:apiserver",
                "system:kube-controller-manager",
                "system:kube-scheduler",
                "system:kube-proxy",
                "system:coredns",
                "kwok",
            ],
        },
        {
            "level": "None",
            "verbs": ["get", "list", "watch"],
            "userGroups": ["system:nodes", "system:serviceaccounts:kube-system"],
        },
        {"level": "None", "resources": [{"group": "coordination.k8s.io", "resources": ["leases"]}]},
        {"level": "None", "nonResourceURLs": ["/healthz*", "/readyz*", "/livez*", "/openapi*"]},
        {"level": "Metadata"},
    ],
}

ETCD_URL = "https://127.0.0.1:2379"


def files(layout: Layout) -> dict[Path, str]:
    return {layout.settings / "audit.yaml": yaml.safe_dump(AUDIT_POLICY, sort_keys=False)}


def etcd(layout: Layout) -> list[str]:
    return [
        f"--data-dir={layout.directory / 'etcd'}",
        "--unsafe-no-fsync",
        "--quota-backend-bytes=8589934592",
        "--enable-grpc-gateway=false",
        f"--listen-client-urls={ETCD_URL}",
        f"--advertise-client-urls={ETCD_URL}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--client-cert-auth",
        f"--trusted-ca-file={layout.pki / 'ca.crt'}",
        f"--cert-file={layout.pki / 'etcd.crt'}",
        f"--key-file={layout.pki / 'etcd.key'}",
        "--log-level=warn",
    ]


def apiserver(layout: Layout) -> list[str]:
    pki = layout.pki
    return [
        f"--etcd-servers={ETCD_URL}",
        f"--etcd-cafile={pki / 'ca.crt'}",
        f"--etcd-certfile={pki / 'etcd-client.crt'}",
        f"--etcd-keyfile={pki / 'etcd-client.key'}",
        f"--bind-address={NODE_IP}",
        f"--advertise-address={NODE_IP}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        f"--tls-cert-file={pki / 'apiserver.crt'}",
        f"--tls-private-key-file={pki / 'apiserver.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        "--anonymous-auth=false",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        f"--kubelet-client-certificate={pki / 'apiserver-kubelet-client.crt'}",
        f"--kubelet-client-key={pki / 'apiserver-kubelet-client.key'}",
        f"--kubelet-certificate-authority={pki / 'ca.crt'}",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki / 'service-accounts.pub'}",
        f"--service-account-signing-key-file={pki / 'service-accounts.key'}",
        "--allow-privileged=true",
        f"--audit-policy-file={layout.settings / 'audit.yaml'}",
        f"--audit-log-path={layout.audit_log}",
        "--audit-log-maxsize=500",  # megabytes; benchmarks count across files
        "--audit-log-maxbackup=9",
        "--audit-log-mode=batch",
        "--audit-log-batch-max-wait=1s",
    ]


def controller_manager(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={layout.kubeconfig_of('controller-manager')}",
        "--use-service-account-credentials",
        f"--service-account-private-key-file={layout.pki / 'service-accounts.key'}",
        f"--root-ca-file={layout.pki / 'ca.crt'}",
        f"--cluster-signing-cert-file={layout.pki / 'ca.crt'}",
        f"--cluster-signing-key-file={layout.pki / 'ca.key'}",
        f"--cluster-cidr={POD_RANGE}",
        f"--flex-volume-plugin-dir={layout.directory / 'plugins'}",
        "--leader-elect=false",
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
    ]


def scheduler(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={layout.kubeconfig_of('scheduler')}",
        "--leader-elect=false",
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
    ]

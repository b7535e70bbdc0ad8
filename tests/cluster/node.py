"""The programs of the one real node, with their settings: containerd, kubelet, kube-proxy, and CoreDNS."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.controlplane import Layout
from tests.cluster.settings import DNS_SERVICE_IP, NODE_IP, NODE_NAME, POD_RANGE

PAUSE_IMAGE = "docker.io/local/pause:1"

# disable_apparmor and restrict_oom_score_adj: the machine may be a container itself, which may set neither.
CONTAINERD = """\
version = 2
root = "{root}"
state = "{state}"

[grpc]
  address = "{socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "{cni}"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
"""

# Point to point instead of a bridge: over a bridge, cluster addresses need a kernel module (br_netfilter).
CNI = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "plugins": [
        {
            "type": "ptp",
            "ipMasq": False,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": POD_RANGE}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ],
}

COREFILE = """\
.:53 {{
    bind {address}
    errors
    ready {address}:8181
    cache 5
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {kubeconfig}
        ttl 5
    }}
}}
"""


def socket(layout: Layout) -> Path:
    return layout.directory / "containerd.sock"


def files(layout: Layout, cgroup: str) -> dict[Path, str]:
    containerd = layout.directory / "containerd"
    return {
        layout.settings / "containerd.toml": CONTAINERD.format(
            root=containerd / "root",
            state=containerd / "state",
            socket=socket(layout),
            pause=PAUSE_IMAGE,
            cni=layout.settings / "cni",
        ),
        layout.settings / "cni" / "10-pods.conflist": json.dumps(CNI),
        layout.settings / "kubelet.yaml": yaml.safe_dump(_kubelet_settings(layout, cgroup), sort_keys=False),
        layout.settings / "Corefile": COREFILE.format(
            address=NODE_IP, kubeconfig=layout.kubeconfig_of("coredns")
        ),
    }


def _kubelet_settings(layout: Layout, cgroup: str) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(layout.pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(layout.pki / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(layout.pki / "kubelet-server.key"),
        "containerRuntimeEndpoint": f"unix://{socket(layout)}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup}",
        "failCgroupV1": False,
        "enforceNodeAllocatable": [],
        "oomScoreAdj": 0,
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,
        "clusterDNS": [DNS_SERVICE_IP],
        "clusterDomain": "cluster.local",
        "resolvConf": "",
        "podLogsDir": str(layout.directory / "pod-logs"),
        "volumePluginDir": str(layout.directory / "plugins"),
        "maxPods": 250,
        "registryPullQPS": 0,
        "serializeImagePulls": False,
        # Images come from here only: what the kubelet throws away, nobody can pull again.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"imagefs.available": "0%", "nodefs.available": "0%", "memory.available": "100Mi"},
    }


def containerd(layout: Layout) -> list[str]:
    return [f"--config={layout.settings / 'containerd.toml'}"]


def kubelet(layout: Layout) -> list[str]:
    return [
        f"--config={layout.settings / 'kubelet.yaml'}",
        f"--kubeconfig={layout.kubeconfig_of('kubelet')}",
        f"--root-dir={layout.directory / 'kubelet'}",
        f"--cert-dir={layout.directory / 'kubelet' / 'pki'}",
        f"--node-ip={NODE_IP}",
        f"--hostname-override={NODE_NAME}",
    ]


def proxy(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={layout.kubeconfig_of('proxy')}",
        f"--hostname-override={NODE_NAME}",
        f"--cluster-cidr={POD_RANGE}",
        "--proxy-mode=nftables",
        # These settings belong to the whole machine.
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0",
        "--conntrack-tcp-timeout-close-wait=0",
    ]


def coredns(layout: Layout) -> list[str]:
    return [f"-conf={layout.settings / 'Corefile'}"]

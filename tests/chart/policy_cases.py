"""What the chart's policy refuses under a rule that mentions everything, and what it says."""

from typing import Any

from tests.chart.helm import Object

IMAGE = "registry.example.com/flows/a:1"
RULE = {
    "name": "tenants",
    "namespaceSelector": {"matchLabels": {"policy-test": "true"}},
    "images": ["registry.example.com/flows/*"],
    "serviceAccounts": ["flows"],
    "secrets": ["flow-*"],
    "hostPaths": ["/data/*"],
    "volumes": ["configMap", "secret", "emptyDir", "hostPath", "projected", "image"],
    "privileged": False,
    "nodeSelectors": ["pool=batch"],
    "tolerations": ["batch"],
    "priorityClasses": ["batch"],
    "args": ["--resources"],
    "env": ["APP_*", "envFrom"],
    "config": ["distributed.worker"],
    "maxCpu": "8",
    "maxMemory": "32Gi",
    "maxWorkers": 20,
    "maxActive": "1d12h",
    "maxIdle": "1h",
}


def container(**fields: Any) -> list[Object]:
    return [{"name": "runner", "image": IMAGE, "resources": {"limits": {"memory": "1Gi"}}, **fields}]


PODS: list[tuple[Object, str]] = [
    (
        {"containers": container(image="evil")},
        "image evil is not allowed here; allowed: registry.example.com/flows/*.",
    ),
    ({"initContainers": [{"name": "x", "image": "evil"}]}, "image evil"),
    ({"volumes": [{"name": "x", "image": {"reference": "evil"}}]}, "image evil"),
    ({"serviceAccountName": "admin"}, "service account admin"),
    ({"volumes": [{"name": "x", "hostPath": {"path": "/etc"}}]}, "hostPath /etc"),
    ({"hostNetwork": True}, "the node's network"),
    ({"containers": container(securityContext={"privileged": True})}, "Containers with privileged"),
    (
        {
            "initContainers": [
                {"name": "x", "image": IMAGE, "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}
            ]
        },
        "added capabilities",
    ),
    (
        {"containers": container(securityContext={"allowPrivilegeEscalation": True})},
        "allowPrivilegeEscalation",
    ),
    ({"nodeSelector": {"pool": "gpu"}}, "nodeSelector pool=gpu is not allowed"),
    ({"tolerations": [{"key": "gpu", "operator": "Exists"}]}, "toleration of gpu"),
    ({"tolerations": [{"operator": "Exists"}]}, "toleration of *"),
    ({"priorityClassName": "system-node-critical"}, "priority class system-node-critical"),
    (
        {"volumes": [{"name": "daskflow-files", "projected": {"sources": [{"secret": {"name": "root"}}]}}]},
        "Secret root",  # as DASKFLOW_FILES_CONFIG_MAP of a DaskCluster's `env` would have it
    ),
    ({"containers": container(ports=[{"containerPort": 80, "hostPort": 80}])}, "hostPort or hostProcess"),
    ({"resources": {"limits": {"memory": "64Gi"}}}, "More memory than 32Gi"),
    ({"resources": {"limits": {"cpu": 9}}}, "More cpu than 8"),
    (
        {"volumes": [{"name": "x", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "root"}}}]},
        "Secret root",
    ),
    ({"volumes": [{"name": "x", "azureFile": {"shareName": "s", "secretName": "root"}}]}, "Secret root"),
    (
        {"volumes": [{"name": "x", "flexVolume": {"driver": "d/d", "secretRef": {"name": "root"}}}]},
        "Secret root",
    ),
    (
        {"volumes": [{"name": "x", "cephfs": {"monitors": ["m"], "secretRef": {"name": "root"}}}]},
        "Secret root",
    ),
    (
        {"volumes": [{"name": "x", "rbd": {"monitors": ["m"], "image": "i", "secretRef": {"name": "root"}}}]},
        "Secret root",
    ),
    (
        {
            "volumes": [
                {
                    "name": "x",
                    "iscsi": {
                        "targetPortal": "10.0.0.1:3260",
                        "iqn": "iqn.2001-04.com.example:a",
                        "lun": 0,
                        "secretRef": {"name": "root"},
                    },
                }
            ]
        },
        "Secret root",
    ),
    ({"containers": container(resources={"limits": {"memory": "64Gi"}})}, "More memory than 32Gi"),
    (
        {"containers": container(resources={"limits": {"memory": "1Gi"}, "requests": {"cpu": "16"}})},
        "More cpu than 8",
    ),
]
"""What a pod may not be, and neither a template of one."""
NODES: list[tuple[Object, str]] = [
    ({"nodeName": "node-1"}, "nodeName and nodeAffinity"),
    (
        {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}},
        "nodeName and nodeAffinity",
    ),
    ({"volumes": [{"name": "x", "nfs": {"server": "a", "path": "/"}}]}, "kind of volume nfs"),
    ({"volumes": [{"name": "x", "secret": {"secretName": "root"}}]}, "Secret root"),
    (
        {"volumes": [{"name": "x", "projected": {"sources": [{"secret": {"name": "root"}}]}}]},
        "Secret root",
    ),
    ({"imagePullSecrets": [{"name": "root"}]}, "Secret root"),
    ({"containers": container(envFrom=[{"secretRef": {"name": "root"}}])}, "Secret root"),
    (
        {
            "containers": container(
                env=[{"name": "APP_A", "valueFrom": {"secretKeyRef": {"name": "root", "key": "a"}}}]
            )
        },
        "Secret root",
    ),
    (
        {"containers": container(env=[{"name": "LD_PRELOAD", "value": "x"}])},
        "environment variable LD_PRELOAD",
    ),
    ({"automountServiceAccountToken": True}, "service account default"),
    (
        {"volumes": [{"name": "x", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]},
        "service account default",
    ),
    ({"serviceAccount": "admin"}, "service account admin"),
    ({"securityContext": {"windowsOptions": {"hostProcess": True}}}, "hostPort or hostProcess"),
    (
        {"containers": container(securityContext={"windowsOptions": {"hostProcess": True}})},
        "hostPort or hostProcess",
    ),
]
"""What only templates are asked about: the API server or the operator has its own in a pod."""


WAYS: list[tuple[str, Object, str]] = [
    ("all", {"image": "evil"}, "image evil"),
    ("all", {"image": "registry.example.com/flowsevil"}, "image registry.example.com/flowsevil"),
    ("all", {"serviceAccountName": "admin"}, "service account admin"),
    ("all", {"priorityClassName": "urgent"}, "priority class urgent"),
    ("all", {"imagePullSecrets": [{"name": "root"}]}, "Secret root"),
    ("all", {"envFrom": [{"secretRef": {"name": "root"}}]}, "Secret root"),
    ("all", {"env": [{"name": "PATH", "value": "/tmp"}]}, "environment variable PATH"),
    (
        "all",
        {"env": [{"name": "APP_A", "valueFrom": {"secretKeyRef": {"name": "root", "key": "a"}}}]},
        "Secret root",
    ),
    ("all", {"security": {"tls": {"mode": "Secret", "secretName": "root"}}}, "Secret root"),
    ("run", {"flow": {"files": {"sources": [{"secretRef": {"name": "root"}}]}}}, "Secret root"),
    ("run", {"runner": {"resources": {"requests": {"cpu": "9"}}}}, "More cpu than 8"),
    ("run", {"deadlines": {"active": "36h1s"}}, "spec.deadlines.active has to be given here, 1d12h at most"),
    ("run", {"deadlines": {"active": None}}, "spec.deadlines.active has to be given"),
    ("cluster", {"idleTimeout": "61m"}, "spec.idleTimeout has to be given here, 1h at most"),
    ("cluster", {"idleTimeout": None}, "spec.idleTimeout has to be given"),
]
IN_CLUSTERS: list[tuple[Object, str]] = [
    ({"workers": {"replicas": 21}}, "More than 20 workers"),
    ({"workers": {"autoscale": {"maximum": 21}}}, "More than 20 workers"),
    ({"workers": {"replicas": 10}, "workerGroups": [{"name": "g", "replicas": 11}]}, "More than 20 workers"),
    ({"workers": {"total": {"cores": 84}, "threads": 4}}, "More than 20 workers"),
    (
        {"workers": {"total": {"memory": "210Gi"}, "resources": {"limits": {"memory": "10Gi"}}}},
        "More than 20 workers",
    ),
    (
        {"workers": {"total": {"cores": 61}, "resources": {"limits": {"cpu": "2500m"}}}},
        "More than 20 workers",
    ),
    ({"workers": {"resources": {"limits": {"memory": "33Gi"}}}}, "More memory than 32Gi"),
    ({"workerGroups": [{"name": "g", "resources": {"limits": {"cpu": "8001m"}}}]}, "More cpu than 8"),
    ({"scheduler": {"resources": {"limits": {"memory": "33Gi"}}}}, "More memory than 32Gi"),
    ({"workers": {"args": ["--preload", "evil.py"]}}, "argument --preload"),
    ({"workers": {"args": ["--preload=evil.py"]}}, "argument --preload"),
    ({"workerGroups": [{"name": "g", "args": ["--nworkers", "8"]}]}, "argument --nworkers"),
    ({"scheduler": {"args": ["--preload", "evil.py"]}}, "argument --preload"),
    ({"config": {"distributed": {"scheduler": {"preload": ["evil.py"]}}}}, "distributed.scheduler"),
    ({"config": {"array": 1}}, "Dask configuration array"),
]

WITHIN: list[Object] = [
    {"workers": {"total": {"cores": 80}, "threads": 4}},
    {"workers": {"total": {"cores": 60}, "resources": {"limits": {"cpu": "2500m"}}}},
    {"workers": {"total": {"cores": 60}, "resources": {"requests": {"cpu": 3}, "limits": {"cpu": 6}}}},
    {"workers": {"total": {"memory": "200Gi"}, "resources": {"limits": {"memory": "10Gi"}}}},
    {"workers": {"total": {"memory": "200Gi"}, "resources": {"requests": {"memory": "10Gi"}}}},
    {
        "workers": {
            "total": {"cores": 20, "memory": "200Gi"},
            "resources": {"limits": {"memory": "10Gi"}},
        }
    },
]
"""Of 20 workers at most, which are allowed."""
NULLS: list[Object] = [
    {"tolerations": None, "containers": None, "volumes": None, "imagePullSecrets": None, "resources": None},
    {"nodeName": None, "nodeSelector": None, "serviceAccountName": None, "priorityClassName": None},
    {"affinity": {"nodeAffinity": None}, "securityContext": None, "hostNetwork": None},
    {"nodeSelector": {"pool": None}, "initContainers": None, "automountServiceAccountToken": None},
    {
        "containers": [
            {
                "name": "runner",
                **dict.fromkeys(["image", "env", "envFrom", "ports", "resources", "securityContext"]),
            },
            {
                "name": "other",
                "securityContext": {"capabilities": None, "privileged": None, "windowsOptions": None},
                "resources": {"limits": None, "requests": {"cpu": None}},
                "env": [{"name": "APP_A", "valueFrom": None}],
            },
        ]
    },
    {"volumes": [{"name": "x", "hostPath": None, "csi": None, "emptyDir": {}, "projected": None}]},
]
"""Templates that take defaults away, and ask for nothing."""

"""Values as people give them, each for a release of its own name."""

from tests.chart.helm import Object

NAMESPACES = ["chart-a", "chart-b"]
"""Exist while the sets are tried."""

VALUE_SETS: dict[str, Object] = {
    "plain": {},
    "one-namespace": {"namespaces": ["chart-a"]},
    "two-namespaces": {"namespaces": NAMESPACES, "rbac": {"readDefinitions": False}},
    "no-cluster-rights": {
        "namespaces": ["chart-a"],
        "crds": {"install": False},
        "rbac": {"readDefinitions": False, "aggregateToDefaultRoles": False},
    },
    "own-rights": {"rbac": {"create": False}, "serviceAccount": {"create": False, "name": "default"}},
    "defaults": {
        "defaults": {
            "deadlines": {"active": "1d"},
            "cluster": {"workers": {"resources": {"limits": {"memory": "4Gi"}}}},
        },
        "extraVolumes": [{"name": "tmp", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    },
    "digest": {
        "global": {"imageRegistry": "registry.example.com/mirror", "imagePullSecrets": ["on"]},
        "image": {"repository": "team/operator", "tag": "1.2", "digest": "sha256:" + "a" * 64},
        "imagePullSecrets": [{"name": "other"}],
    },
    "standby": {
        "replicas": 2,
        "podDisruptionBudget": {"enabled": True, "minAvailable": "50%"},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}
        ],
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "50%"}},
    },
    "placed": {
        "nodeSelector": {"pool": "system"},
        "tolerations": [
            {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "tolerationSeconds": 5},
            {"operator": "Exists", "effect": "NoSchedule"},
        ],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": "gpu", "operator": "DoesNotExist"}]}]
                }
            }
        },
        "priorityClassName": "system-cluster-critical",
    },
    "priority": {"priorityClass": {"create": True, "value": 500000000, "preemptionPolicy": "Never"}},
    "host-network": {
        "hostNetwork": True,
        "port": 18080,
        "dnsConfig": {"options": [{"name": "ndots", "value": "1"}]},
        "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["kube.example.com"]}],
    },
    "extras": {
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
        "extraEnvFrom": [{"configMapRef": {"name": "environment", "optional": True}}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca", "readOnly": True}],
        "extraContainers": [{"name": "proxy", "image": "docker.io/local/proxy:1"}],
        "extraObjects": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-map"}},
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-text}",
        ],
    },
    "hardened": {
        "podSecurityContext": {"runAsUser": None, "runAsGroup": None, "supplementalGroups": [7]},
        "containerSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccount": {"annotations": {"example.com/role": "operator"}},
    },
    "probes": {
        "startupProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "failureThreshold": 30},
        "livenessProbe": {"periodSeconds": 5, "timeoutSeconds": 3},
        "readinessProbe": {"failureThreshold": 2},
        "resources": {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}},
        "terminationGracePeriodSeconds": 30,
        "revisionHistoryLimit": 3,
    },
    "network-policy": {
        "networkPolicy": {
            "enabled": True,
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "apiServerCidrs": ["10.0.0.0/8", "fd00::/8"],
            "apiServerPorts": [6443],
            "extraIngress": [{"from": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}],
            "extraEgress": [{"ports": [{"port": 4317}]}],
        }
    },
    "open-network-policy": {"networkPolicy": {"enabled": True}},
    "flow-control": {"flowControl": {"enabled": True, "nominalConcurrencyShares": 40}},
    "monitoring": {
        "serviceMonitor": {
            "enabled": True,
            "labels": {"release": "prometheus"},
            "interval": "15s",
            "scrapeTimeout": "5s",
            "relabelings": [{"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}],
            "metricRelabelings": [{"action": "drop", "regex": "python_.*", "sourceLabels": ["__name__"]}],
        },
        "podMonitor": {"enabled": True, "honorLabels": True},
        "prometheusRule": {
            "enabled": True,
            "runbooks": "https://wiki.example.com/daskflow",
            "additionalGroups": [{"name": "ours", "rules": [{"alert": "Down", "expr": "up == 0"}]}],
        },
        "dashboard": {"enabled": True, "annotations": {"folder": "Dask"}},
        "service": {"annotations": {"prometheus.io/scrape": "true"}},
    },
    "labels": {
        "commonLabels": {"team": "data", "app.kubernetes.io/part-of": "platform"},
        "commonAnnotations": {"example.com/owner": "data"},
        "podLabels": {"mesh": "off"},
        "podAnnotations": {"example.com/restarted": "1"},
        "deploymentAnnotations": {"example.com/reload": "true"},
        "inheritedPrefixes": ["example.com/", "team"],
        "prices": {"cpuHour": "0.031"},
        "nameOverride": "flows",
    },
    "renamed": {"fullnameOverride": "the-operator"},
    "flow-role": {"flowRole": {"create": True, "name": "flow", "namespaces": NAMESPACES}},
    "policy": {
        "policy": {
            "enabled": True,
            "actions": ["Warn", "Audit"],
            "exemptUsers": ["o'neill"],
            "exemptGroups": ["system:masters", 'a "b"'],
            "rules": [
                {"name": "nothing"},
                {
                    "name": "little",
                    "namespaceSelector": {"matchExpressions": [{"key": "free", "operator": "DoesNotExist"}]},
                    "images": ["it's/*", 'a"b\\c'],
                    "secrets": [],
                    "maxWorkers": 0,
                    "maxActive": "1d12h",
                    "maxIdle": "90s",
                },
            ],
        },
        "namespaces": ["chart-b"],
    },
    "dask-kubernetes": {"daskKubernetes": {"enabled": True, "rewriteCommands": False, "tls": "Pods"}},
    "no-definitions": {"crds": {"install": False}, "logLevel": "DEBUG", "logFormat": "json"},
}

"""What scenarios are made of: specs, and ways in which a flow goes."""

from typing import Any

FAILED = {"outcome": "Failed", "reason": "FlowFailed", "failure": {"exception": "ValueError", "message": "x"}}
HOPELESS = {
    **FAILED,
    "failure": {"exception": "KeyError", "message": "x", "mro": ["KeyError", "LookupError"]},
}
WORDY = {**FAILED, "message": "x" * 1000, "failure": {"exception": "ValueError", "traceback": "x" * 2500}}
RETRY: dict[str, Any] = {
    "retries": {"limit": 2, "infrastructureLimit": 2, "backoff": {"initial": "5s", "factor": 2}}
}
NEVER = {"retries": {**RETRY["retries"], "never": {"exceptions": ["LookupError"]}}}
TWELVE = {"retries": {"limit": 11, "backoff": {"initial": "1s", "factor": 1}}}
ABSENT = {"security": {"tls": {"mode": "Secret", "secretName": "absent"}}}
"""Certificates of the user's own that nobody has made."""
START_60 = {"deadlines": {"start": "60s"}}
NO_RECORD = {
    "retention": {
        "pods": {"onFailure": "20s"},
        "runner": {"onSuccess": "30s"},
        "record": {"onSuccess": "40s", "onFailure": "40s"},
    }
}
LIMITED = {"runner": {"resources": {"limits": {"memory": "1Gi"}}}}
HOST = {"runner": {"template": {"spec": {"hostNetwork": True}}}}
"""A template that may not be."""
ODD = {"outcome": "Failed", "reason": "FlowFailed", "failure": 5, "exitCode": "one"}
"""Last words that are not of the runtime's."""
TOLERANT = {"template": {"spec": {"tolerations": [{"operator": "Exists"}]}}}
"""Pods that no taint of a dead node removes, as is usual with GPUs."""
LATE = (20.0, 60.0)
LONG = ({"seconds": 30},)
LONGER = ({"seconds": 50},)
"""Outlives the lease of one whose scheduler goes at `AT`."""
AT = 18.0
"""A long flow runs by now."""

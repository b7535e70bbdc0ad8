"""`helm test`: makes a FlowRun with the pod's own account and waits for its result."""

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
NAMESPACE, IMAGE, WORKERS = os.environ["NAMESPACE"], os.environ["IMAGE"], int(os.environ["WORKERS"])
RUNS = f"/apis/daskflow.dev/v1alpha1/namespaces/{NAMESPACE}/flowruns"
SCRIPT = """
numbers = range(10)
if %d:
    from distributed import get_client
    numbers = get_client().gather(get_client().map(int, numbers))
result = sum(numbers)
"""


def ask(method, path, body=None):
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    request = urllib.request.Request(
        f"https://{f'[{host}]' if ':' in host else host}:{port}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer " + (ACCOUNT / "token").read_text(),
            "Content-Type": "application/json",
        },
    )
    context = ssl.create_default_context(cafile=ACCOUNT / "ca.crt")
    try:
        return json.load(urllib.request.urlopen(request, context=context, timeout=20))
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {json.load(error).get('message')}")


run = {
    "apiVersion": "daskflow.dev/v1alpha1",
    "kind": "FlowRun",
    "metadata": {"generateName": "helm-test-"},
    "spec": {
        "image": IMAGE,
        "imagePullPolicy": os.environ["PULL_POLICY"],
        "imagePullSecrets": json.loads(os.environ["PULL_SECRETS"]),
        "flow": {"script": SCRIPT % WORKERS},
        "cluster": {"workers": {"replicas": WORKERS}},
        "deadlines": {"active": f"{os.environ['SECONDS_AT_MOST']}s"},
    },
}
path = f"{RUNS}/{ask('POST', RUNS, run)['metadata']['name']}"
until = time.monotonic() + int(os.environ["SECONDS_AT_MOST"])
said = None
while True:
    status = ask("GET", path).get("status") or {}
    line = " ".join(filter(None, (status.get("phase"), status.get("reason"), status.get("message"))))
    if line != said:
        print(said := line, flush=True)
    if status.get("phase") in ("Succeeded", "Failed", "Cancelled"):
        break
    if time.monotonic() > until:
        ask("DELETE", path)
        sys.exit("The run has not ended in time. Does the operator run? kubectl get deployments")
    time.sleep(0.5)
ask("DELETE", path)
if status.get("result") != 45:
    sys.exit(f"The result should be 45 and is {status.get('result')}.")
print("The result is 45, as it should be.")

"""`make demo`: applies the diamond as a user would, and says what happens until its result is there."""

import sys
import time
from pathlib import Path

from tests.kube import TERMINAL, Kube, kubectl

MANIFEST = Path("examples/diamond/flowrun.yaml")
NAME = "diamond"
LIMIT = 180
"""Seconds; a run takes about ten."""

AFTERWARDS = """
Look around:
  tests/cluster/in kubectl get flowruns
  tests/cluster/in kubectl describe flowrun diamond
  tests/cluster/in kubectl logs {runner}
  tests/cluster/in kubectl apply -f examples/squares/flowrun.yaml
  make down        ends the cluster and leaves nothing of it behind
"""


def main() -> int:
    """0 if the flow succeeded."""
    kube = Kube()
    kube.delete("FlowRun", NAME)
    kube.wait("the earlier run to go", lambda: kube.get("FlowRun", NAME) is None)
    print(f"$ kubectl apply -f {MANIFEST}")
    applied = kubectl("apply", "-f", str(MANIFEST))
    print((applied.stdout + applied.stderr).strip())
    if applied.returncode:
        return 1
    status = follow(kube)
    print("\n$ kubectl get flowruns\n" + kubectl("get", "flowruns").stdout.strip())
    print(f"\n{status['message']}")
    if status["phase"] == "Succeeded":
        print(f"The result is {status['result']}.")
    runners = [pod["metadata"]["name"] for pod in kube.items("Pod", f"daskflow.dev/run={NAME}")]
    runner = next((name for name in runners if name.endswith("runner")), "POD")
    print(AFTERWARDS.format(runner=runner))
    return 0 if status["phase"] == "Succeeded" else 1


def follow(kube: Kube) -> dict[str, object]:
    """Prints each new phase and message until the run has ended; answers its status."""
    began, said = time.monotonic(), ""
    while time.monotonic() - began < LIMIT:
        status = kube.run_status(NAME)
        line = f"{status.get('phase') or 'Pending':10} {status.get('message') or 'waiting for the operator'}"
        if line != said:
            print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)
            said = line
        if status.get("phase") in TERMINAL:
            return status
        time.sleep(0.1)
    print(f"The run has not ended within {LIMIT} s.\n{kube.picture()}", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())

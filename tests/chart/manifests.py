"""`make manifests`: what `helm install` would make, as plain manifests for `kubectl apply -k deploy`."""

import sys
from pathlib import Path

from tests.chart.helm import CHART, helm

NAMESPACE = "daskflow-system"
VALUES = ("crds.install=false",)
"""The definitions are in crds/, which the kustomization names."""


def text() -> str:
    """All objects of a release but the definitions."""
    done = helm(
        *("template", "daskflow", str(CHART), "--namespace", NAMESPACE, "--skip-tests"),
        *("--set", ",".join(VALUES)),
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    documents = [part.strip("\n") for part in done.stdout.split("---\n") if part.strip()]
    return "# Made from the chart by `make manifests`.\n" + "\n---\n".join(documents) + "\n"


def main(directory: str) -> None:
    """Writes the one file that is made."""
    (Path(directory) / "daskflow.yaml").write_text(text())


if __name__ == "__main__":
    main(*sys.argv[1:])

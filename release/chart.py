"""The Helm chart as a package."""

import re
import shutil
import subprocess
from pathlib import Path

from release import ROOT


def chart(folder: Path) -> Path:
    """`daskflow-VERSION.tgz`, by helm. Raises CalledProcessError."""
    helm = shutil.which("helm")
    if helm is None:
        from tests.cluster.binary import programs  # built from its sources, as for the local cluster

        helm = f"{programs().tools}/helm"
    command = [helm, "package", str(ROOT / "charts" / "daskflow"), "--destination", str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Path(re.split(r": ", said.strip(), maxsplit=1)[1])

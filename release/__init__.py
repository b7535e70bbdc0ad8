"""What a release consists of, made from the sources: `make release-files` puts it into dist/.

- `packages`: sdist and wheel, and those of doors (`integrations/`), checked by twine.
- `zipapp`: one file with the command and all that it imports, for every Python from 3.10 on; `targets`: for
  which machines.
- `krew`: the manifest of `kubectl krew install daskflow`, and the archives that it names.
- `manual`: a man page of each command; `completions`: a file for each shell.
- `chart`: the Helm chart as a package. `checksums`: SHA-256 of all.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION: str = PROJECT["version"]
EPOCH = 1577836800
"""Seconds: the time of all files in archives, so that the same sources are the same bytes."""

"""The page of all checks, docs/verify-checks.md, made from the catalogue.

`python -m daskflow.cli.verification.reference docs` writes it.
"""

import sys
from pathlib import Path

from daskflow.cli.verification.catalogue import CHECKS, PROBE
from daskflow.cli.verification.check import Check

_NEEDS = {
    "distributed": "an image with `distributed`",
    "prefect": "an image with Prefect",
    "own namespace": "no `--namespace`",
    "stop operator": "`--stop-operator`",
    "upgrade": "`--upgrade`",
}


def page() -> str:
    """The whole page."""
    rows = "\n".join(_row(each) for each in (PROBE, *CHECKS))
    return (
        "# Checks of `daskflow verify`\n\n"
        "Made from the catalogue by `make crds`; [what the command is for](verify.md).\n\n"
        "| check | what it proves | quick | needs |\n|---|---|---|---|\n"
        f"{rows}\n"
    )


def _row(check: Check) -> str:
    needs = ", ".join(_NEEDS[need] for need in check.needs)
    return f"| `{check.slug}` | {check.proves} | {'yes' if check.quick else ''} | {needs} |"


def main() -> None:
    """Writes the page into the directory given as the only argument."""
    (Path(sys.argv[1]) / "verify-checks.md").write_text(page())


if __name__ == "__main__":
    main()

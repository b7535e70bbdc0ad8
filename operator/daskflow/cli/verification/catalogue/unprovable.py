"""What a program beside the operator cannot bring about: said, rather than left out."""

from daskflow.cli.verification.check import Check, Unless

CHECKS = (
    Check(
        "faults",
        "answers of the API server that fail, come late or get lost cost no run",
        (
            Unless(
                lambda seen: True,
                "nothing stands between this operator and its API server",
                "docs/proof.md has what came of that on real parts",
            ),
        ),
    ),
    Check(
        "nodes",
        "a node that does not answer holds up no end that is wanted",
        (
            Unless(
                lambda seen: True,
                "no node is taken down for it",
                "docs/development.md says how the simulation proves it",
            ),
        ),
    ),
)

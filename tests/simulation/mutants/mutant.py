"""A small way to break a policy or an invariant, as a substitution in the package's source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In `file` (below operator/daskflow; or beside it), `old`, which is there once, becomes `new`.

    `test`: the unit test that catches it, where the simulation would meet it too seldom.
    """

    name: str
    file: str
    old: str
    new: str
    test: str = ""

"""A flow's parameters, as a manifest and the options of a command have them."""

from collections.abc import Mapping
from typing import Any


def overridden(parameters: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Both as one. `-p n=3` replaces the `n` that YAML took for false, too."""
    taken = {"false": ("n", "N", "no", "off"), "true": ("y", "Y", "yes", "on")}
    gone = {read for read, written in taken.items() if read in parameters and set(written) & set(overrides)}
    return {**{name: value for name, value in parameters.items() if name not in gone}, **overrides}

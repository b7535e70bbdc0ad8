"""Which prefix has which colour: the same one in all pictures that are seen together."""

from collections.abc import Mapping

from daskflow.client.report.figures import Band, Figures
from daskflow.client.report.style import BANDS, REST_CLASS, band_class

Palette = Mapping[str, str]
"""Classes of the style sheet by the names of prefixes."""


def palette_of(*reports: Figures) -> Palette:
    """Of reports that are seen together: the dearest prefixes of the first come first."""
    names: dict[str, None] = {}
    for each in reports:
        if each.areas:
            names |= dict.fromkeys(band.name for band in each.areas.bands if not band.rest)
        else:
            names |= dict.fromkeys(prefix.name for prefix in each.prefixes)
    return {name: band_class(rank) for rank, name in enumerate(list(names)[: len(BANDS)])}


def colour(of: Band, palette: Palette) -> str:
    """The class of a band."""
    return REST_CLASS if of.rest else palette.get(of.name, REST_CLASS)

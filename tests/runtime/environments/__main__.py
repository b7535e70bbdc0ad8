"""Build all of them."""

from . import NAMES, OVERLAYS, build

for name in (*NAMES, *OVERLAYS):
    build(name)

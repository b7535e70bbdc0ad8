"""Build all of them."""

from . import NAMES, build

for name in NAMES:
    build(name)

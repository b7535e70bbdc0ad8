"""`python -m locks [--upgrade]`: make all locks from their inputs; see `make lock`."""

import sys

import uv

from locks import compiled, names

for name in names():
    print(f"locks/{name}.txt", flush=True)
    compiled(name, uv.find_uv_bin(), sys.argv[1:])

"""Build all of them; `--untried` says in a line which are not there, and why."""

import subprocess
import sys

from . import DASK_KUBERNETES, NAMES, NEWEST, OLDEST, OVERLAYS, SDK, build, interpreter, news

UNTRIED = (
    f"tests/runtime has skipped what needs Python {OLDEST}: this machine has none, and no package registry"
    " has one that could be locked. The image flows:oldest has Debian's, and tests/e2e tries it."
)

if "--untried" in sys.argv:
    if interpreter("oldest") is None:
        print(UNTRIED)
    sys.exit()
for name in (*NAMES, SDK, DASK_KUBERNETES, *OVERLAYS):
    try:
        build(name)
    except subprocess.CalledProcessError as error:
        if not NEWEST:
            raise
        print(f"{name}: the newest of everything cannot be installed together: {error}")
        continue
    if NEWEST and name in NAMES and interpreter(name):
        print(f"{name}: not as locked: {', '.join(news(name)) or 'nothing'}", flush=True)

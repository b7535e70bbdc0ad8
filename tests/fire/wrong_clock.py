"""The operator on a machine whose clock is wrong: `python -m tests.fire.wrong_clock SECONDS`.

Kubernetes, and all that counts how long something takes, has the right time; what the operator knows of the
time of day comes from `WallClock`, and that from here.
"""

import sys
from datetime import UTC, datetime, timedelta

from daskflow.controller.clock import WallClock
from daskflow.controller.main import main

SECONDS = (0, 0, -300, 300)
"""By which an operator's clock is ahead: of each two, one is right, by turns."""


def _wrong(ahead: timedelta) -> None:
    def local() -> datetime:
        return datetime.now(UTC) + ahead

    WallClock.__init__.__defaults__ = (local,)


if __name__ == "__main__":
    _wrong(timedelta(seconds=float(sys.argv.pop(1))))
    main()

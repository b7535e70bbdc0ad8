"""The worker of a cluster that a run has claimed: the scheduler tells it where the flow's code is."""

from __future__ import annotations

from ..claimed import HEARD, code
from ..settings import say


class Claimed:
    """Of one worker."""

    def __init__(self) -> None:
        self._heard = False

    def hear(self, entrypoint: str, archive: str) -> str:
        """Called by the scheduler, once or twice: by a call, and in the stream of a worker that came late.

        Tasks fail where the code cannot be had; that is said, and tried again.
        """
        if not self._heard:
            try:
                code(entrypoint, archive, "worker")
            except (ValueError, OSError) as error:
                say(str(error))
                return str(error)
            self._heard = True
        return HEARD

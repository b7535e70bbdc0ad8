"""A container's log, line by line until it has ended, whatever becomes of the connections for it."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from kubernetes.client.exceptions import ApiException

from dagster_daskflow.api import Api, passing

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*")
_PAUSE = 1.0
"""Seconds before it is asked for again."""


def follow(
    api: Api, pod: str, container: str, line: Callable[[str], None], ended: Callable[[], bool]
) -> None:
    """Hand over each line once; ends when the container has, when the pod is gone, or when `ended` says so.

    Raises ApiException where the log may not be read.
    """
    seen = Seen()
    while True:
        last = ended()  # before the log is read: what is written until then is in it
        try:
            for text in lines(api.log(pod, container, seen.since(time.time()))):
                if (said := seen.new(text)) is not None:
                    line(said)
            # It ends with the container, and also when the kubelet has put the log into another file.
            if last or _container_ended(api, pod, container):
                return
        except ApiException as error:
            if error.status == 404:
                return
            waiting = error.status == 400  # the container has not started
            if not (waiting or passing(error)):
                raise
            if waiting and last:
                return
        except Exception as error:
            if not passing(error):
                raise
        time.sleep(_PAUSE)


def _container_ended(api: Api, pod: str, container: str) -> bool:
    found = api.pod(pod)
    if found is None:
        return True
    statuses = found.status.container_statuses or []
    state = next((each.state for each in statuses if each.name == container), None)
    return state is not None and state.terminated is not None


def lines(pieces: Iterator[bytes]) -> Iterator[str]:
    """Whole lines of an answer that comes in pieces, the last one even without its end."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (each.decode(errors="replace") for each in whole)
    if rest:
        yield rest.decode(errors="replace")


class Seen:
    """Which lines of a log have been handed over: it is asked for by whole seconds, so some come twice."""

    def __init__(self) -> None:
        self._time = ""
        self._texts: list[str] = []
        """Those of that very time, in nanoseconds: several lines may have the same."""
        self._again: list[str] = []
        self._odd = ""

    def since(self, now: float) -> int | None:
        """Seconds to look back; None is all of it. To be called before each reading."""
        self._again = list(self._texts)
        if not self._time:
            return None
        whole = datetime.fromisoformat(f"{self._time[:19]}+00:00")
        # Clocks of the node and of this machine may differ.
        return max(int(now - whole.timestamp()), 0) + 60

    def new(self, line: str) -> str | None:
        """The text of a line that begins with its time, None if it has been handed over.

        What a kubelet says in place of a log that it cannot read has no time, and is said once.
        """
        moment, _, text = line.partition(" ")
        if not _STAMP.fullmatch(moment):
            said, self._odd = self._odd, line
            return None if said == line else line
        if moment < self._time:
            return None
        if moment == self._time:
            if text in self._again:
                self._again.remove(text)
                return None
        else:
            self._time, self._texts, self._again = moment, [], []
        self._texts.append(text)
        return text

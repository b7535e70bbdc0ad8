"""What schedulers have said: how far runs are, what clusters ask for, what of our words they took.

It ends with the process.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from daskflow.plan.model import Answer, Counts, Key, Scaling
from daskflow.plan.question import Told

UNHEARD_SECONDS = 1.0
UNHEARD_SECONDS_AT_MOST = 30.0
"""A word that nobody has heard is said again after a second, then twice that, up to half a minute."""
WORDS = 8
"""The last so many of an object's are remembered."""


class SchedulerReports:
    """By uid. `known` says whether a key is still the object with this uid; `changed` is called with each key
    that should be looked at again."""

    def __init__(self, known: Callable[[Key, str], bool], changed: Callable[[Key], None]) -> None:
        self._known = known
        self._changed = changed
        self._counts: dict[str, Counts] = {}
        self._scaling: dict[str, Scaling] = {}
        self._answers: dict[str, Answer] = {}
        self._told: dict[str, OrderedDict[tuple[str, str], tuple[Told, int, float]]] = {}
        """By scheduler and path: how often it was said unheard, and when it is to be said again."""

    def report_counts(self, key: Key, uid: str, counts: Counts) -> None:
        """Its scheduler has said how far this run is."""
        if self._known(key, uid):
            self._counts[uid] = counts
            self._changed(key)

    def report_scaling(self, key: Key, uid: str, scaling: Scaling | None) -> bool:
        """The scheduler of this cluster has told of demand and of retiring workers; None: it is not asked.

        Answers whether that is news.
        """
        if not self._known(key, uid) or self._scaling.get(uid) == scaling:
            return False
        if scaling is None:
            del self._scaling[uid]
        else:
            self._scaling[uid] = scaling
        self._changed(key)
        return True

    def report_answer(self, key: Key, uid: str, answer: Answer | None) -> None:
        """The scheduler has answered what a plan of this object asked; None: it is not asked."""
        if not self._known(key, uid) or self._answers.get(uid) == answer:
            return
        if answer is None:
            del self._answers[uid]
            return  # whoever asks no more needs no answer
        self._answers[uid] = answer
        self._changed(key)

    def answer(self, uid: str) -> Answer | None:
        """What the scheduler answered last to this object's question, if it is asked."""
        return self._answers.get(uid)

    def report_told(self, key: Key, uid: str, told: Told, now: float) -> None:
        """A word of this object's plan was answered, or not; `now` is the loop's clock.

        Nobody need be told: who has said it plans again.
        """
        if not self._known(key, uid):
            return
        words, what = self._told.setdefault(uid, OrderedDict()), (told.tell.scheduler, told.tell.path)
        before, times, _ = words.pop(what, (None, 0, 0.0))
        if before is None or (before.tell, before.result) != (told.tell, told.result):
            before, times = told, 0
        seconds = min(UNHEARD_SECONDS * 2.0 ** min(times, 20), UNHEARD_SECONDS_AT_MOST)
        words[what] = (before, times + 1, now + seconds)
        while len(words) > WORDS:
            words.popitem(last=False)

    def told(self, uid: str, now: float) -> tuple[Told, ...]:
        """What became of the last words of this object's plans."""
        return tuple(
            replace(told, retry=told.result == "Unheard" and at <= now)
            for told, _, at in self._told.get(uid, {}).values()
        )

    def next_retry(self, uid: str, now: float) -> float | None:
        """When the first of them is to be said again, if any is yet to be."""
        times = (at for told, _, at in self._told.get(uid, {}).values() if told.result == "Unheard")
        return min((at for at in times if at > now), default=None)

    def counts(self, uid: str) -> Counts | None:
        """How far this run is, as far as anybody has said."""
        return self._counts.get(uid)

    def scaling(self, uid: str) -> Scaling | None:
        """What this cluster's scheduler said last, if it is asked."""
        return self._scaling.get(uid)

    def forget(self, uid: str) -> None:
        """The object is gone."""
        self._counts.pop(uid, None)
        self._scaling.pop(uid, None)
        self._answers.pop(uid, None)
        self._told.pop(uid, None)

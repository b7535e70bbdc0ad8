"""What schedulers have reported: how far runs are, what clusters ask for. It ends with the process."""

from collections.abc import Callable

from daskflow.plan.model import Answer, Counts, Key, Scaling


class SchedulerReports:
    """By uid. `known` says whether a key is still the object with this uid; `changed` is called with each key
    that should be looked at again."""

    def __init__(self, known: Callable[[Key, str], bool], changed: Callable[[Key], None]) -> None:
        self._known = known
        self._changed = changed
        self._counts: dict[str, Counts] = {}
        self._scaling: dict[str, Scaling] = {}
        self._answers: dict[str, Answer] = {}

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

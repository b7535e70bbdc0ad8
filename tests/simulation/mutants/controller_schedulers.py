"""Mutants of controller/schedulers."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "an order is taken for delivered",
        "controller/schedulers/scale_orders.py",
        "news = order and self._taken.get(key) != _essence(order)",
        "news = order and key not in self._taken",
    ),
    Mutant(
        "nobody hears that a scheduler is lost",
        "controller/schedulers/reporting.py",
        "if self._orders.active(known.key) and now >= self._no_answer_since + LOST_SECONDS:",
        "if False:",
    ),
    Mutant(
        "answers in any number of pieces",
        "controller/schedulers/wire.py",
        "self._reads -= 1",
        "pass",
        "tests/unit/controller/schedulers/test_wire.py",
    ),
)

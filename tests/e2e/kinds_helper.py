"""What the tasks of kinds.py do; workers import it, too."""

import distributed


def double(number: int) -> int:
    return 2 * number


def divide(one: int, other: int) -> float:
    return one / other


def address_of_a_client() -> str:
    with distributed.Client() as client:
        return client.scheduler.address

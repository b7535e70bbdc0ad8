"""What the diamond's tasks do. Workers import this module too: it lies beside the flow's."""


def inc(x: int) -> int:
    return x + 1


def dec(x: int) -> int:
    return x - 1


def add(x: int, y: int) -> int:
    return x + y

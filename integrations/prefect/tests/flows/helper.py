"""A module beside the flows, which workers have only if it is sent to them."""


def double(n: int) -> int:
    return 2 * n

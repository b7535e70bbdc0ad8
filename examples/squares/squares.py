"""The sum of the squares of all numbers below n."""

from distributed import Client

PARTS = 200


def sum_of_squares(first: int, last: int) -> int:
    return sum(number * number for number in range(first, last))


def flow(n: int = 10_000) -> int:
    """A task for each part of the numbers: one for each number would take longer to send than to do."""
    bounds = [n * part // PARTS for part in range(PARTS + 1)]
    with Client() as client:
        parts = client.map(sum_of_squares, bounds[:-1], bounds[1:], pure=False)
        total: int = client.submit(sum, parts, pure=False).result()
        print(f"the sum of the squares below {n} is {total}")
        return total

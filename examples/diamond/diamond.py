"""Each number is incremented and decremented, both are added, and all is summed: some 3n small tasks."""

from distributed import Client
from operations import add, dec, inc


def flow(n: int = 100) -> int:
    """The sum of 0, 2, ... 2(n - 1), which is n(n - 1)."""
    with Client() as client:  # the scheduler's address is in the environment
        numbers = range(n)
        incremented = client.map(inc, numbers, pure=False)
        decremented = client.map(dec, numbers, pure=False)
        added = client.map(add, incremented, decremented, pure=False)
        total: int = client.submit(sum, added, pure=False).result()
        print(f"the sum over {n} diamonds is {total}")
        return total

"""The diamond as a Prefect 3 flow: each number is incremented and decremented, both are added, all is summed.

It does not mention Dask: run by daskflow, its tasks run on the run's cluster.
"""

from prefect import flow, task


@task
def inc(x: int) -> int:
    return x + 1


@task
def dec(x: int) -> int:
    return x - 1


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@flow(log_prints=True)
def diamond(n: int = 100) -> int:
    """The sum of 0, 2, ... 2(n - 1), which is n(n - 1)."""
    numbers = range(n)
    added = add.map(inc.map(numbers), dec.map(numbers))
    result = total.submit(added).result()
    print(f"the sum over {n} diamonds is {result}")
    return result

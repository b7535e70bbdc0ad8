"""The diamond as Prefect 1's tutorials write flows. The executor comes from the environment.

Each number is incremented and decremented, both are added, and all is summed.
"""

from prefect import Flow, task


@task
def inc(x):
    return x + 1


@task
def dec(x):
    return x - 1


@task
def add(x, y):
    return x + y


@task
def total(numbers):
    return sum(numbers)


with Flow("diamond") as flow:
    numbers = list(range(100))
    result = total(add.map(inc.map(numbers), dec.map(numbers)))

"""A Prefect 1 flow whose task fails on its worker."""

from prefect import Flow, task


@task
def divide(divisor):
    return 1 / divisor


@task
def total(numbers):
    return sum(numbers)


with Flow("division") as flow:
    total(divide.map([0, 1]))

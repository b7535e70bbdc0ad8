"""A Prefect 3 flow whose task fails on its worker when it is given 0."""

import prefect


@prefect.task
def divide(divisor: int) -> float:
    return 1 / divisor


@prefect.flow
def flow(divisor: int) -> float:
    return divide.submit(divisor).result()

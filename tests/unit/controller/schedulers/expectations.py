"""What plans rely on in what a scheduler says."""

from daskflow.controller.schedulers.answers import Answer


def typed(told: Answer) -> bool:
    """Whether all of it has the type and size that plans rely on."""
    texts = (*told.distributed, *told.retiring, *told.demand, *told.held, *told.held.values())
    numbers = (told.version, told.done, told.total, *told.demand.values())
    return (
        all(type(each) is str and len(each) <= 63 for each in texts)
        and all(type(each) is int and 0 <= each < 2**53 for each in numbers)
        and type(told.begun) is bool
        and len(told.distributed) <= 4
    )

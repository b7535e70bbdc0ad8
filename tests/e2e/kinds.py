"""Flows of every kind, for images with any Python and `distributed` (see test_images)."""

import os
import sys

import dask
import distributed
import kinds_helper


def function(n: int = 10) -> int:
    """Tasks by reference to a module beside this one, through the client that is there."""
    client = distributed.get_client()
    return client.submit(sum, client.map(kinds_helper.double, range(n))).result()


def versions(greeting: str) -> dict:
    """What the image has, said by a worker."""
    python = "{}.{}".format(*sys.version_info[:2])
    with distributed.Client() as client:
        where = client.submit(lambda: os.environ["DASKFLOW_POD"]).result()
    return {
        "python": python,
        "distributed": distributed.__version__,
        "worker": "worker" in where,
        "says": greeting,
    }


def graph() -> int:
    """`dask.compute`, which knows nothing of a client."""
    return dask.compute(sum_of_doubles)[0]


async def coroutine(n: int = 10) -> int:
    """A client of the coroutine's own."""
    async with distributed.Client(asynchronous=True) as client:
        return await client.submit(sum, await client.gather(client.map(kinds_helper.double, range(n))))


def client_in_a_task() -> str:
    """What a Client() inside a worker connects to."""
    with distributed.Client() as client:
        return client.submit(kinds_helper.address_of_a_client).result() == client.scheduler.address


def raises() -> None:
    """A task that fails on its worker."""
    with distributed.Client() as client:
        client.submit(kinds_helper.divide, 1, 0).result()


def writes() -> list:
    """Which of these folders a flow can write to: the root file system is read-only."""
    found = []
    for folder in (os.path.expanduser("~"), os.environ.get("TMPDIR", "/tmp"), "/flows", "/"):
        try:
            with open(os.path.join(folder, "proof"), "w") as file:
                file.write("written")
        except OSError:
            continue
        found.append(folder)
    return found


sum_of_doubles = dask.delayed(sum)([dask.delayed(kinds_helper.double)(number) for number in range(10)])

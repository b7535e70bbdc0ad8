"""`daskflow connect`: a cluster's scheduler on a port of this machine, for any Python here."""

import asyncio
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

SECONDS = 300.0
"""For the scheduler to be there."""


@options.on_cluster
async def connect(
    connection: "Connection",
    name: options.RunOrCluster,
    port: options.Port = 0,
    python: Annotated[bool, typer.Option("--python", help="Start a Python that has `client`.")] = False,
    ipython: Annotated[bool, typer.Option("--ipython", help="Start an IPython that has `client`.")] = False,
) -> None:
    """Print how a Python connects to a cluster, and keep the way open until Ctrl-C or its end."""
    from daskflow.cli.reaching import until_interrupted

    if python or ipython:
        _needed("IPython" if ipython else "distributed")
        _needed("distributed")
    shell = asyncio.Event()
    module = ["-m", "IPython"] if ipython else []
    command = [sys.executable, *module, "-i", "-c"] if python or ipython else None
    await until_interrupted(_open(connection, name, port, command, shell), unless=shell.is_set)


async def _open(
    connection: "Connection", name: str, port: int, command: list[str] | None, shell: asyncio.Event
) -> None:
    """The way, up to its end; `shell` is set while the command runs, to which Ctrl-C belongs."""
    from daskflow.cli.reaching import reached
    from daskflow.client.cluster.session import Session
    from daskflow.client.errors import ClusterEnded

    cluster = await (await reached(connection, name)).cluster()
    session = Session(connection, cluster, connection.namespace, say, port=port)
    await session.open(SECONDS)
    try:
        pem = session.certificates
        with pem.files() if pem is not None else nullcontext() as folder:
            code = snippet(session.address, folder)
            if command is not None:
                await _run([*command, f"{code}\nprint(client)"], shell)
                return
            for line in code.splitlines():
                out(line)
            say("the way is open until Ctrl-C; the certificates are in files until then.")
            with suppress(ClusterEnded):  # it has said so
                await session.ended()
    finally:
        await session.close()


def snippet(address: str, folder: Path | None) -> str:
    """What makes a client of this address; the folder has its certificates."""
    if folder is None:
        return f'from distributed import Client\n\nclient = Client("{address}")'
    return (
        "from distributed import Client, Security\n\n"
        "security = Security(\n"
        f'    tls_ca_file="{folder}/ca.crt",\n'
        f'    tls_client_cert="{folder}/tls.crt",\n'
        f'    tls_client_key="{folder}/tls.key",\n'
        "    require_encryption=True,\n"
        ")\n"
        f'client = Client("{address}", security=security)'
    )


async def _run(command: list[str], running: asyncio.Event) -> None:
    running.set()
    # A handler of ours is not inherited, as an ignored signal would be: the shell has its own.
    process = await asyncio.create_subprocess_exec(*command)
    try:
        await process.wait()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        running.clear()


def _needed(package: str) -> None:
    from importlib.util import find_spec

    from daskflow.client.errors import PackageMissing

    if find_spec(package) is None:
        what = "distributed" if package == "distributed" else "ipython"
        raise PackageMissing(
            f"that needs the package {package} beside daskflow; pip install {what}, or leave the option out "
            "and run what is printed in a Python that has it"
        )

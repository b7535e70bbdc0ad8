"""A runner that is made before its run, in the flow's process: do what needs no flow, and wait for one.

Dask is imported, a client connected, and one empty task done by each worker, which the first of the flow
would otherwise wait for longer. What asks for the claim meanwhile is parked_keeper.
"""

from __future__ import annotations

import importlib
import json
import os
from typing import Any

from ..settings import document, say, text

PREPARE_SECONDS = 10.0
"""How long the workers' first tasks may take; a flow's would take as long."""


def prepare(client: Any, out: int) -> None:
    """In the flow's process: get ready, and tell so. Ends the process when it has no cluster."""
    if isinstance(client, Exception):
        say(f"the flow's process cannot wait for a run: {client}")
        os._exit(1)
    notes = [_imported(name) for name in document("PRELOAD") or ()]
    if text("PREFECT") == "3":
        from ..prefect.three_prepare import prepare as ready

        ready(client)
    elif text("STANDBY_PREFECT") == "1":
        notes.append("The image has no Prefect 3, whose server `prefect: true` is to have up.")
    if client is not None:
        notes.append(_first_tasks(client))
    os.write(out, json.dumps({"parked": " ".join(filter(None, notes))}).encode() + b"\n")


def parked(line: bytes) -> str | None:
    """What `prepare` has told, if this line of the flow's process is that."""
    try:
        said = json.loads(line)["parked"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    return said if isinstance(said, str) else None


def _imported(name: str) -> str:
    """ "" or why not, a sentence."""
    try:
        importlib.import_module(name)
    except Exception as error:
        say(f"{name} of preload cannot be imported: {error!r}")
        return f"The module {name} of preload cannot be imported: {error}."
    return ""


def _first_tasks(client: Any) -> str:
    """One for each worker. "" or what went wrong, a sentence."""
    try:
        import uuid

        from distributed import wait

        name = f"daskflow-parked-{uuid.uuid4().hex}"
        addresses = list(client.nthreads())
        tasks = [
            client.submit(int, key=f"{name}-{number}", workers=[address], pure=False)
            for number, address in enumerate(addresses)
        ]
        wait(tasks, PREPARE_SECONDS)
    except Exception as error:
        return f"The workers did no first task: {error!r}."
    return ""

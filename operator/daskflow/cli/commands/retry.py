"""`daskflow retry`: a new run like an old one, with overrides."""

from typing import TYPE_CHECKING

from daskflow.cli import options
from daskflow.cli.commands import run as of_run

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def retry(
    connection: "Connection",
    run: options.RunName,
    image: of_run.Image = None,
    workers: of_run.Workers = None,
    threads: of_run.Threads = None,
    memory: of_run.Memory = None,
    cpu: of_run.Cpu = None,
    parameter: of_run.Parameter = None,
    env: of_run.Env = None,
    name: of_run.Name = None,
    retries: of_run.Retries = None,
    deadline: of_run.Deadline = None,
    service_account: of_run.ServiceAccount = None,
    set_: of_run.Set = None,
    dry_run: of_run.DryRun = False,
    output: options.ObjectForm = None,
    wait: of_run.Wait = False,
    watch: of_run.Watch = False,
    cancel_on_interrupt: options.CancelOnInterrupt = False,
) -> None:
    """Start a new run like an old one."""
    from daskflow.cli.submission import Flags, submission
    from daskflow.client.manifest import again
    from daskflow.client.run import AsyncRun

    old = await AsyncRun.get(run, connection=connection)
    flags = Flags(
        name, False, image, workers, threads, memory, cpu, parameter or (), env or (), retries,
        deadline, service_account, set_ or (),
    )  # fmt: skip
    made = submission(again(old.resource), flags)
    if dry_run:
        of_run.out_manifest(made, output)
        return
    await of_run.submitted(
        connection, made, output=output, wait=wait, watch=watch, cancel_on_interrupt=cancel_on_interrupt
    )

"""The first process of all pods: sees to what the image lacks, then becomes scheduler, worker or runner."""

from __future__ import annotations

import gc
import os
import signal
import sys

from .image import prepare, warn_of_installers, without_distributed
from .settings import say, text


def main() -> None:
    """`runtime.pyz ROLE [ARGS]`; ARGS of scheduler and worker go to Dask's command line."""
    role, *args = sys.argv[1:] or [""]
    _raise_descriptors()
    if role == "runner" or (role == "scheduler" and text("OWNED") != "1"):
        warn_of_installers()
    if role == "runner":
        prepare()
        _unpack(role)
        _public()
        from .runner import supervisor

        supervisor.main()
    elif role == "prefect":
        from .prefect.server import serve

        serve(int(args[0]))
    elif role == "keep-tasks":
        from .runner.keep_tasks import main as keep_tasks

        keep_tasks(args[0])
    elif role == "execute":
        from .runner.execute import main as execute

        execute(int(args[0]), args[1:])
    elif role in ("scheduler", "worker"):
        # Process 1 has no default action for SIGTERM; the preloads take over from this.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
        prepare()
        _unpack(role)
        if text("PARENT"):
            from .local.processes import follow

            follow(_leave)
        # What tasks print is in the log at once; the variable is for processes that a nanny starts.
        os.environ.setdefault("PYTHONUNBUFFERED", "1")
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        gc.disable()  # collecting while Dask is imported takes a tenth of the start
        try:
            import distributed  # noqa: F401
        except ImportError as error:
            _unfit(without_distributed(error))
        if role == "scheduler":
            from .scheduler.command import become_scheduler

            become_scheduler(args)
        else:
            from .worker.command import become_worker

            become_worker(args)
    else:
        sys.exit("usage: runtime.pyz scheduler|worker|runner [ARGS of dask scheduler or dask worker]")


DESCRIPTORS = 65536
"""Open files that a process may have: a scheduler needs two a worker, and Dask keeps half of what it may have
for calls to workers, of which each that retires holds one until it is gone."""


def _raise_descriptors() -> None:
    """The soft limit is 1,024 by default, for programs that use select(2); the hard one is what binds."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ImportError, ValueError, OSError) as error:
        say(f"the limit of open files stays as it is: {error}")


def _leave() -> None:
    from .local.descendants import end

    end()
    os._exit(0)


def _unpack(role: str) -> None:
    if text("ARCHIVE"):
        from .unpack import unpack

        try:
            unpack(role)
        except ValueError as error:
            if role != "runner":
                _unfit(str(error))
            from . import record
            from .runner.outcome_record import failed

            told = {"v": 1, "role": role, "begun": None, "ended": record.now(), "result": None}
            record.write(record.fit({**told, **failed("EntrypointInvalid", f"{error}.")}))
            sys.exit(f"daskflow: {error}")


def _unfit(sentence: str) -> None:
    """End a process whose image or archive is unfit, with the reason as its last words."""
    say(sentence)
    try:
        with open(text("TERMINATION_LOG", "/dev/termination-log"), "w", encoding="utf-8") as file:
            file.write(sentence)
    except OSError as error:
        say(f"cannot write the termination message: {error}")
    sys.exit(1)


def _public() -> None:
    """`import daskflow.runtime` for the processes that a flow starts, behind the image's own PYTHONPATH."""
    paths = [os.environ.get("PYTHONPATH"), os.path.abspath(sys.argv[0])]
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)

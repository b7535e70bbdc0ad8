"""`daskflow completion`: what a shell sources to complete commands and options."""

from typing import Annotated, Literal

import typer


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish", "powershell"], typer.Argument(metavar="SHELL")],
) -> None:
    """Print a shell's completions: source <(daskflow completion bash)."""
    from typer._completion_shared import get_completion_script

    from daskflow.cli.main import COMPLETE

    print(get_completion_script(prog_name="daskflow", complete_var=COMPLETE, shell=shell))

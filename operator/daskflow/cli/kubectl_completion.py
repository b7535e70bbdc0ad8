"""The program `kubectl_complete-daskflow`, which kubectl calls to complete `kubectl daskflow`.

It is given the words so far, the last of which may be empty, and answers a candidate a line, with its help
after a tab, and a number: whether the shell is to offer files.
"""

import sys

OFFER_FILES, NO_FILES = 0, 4
"""Of cobra's directives (ShellCompDirectiveDefault and NoFileComp)."""


def program() -> None:
    """Its entry point."""
    from typer._completion_classes import BashComplete
    from typer.main import get_command

    from daskflow.cli.main import COMPLETE, app

    *words, incomplete = sys.argv[1:] or [""]
    asked = BashComplete(get_command(app), {}, "kubectl daskflow", COMPLETE)
    found = asked.get_completions(words, incomplete)
    for each in found:
        if each.type == "plain":
            print(f"{each.value}\t{each.help}" if each.help else each.value)
    files = any(each.type in ("file", "dir") for each in found)
    print(f":{OFFER_FILES if files else NO_FILES}")


if __name__ == "__main__":
    program()

"""The page of the command's options, docs/cli-options.md, made from the program itself.

`python -m daskflow.cli.reference docs` writes it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daskflow.cli.main import COMMANDS

_SHARED = ("--namespace", "--context", "--kubeconfig", "--as", "--as-group", "--help")


def page() -> str:
    """The whole page."""
    parts = [
        "# Options of `daskflow`",
        "Made from the program by `python -m daskflow.cli.reference docs`; [examples](cli.md).",
        "Each command that talks with a cluster has kubectl's `--namespace`, `--context`, `--kubeconfig`,\n"
        "`--as` and `--as-group`, too.",
    ]
    for name, command, line in commands():
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        usage = " ".join(["daskflow", name, *map(_argument, arguments)])
        parts += [f"## {name}", f"`{usage}`: {line[0].lower()}{line[1:]}"]
        rows = [_row(each) for each in command.params if each.param_type_name == "option"]
        if rows := [row for row in rows if row]:
            parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def commands() -> Iterator[tuple[str, Any, str]]:
    """Name, command and line of each, those of a group by both names."""
    for name, place in COMMANDS.items():
        command = place.load(name)
        below = getattr(command, "commands", None)
        if below is None:
            yield name, command, place.help
            continue
        for own, each in below.items():
            yield f"{name} {own}", each, str(each.help).strip()


def _argument(parameter: Any) -> str:
    shown = str(parameter.metavar or parameter.name).upper()
    return shown if parameter.required else f"[{shown}]"


def _row(option: Any) -> str:
    if option.opts[0] in _SHARED or option.opts[-1] in _SHARED:
        return ""
    names = ", ".join(f"`{each}`" for each in (*sorted(option.opts, key=len), *option.secondary_opts))
    words = f" `{option.metavar}`" if option.metavar else ""
    return f"| {names}{words} | {option.help} |"


def main() -> None:
    """Writes the page into the directory given as the only argument."""
    (Path(sys.argv[1]) / "cli-options.md").write_text(page())


if __name__ == "__main__":
    main()

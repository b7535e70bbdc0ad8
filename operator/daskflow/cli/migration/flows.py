"""What a run's own process does: the command of a container as `flow.command`."""

import re
import shlex
from collections.abc import Sequence

from daskflow.cli.migration.commands import Word
from daskflow.cli.migration.draft import Draft

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


def carry_command(draft: Draft, words: Sequence[Word]) -> None:
    """Words as a command; `$(NAME)`, which a kubelet puts in, is put in by a shell."""
    texts = [word.text for word in words]
    if any(match[1] for text in texts for match in _REFERENCE.finditer(text)):
        texts = ["sh", "-c", "exec " + " ".join(map(_for_shell, texts))]
    else:
        texts = [text.replace("$$", "$") for text in texts]
    nodes = {word.node.path: word.node for word in words}
    draft.put(("flow",), {"command": texts}, *nodes.values())


def _for_shell(text: str) -> str:
    """A word in which references are a shell's."""
    parts, at = [], 0
    for match in _REFERENCE.finditer(text):
        if between := text[at : match.start()]:
            parts.append(shlex.quote(between))
        parts.append(f'"${{{match[1]}}}"' if match[1] else "'$'")
        at = match.end()
    rest = text[at:]
    return "".join([*parts, shlex.quote(rest) if rest or not parts else ""])

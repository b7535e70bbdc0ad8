"""A long text in environment variables: the kernel takes no single one of more than 128 KiB (MAX_ARG_STRLEN).

Without this a run whose `env` or parameters are long would ask for more than its pods can be started with.
The other side is `document` in runtime/settings.py.
"""

import base64
import zlib

PLAIN = 32 * 1024
"""Bytes up to which a text stands in its variable as it is, for people to read."""
PART = 96 * 1024
"""Bytes of one variable, with room for its name."""


def variables(name: str, text: str) -> dict[str, str]:
    """NAME, and for a long text NAME_1, NAME_2 …: the parts of "z:" and the compressed text in base64."""
    if len(text.encode()) <= PLAIN:
        return {name: text}
    packed = "z:" + base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    parts = [packed[start : start + PART] for start in range(0, len(packed), PART)]
    return {f"{name}_{number}" if number else name: part for number, part in enumerate(parts)}

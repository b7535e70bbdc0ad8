"""The zip of the runtime is small and the same each time, and tracebacks keep their lines."""

import io
import zipfile

from daskflow.runtime.pack import LIMIT, pack, strip


def test_the_zip_is_small_and_always_the_same() -> None:
    assert len(pack()) <= LIMIT
    assert pack() == pack()
    assert zipfile.ZipFile(io.BytesIO(pack())).testzip() is None


def test_stripping_keeps_line_numbers() -> None:
    source = '"""Doc\nstring."""\n\n\ndef f(a: int, *b: str) -> "int | None":\n'
    source += '    """Says."""\n    # why\n    return 1 / 0\n'
    stripped = strip(source)
    assert stripped.split("\n")[4].strip() == "def f(a, *b):"
    assert stripped.split("\n")[7].strip() == "return 1 / 0"
    assert len(stripped.split("\n")) == len(source.split("\n"))

"""Builds the zip that pods run. Called by the operator once at start; not part of the zip itself."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from pathlib import Path

PACKAGE = "daskflow_runtime"
LIMIT = 70 * 1024
"""Bytes the zip may take: it is in the Secret of every cluster, and a thousand of those are 70 MiB of etcd's
2 GiB. The report that each run leaves (scheduler/report.py) takes 7 KiB of them, clusters that wait for a run
(scheduler/standby.py, runner/parking.py) 3 KiB."""

# All modules are one entry of the zip: compressed one by one they take a third more. This is the package's
# own `__init__`, so that whoever has the zip on its sys.path has them: the runner, the processes it starts.
_PACKAGE_INIT = """\
import sys
from importlib.machinery import ModuleSpec

PUBLIC = "daskflow.runtime"


class Loader:
    def __init__(self, path, text):
        self.path = path
        self.sources = dict(part.split("\\n", 1) for part in text.split("\\f"))
        self.packages = {name.rpartition(".")[0] for name in self.sources} - {""}

    def find_spec(self, name, path=None, target=None):
        package, _, module = name.partition(".")
        known = package == __name__ and (module in self.sources or module in self.packages)
        if name == PUBLIC or known:
            spec = ModuleSpec(name, self, origin=self.get_filename(name), is_package=module in self.packages)
            spec.has_location = True
            return spec

    def get_filename(self, name):
        return "%s/%s.py" % (self.path, name.replace(".", "/"))

    def get_source(self, name):
        if name == PUBLIC:
            return "from %s.clusters.cluster import *" % __name__
        return self.sources.get(name.partition(".")[2], "")

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        source = self.get_source(module.__name__)
        exec(compile(source, self.get_filename(module.__name__), "exec"), module.__dict__)


text = __loader__.get_data(__loader__.archive + "/modules").decode()
sys.meta_path.insert(0, Loader(__loader__.archive, text))
"""
_ENTRIES = {
    # The processes that a nanny starts run this file once more, under another name.
    "__main__.py": f'if __name__ == "__main__":\n    from {PACKAGE}.launcher import main\n\n    main()\n',
    f"{PACKAGE}/__init__.py": _PACKAGE_INIT,
    # What users import. Without `daskflow/__init__.py`, so that an image's own `daskflow` keeps its name.
    "daskflow/": "",
    "daskflow/runtime.py": f"from {PACKAGE}.clusters.cluster import *\n",
}


def pack() -> bytes:
    """The zip, the same bytes for the same sources. Raises ValueError above LIMIT.

    Docstrings and comment lines become empty lines, so that line numbers in tracebacks are those of the
    sources.
    """
    root = Path(__file__).parent
    paths = sorted(path for path in root.rglob("*.py") if path.stem not in ("pack", "__init__"))
    names = (".".join(path.relative_to(root).with_suffix("").parts) for path in paths)
    texts = (strip(path.read_text(encoding="utf-8")) for path in paths)
    modules = "\f".join(f"{name}\n{text}" for name, text in zip(names, texts, strict=True))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in {**_ENTRIES, "modules": modules}.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o444 << 16
            archive.writestr(entry, text, compresslevel=9)
    data = buffer.getvalue()
    if len(data) > LIMIT:
        raise ValueError(f"the runtime takes {len(data)} bytes, more than {LIMIT}")
    return data


def strip(source: str) -> str:
    """`source` without docstrings, comments and annotations, with less indentation,
    line by line where it was."""
    tree = ast.parse(source)
    lines = source.split("\n")
    cuts: list[tuple[int, int, int]] = []
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
                needed = len(body or ()) == 1
                lines[first] = " " * statement.col_offset + "pass" if needed else ""
                lines[first + 1 : last + 1] = [""] * (last - first)
        if isinstance(node, ast.arg) and node.annotation is not None:
            cuts.append(_span(node.lineno, node.col_offset + len(node.arg), node.annotation))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            end = node.target.end_col_offset or 0
            cuts.append(_span(node.target.end_lineno or node.lineno, end, node.annotation))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
            start = lines[node.returns.lineno - 1].rindex(" ->", 0, node.returns.col_offset)
            cuts.append(_span(node.returns.lineno, start, node.returns))
    for line, start, end in sorted(cuts, reverse=True):
        lines[line - 1] = lines[line - 1][:start] + lines[line - 1][end:]
    lines = [re.sub(r"^\s*#.*|  # (type|noqa): ?.*", "", line) for line in lines]
    return "\n".join(" " * ((len(line) - len(line.lstrip())) // 4) + line.lstrip() for line in lines)


def _span(line: int, start: int, annotation: ast.expr) -> tuple[int, int, int]:
    """Line and columns of an annotation; one that goes over several lines would move those below."""
    if annotation.end_lineno != line or annotation.end_col_offset is None:
        raise ValueError(f"line {line}: an annotation takes more than one line")
    return (line, start, annotation.end_col_offset)

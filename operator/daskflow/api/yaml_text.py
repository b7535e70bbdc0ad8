"""YAML as kubectl reads it: dates and clock times stay text, keys are text, no key is given twice."""

import json
import re
from typing import Any, ClassVar

import yaml


class _Loader(yaml.SafeLoader):
    """PyYAML's, without what Go's YAML does not know, and with what it knows besides."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._flat: dict[int, yaml.Node] = {}

    bool_values: ClassVar = {**yaml.SafeLoader.bool_values, "y": True, "n": False}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As the base's, with keys as JSON has them."""
        return {_key(key): value for key, value in super().construct_mapping(node, deep).items()}

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """As the base's, and raises ConstructorError for a key that is written twice.

        A key that `<<` brings in as well is written once: the mapping's own counts.
        """
        seen: set[str] = set()
        # Once a node was merged into, it has the keys of both.
        for key, _ in () if id(node) in self._flat else node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            name = _key(self.construct_object(key, deep=True))
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name!r} is given twice; keep one", key.start_mark
                )
            seen.add(name)
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            self._flat[id(node)] = node
        super().flatten_mapping(node)


def _key(value: Any) -> str:
    """A key as JSON has it: YAML 1.1 takes a bare `n` for false."""
    return value if isinstance(value, str) else json.dumps(value)


_FOREIGN = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _FOREIGN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("[yYnN]$"), list("yYnN"))
# Without the base's `12:30`, which is 750 to it.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)$"),
    list("-+0123456789"),
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.[0-9]+([eE][-+]?[0-9]+)?"
        r"|\.(inf|Inf|INF))$|\.(nan|NaN|NAN)$"
    ),
    list("-+.0123456789"),
)


class _Worded(_Loader):
    pass


_Worded.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:bool"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Worded.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or error}"


def documents(text: str, *, words: bool = False) -> list[Any]:
    """All documents that are not empty. Raises ValueError with a sentence for what is no YAML.

    `words`: `yes`, `off`, `n` and their like are text, as to Docker Compose.
    """
    try:
        loader = _Worded if words else _Loader
        return [document for document in yaml.load_all(text, loader) if document is not None]
    except yaml.YAMLError as error:
        raise ValueError(_problem(error)) from error
    except RecursionError as error:
        raise ValueError("nested deeper than it can be read; parameters may have 50 levels") from error
    except ValueError as error:
        raise ValueError(str(error)) from error


def plain(text: str) -> Any:
    """The one document of a stranger's text, as JSON has it. Raises ValueError with a sentence, nothing else.

    Aliases are refused: a few hundred bytes of them are gigabytes to whoever walks what they name.
    """
    try:
        found = yaml.load(text, _Plain)
        json.dumps(found, allow_nan=False)
    except yaml.YAMLError as error:
        raise ValueError(_problem(error)) from error
    except RecursionError as error:
        raise ValueError("it is nested deeper than it can be read") from error
    except Exception as error:  # what a tag such as !!timestamp makes of any text
        raise ValueError("it has values that JSON has not; write text, numbers, lists, mappings") from error
    return found


class _Plain(_Loader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        """As the base's, without aliases."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read; write it out", mark)
        return super().compose_node(parent, index)

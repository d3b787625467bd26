"""YAML into data by the parser in C, for files without a fault.

Whatever is odd is refused without a word on where it stands: `law/load.py` then reads the file again with the
parser in Python, which knows the line of everything. Both make the same of a sound file.
"""

from collections.abc import Callable
from typing import Any

import yaml

_Parser: Any = getattr(yaml, "CSafeLoader", None)
_TAG = "tag:yaml.org,2002:"


class FastYamlError(Exception):
    """Not read: a fault, an anchor, a repeated key, something rare, or there is no parser in C."""


def read_fast(text: str) -> Any:
    """Return the data of a document. Raises FastYamlError."""
    if _Parser is None:
        raise FastYamlError
    loader = _Parser(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise FastYamlError
        return _Reader(loader).read(root)
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise FastYamlError from fault
    finally:
        loader.dispose()


class _Reader:
    """Nodes into data. An alias is a node that comes a second time."""

    def __init__(self, loader: Any) -> None:
        self._seen: set[int] = set()
        self._scalars: dict[str, Callable[[Any], Any]] = {
            f"{_TAG}{name}": getattr(loader, f"construct_yaml_{name}")
            for name in ("null", "bool", "int", "float", "timestamp")
        }

    def read(self, node: Any) -> Any:
        """Return the data of a node and all below it."""
        if id(node) in self._seen:
            raise FastYamlError
        self._seen.add(id(node))
        tag = node.tag
        if isinstance(node, yaml.ScalarNode):
            if tag == _STR:
                return node.value
            construct = self._scalars.get(tag)
            if construct is None:
                raise FastYamlError
            return construct(node)
        if tag == _SEQ and isinstance(node, yaml.SequenceNode):
            return [self.read(child) for child in node.value]
        if tag != _MAP or not isinstance(node, yaml.MappingNode):
            raise FastYamlError
        found = {self.read(key): self.read(child) for key, child in node.value if key.tag == _STR}
        if len(found) != len(node.value):
            raise FastYamlError
        return found


_STR, _SEQ, _MAP = f"{_TAG}str", f"{_TAG}seq", f"{_TAG}map"

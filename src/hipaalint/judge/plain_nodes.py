"""Plain data and TOML as nodes of syntax/yaml_json.py, so that one reader serves every form of configuration.

Used by judge/configuration.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ..source import SourceFile, SourceRange, SyntaxFault
from ..syntax.yaml_json import ListNode, MapNode, Node, ScalarNode

_HEADER = re.compile(r"\s*\[{1,2}\s*(?P<name>[^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*(?P<name>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_PARTS = 100  # Python's reader of TOML takes time and memory with their square
_LONG_KEY = re.compile(rf"(?:[A-Za-z0-9_-]++\s*+\.\s*+){{{_PARTS}}}")

Path = tuple[str, ...]


def toml_table(file: SourceFile, path: Path) -> MapNode | None:
    """A table of a TOML file as nodes, None if the file has none of that name. Raises SyntaxFault.

    Each node has the place of the line that its key, or the nearest key above it, is written in.
    """
    import tomllib  # most configurations are YAML, or not there

    long = _LONG_KEY.search(file.text)
    if long is not None:
        message = f"a key of more than {_PARTS} parts is not read; write tables in tables"
        raise SyntaxFault(message, SourceRange(file, long.start(), long.end()))
    try:
        data: Any = tomllib.loads(file.text)
    except RecursionError:
        raise SyntaxFault("nested too deeply to be read; flatten it", SourceRange(file, 0, 0)) from None
    except tomllib.TOMLDecodeError as error:
        raise SyntaxFault(f"no valid TOML: {error}", _place_of_error(file, str(error))) from None
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return None
        data = data[name]
    node = _node(data, file, path, _places(file))
    return node if isinstance(node, MapNode) else None


def plain_table(data: Mapping[str, Any], file: SourceFile) -> MapNode:
    """Plain data (as a caller of `hipaalint.scan` gives it) as nodes; all of them stand at the start of `file`."""
    node = _node(data, file, (), {})
    assert isinstance(node, MapNode)
    return node


def _node(data: Any, file: SourceFile, path: Path, places: dict[Path, tuple[int, int]]) -> Node:
    place = path
    while place and place not in places:
        place = place[:-1]
    start, end = places.get(place, (0, 0))
    if isinstance(data, Mapping):
        table = MapNode(None, file, start, end)
        for name, value in data.items():
            inner = (*path, str(name))
            node = _node(value, file, inner, places)
            table.entries.append((ScalarNode(str(name), True, None, file, node.start, node.end), node))
        return table
    if isinstance(data, (list, tuple, set, frozenset)):
        listed = ListNode(None, file, start, end)
        items = sorted(data) if isinstance(data, (set, frozenset)) else data
        listed.items = [_node(item, file, path, places) for item in items]
        return listed
    if data is None or isinstance(data, bool):
        return ScalarNode({None: "null", True: "true", False: "false"}[data], True, None, file, start, end)
    if isinstance(data, (datetime, date)):
        return ScalarNode(data.isoformat(), False, None, file, start, end)
    return ScalarNode(str(data), not isinstance(data, str), None, file, start, end)


def _places(file: SourceFile) -> dict[Path, tuple[int, int]]:
    """Dotted path → start and end of the header or key that writes it. Keys in inline tables are not looked for."""
    places: dict[Path, tuple[int, int]] = {}
    table: Path = ()
    for line, start in enumerate(file.line_starts, 1):
        text = file.line_text(line)
        match = _HEADER.match(text)
        if match is not None:
            table = _parts(match["name"])
            path = table
        else:
            match = _KEY.match(text)
            if match is None:
                continue
            path = (*table, *_parts(match["name"]))
        places.setdefault(path, (start + match.start("name"), start + match.end("name")))
    return places


def _parts(name: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(name))


def _place_of_error(file: SourceFile, message: str) -> SourceRange:
    match = re.search(r"line (\d+), column (\d+)", message)
    if match is None:
        return SourceRange(file, 0, 0)
    line = min(int(match[1]), len(file.line_starts))
    offset = min(file.line_starts[line - 1] + int(match[2]) - 1, len(file.text))
    return SourceRange(file, offset, offset)

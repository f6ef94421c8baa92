"""YAML and JSON text to nodes with exact ranges, in one pass over libyaml's events; nothing in it recurses.

Second in the flow, after source: load/ reads templates, parameter files and plans with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from ..source import SourceFile, SourceRange, SyntaxFault
from .json_events import json_events
from .yaml_faults import KEY_IS_NO_TEXT, UNREADABLE, fault_at, shown, unreadable, yaml_fault

try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # a PyYAML that was built without libyaml: the same events, slower
    from yaml import BaseLoader as _Parser  # type: ignore[assignment]

DEPTH_LIMIT = 200
ALIAS_BUDGET = 250_000
NODE_BUDGET = 1_000_000

_CORE = "tag:yaml.org,2002:"


class Node:
    """A node of the file: code points `start` to `end`. A node that an alias repeats is shared, not copied."""

    __slots__ = ("end", "file", "start", "tag")

    file: SourceFile
    start: int
    end: int
    tag: str | None

    @property
    def range(self) -> SourceRange:
        return SourceRange(self.file, self.start, self.end)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.range.text!r})"


class ScalarNode(Node):
    """Text as it stands in the file, unescaped. `plain`: without quotes, so that `scalar_value` may read a number."""

    __slots__ = ("plain", "text")

    def __init__(self, text: str, plain: bool, tag: str | None, file: SourceFile, start: int, end: int) -> None:
        self.text = text
        self.plain = plain
        self.tag = tag
        self.file = file
        self.start = start
        self.end = end


class ListNode(Node):
    __slots__ = ("items",)

    def __init__(self, tag: str | None, file: SourceFile, start: int, end: int) -> None:
        self.items: list[Node] = []
        self.tag = tag
        self.file = file
        self.start = start
        self.end = end


class MapNode(Node):
    """Entries in the order of the file, those of merge keys first; no two have the same key text, unless asked for."""

    __slots__ = ("entries",)

    def __init__(self, tag: str | None, file: SourceFile, start: int, end: int) -> None:
        self.entries: list[tuple[ScalarNode, Node]] = []
        self.tag = tag
        self.file = file
        self.start = start
        self.end = end

    def get(self, key: str) -> Node | None:
        """The value under a key: a walk along the entries; who asks often makes a dictionary of them."""
        for name, value in self.entries:
            if name.text == key:
                return value
        return None


def entry_range(key: ScalarNode, value: Node) -> SourceRange:
    """From the key to the end of its value; the key alone when the value stands elsewhere (an alias)."""
    # The node of an alias always stands above the alias.
    return SourceRange(key.file, key.start, value.end) if value.start >= key.end else key.range


def parse(file: SourceFile, node_budget: int = NODE_BUDGET, as_written: bool = False) -> Node:
    """The one document of a YAML or JSON file. An empty file is an empty plain scalar, which means null.

    as_written: the entries of a map stay as they are, also where a key is there twice or is the merge key.
    Raises SyntaxFault (place, and what to do) on everything else that is not one document within the limits.
    """
    text = file.text
    bad = UNREADABLE.search(text)
    if bad is not None:
        raise fault_at(file, bad.start(), bad.end(), unreadable(bad.group()))
    shift = 1 if text.startswith("\ufeff") else 0  # libyaml does not count a byte order mark
    parser = _Parser(text[1:] if shift else text)
    try:
        return _build(file, parser.get_event, shift, node_budget, as_written)
    except yaml.YAMLError as error:
        fault = yaml_fault(file, error, shift)
    finally:
        parser.dispose()
    if text[shift:].lstrip(" \t\r\n")[:1] not in ("{", "[", '"'):
        raise fault
    # JSON that YAML refuses: escapes for surrogates, keys of more than 1,024 characters, tabs in some places.
    try:
        return _build(file, json_events(file, shift).__next__, 0, node_budget, as_written)
    except SyntaxFault as other:
        # A flow-style YAML file and a broken JSON file look alike: whoever read further is right about it.
        raise (other if other.range.start > fault.range.start else fault) from None


def _build(file: SourceFile, next_event: Callable[[], Any], shift: int, node_budget: int, as_written: bool) -> Node:
    root: Node | None = None
    # The container that is open. `keys` (those so far) is None for a list, and outside of all.
    container: ListNode | MapNode | None = None
    keys: dict[str, ScalarNode] | None = None
    key: ScalarNode | None = None  # waits for its value
    children: list[Any] = []  # items or entries
    merges: list[tuple[ScalarNode, Node]] | None = None
    height = 1
    anchor: str | None = None
    size_before = 0
    stack: list[Any] = []

    anchors: dict[str, tuple[Node, int, int] | None] = {}  # node, size, height; None while it is open
    size = 0  # nodes so far, aliases expanded
    expanded = 0
    last_end = 0  # of the last text that belongs to a node: where a container in block style ends
    while True:
        event = next_event()
        kind = event.__class__
        node: Node
        start: int = event.start_mark.index + shift
        end: int = event.end_mark.index + shift
        opened: ListNode | MapNode | None = None
        if kind is ScalarEvent:
            size += 1
            if size > node_budget:
                raise fault_at(file, start, end, f"the file holds more than {node_budget:,} values; split it")
            style = event.style
            if style == "|" or style == ">":
                # A block scalar's event ends behind the empty lines that follow it.
                end = start + len(file.text[start:end].rstrip())
            last_end = end
            tag = event.tag
            node = ScalarNode(event.value, not style and tag is None, tag, file, start, end)
            if event.anchor is not None:
                anchors[event.anchor] = (node, 1, 0)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            size += 1
            if len(stack) >= DEPTH_LIMIT:
                raise fault_at(file, start, start + 1, f"nested deeper than {DEPTH_LIMIT} levels; flatten it")
            opened = (MapNode if kind is MappingStartEvent else ListNode)(event.tag, file, start, end)
            node = opened
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            assert container is not None
            if end > start:
                last_end = end  # flow style: the bracket
            container.end = last_end
            if merges:
                assert isinstance(container, MapNode)
                assert keys is not None
                container.entries = _merged(merges, keys, container.entries)
            if anchor is not None:
                anchors[anchor] = (container, size - size_before, height)
            inner = height
            container, keys, key, children, merges, height, anchor, size_before = stack.pop()
            if inner >= height:
                height = inner + 1
            continue
        elif kind is AliasEvent:
            name = event.anchor
            if name not in anchors:
                raise fault_at(file, start, end, f"*{name} has no anchor &{name} above it")
            known = anchors[name]
            if known is None:
                raise fault_at(file, start, end, f"*{name} stands inside what &{name} names: it would never end")
            node, more, deep = known
            size += more
            expanded += more
            if deep >= height:
                height = deep + 1
            if expanded > ALIAS_BUDGET:
                raise fault_at(
                    file, start, end, f"aliases repeat more than {ALIAS_BUDGET:,} values; write fewer of them"
                )
            if len(stack) + deep > DEPTH_LIMIT:
                raise fault_at(file, start, end, f"with this alias nested deeper than {DEPTH_LIMIT} levels; flatten it")
            last_end = end
        elif kind is StreamEndEvent:
            if root is None:
                return ScalarNode("", True, None, file, len(file.text), len(file.text))
            return root
        elif kind is DocumentStartEvent:
            if root is not None:
                raise fault_at(file, start, start + 3, "a second document starts here; put each into a file of its own")
            continue
        else:
            continue

        # The node takes its place in the container that is open.
        if keys is None:
            if container is None:
                root = node
            else:
                children.append(node)
        elif key is None:
            if not isinstance(node, ScalarNode):
                raise fault_at(file, start, end, KEY_IS_NO_TEXT)
            if kind is AliasEvent:  # a key has its place among the other keys
                node = ScalarNode(node.text, node.plain, node.tag, file, start, end)
            key = node
            text = node.text
            if as_written:
                continue
            if text == "<<" and node.plain:
                merges = merges or []
            elif text in keys:
                first = keys[text].range
                place = f"line {first.line}, column {first.column}"
                message = f"the key {shown(text)} is here twice, first at {place}; remove or rename one"
                raise fault_at(file, start, end, message)
            else:
                keys[text] = node
            continue
        else:
            if merges is not None and key.text == "<<" and key.plain:
                merges.append((key, node))
            else:
                children.append((key, node))
            key = None
        if opened is not None:
            stack.append((container, keys, key, children, merges, height, anchor, size_before))
            container = opened
            if isinstance(opened, MapNode):
                keys = {}
                children = opened.entries
            else:
                keys = None
                children = opened.items
            merges = None
            height = 1
            size_before = size - 1
            anchor = event.anchor
            if anchor is not None:
                anchors[anchor] = None


def _merged(
    merges: list[tuple[ScalarNode, Node]],
    keys: dict[str, ScalarNode],
    own: list[tuple[ScalarNode, Node]],
) -> list[tuple[ScalarNode, Node]]:
    """The entries of a map with merge keys: own ones win, in a list the earlier map wins, of two keys the later."""
    taken: dict[str, tuple[ScalarNode, Node]] = {}
    for key, value in merges:
        sources = value.items if isinstance(value, ListNode) else [value]
        for source in reversed(sources):
            if not isinstance(source, MapNode):
                raise SyntaxFault("the merge key << takes a map or a list of maps", key.range)
            for entry in source.entries:
                taken[entry[0].text] = entry
    return [entry for text, entry in taken.items() if text not in keys] + own


# ---------------------------------------------------------------------------------------------------------------------
# What a scalar means

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?", re.ASCII)
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def scalar_value(node: ScalarNode) -> bool | int | Decimal | str | None:
    """What a scalar says by the core rules of YAML 1.2 and JSON; the text stays in `node.text`.

    Only plain scalars are anything but text: `no`, `012`, `1_000`, `12:30` and `2012-10-17` are text too.
    """
    text = node.text
    tag = node.tag
    if not node.plain and not (tag is not None and tag.startswith(_CORE) and tag != _CORE + "str"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if number is None or len(text) > 400:
        return text
    return int(text) if number[1] is None and number[2] is None else Decimal(text)


# ---------------------------------------------------------------------------------------------------------------------
# Bytes to text, and what a text is about


def read_text(data: bytes, path: str = "") -> str:
    """The text of a file in UTF-8 (with or without byte order mark) or in UTF-16 with one. Raises SyntaxFault."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, name = "utf-16", "UTF-16"
    else:
        encoding, name = "utf-8-sig", "UTF-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        file = SourceFile(path, data.decode(encoding, "replace"))
        start = len(data[: error.start].decode(encoding, "ignore"))
        message = f"byte 0x{data[error.start]:02X} is not valid in {name}; save the file as UTF-8"
        raise fault_at(file, start, start + 1, message) from None


_KEY = r"""^(?:---[ \t]+)?(["']?)%s\1[ \t]*:"""
_JSON_KEY = r'(?<!\\)"%s"\s*:'
_YAML_RESOURCES = re.compile(_KEY % "Resources", re.MULTILINE)
_YAML_HEADER = re.compile(_KEY % r"(?:AWSTemplateFormatVersion|Transform)", re.MULTILINE)
_JSON_RESOURCES = re.compile(_JSON_KEY % "Resources")
_JSON_HEADER = re.compile(_JSON_KEY % "AWSTemplateFormatVersion")
_TYPE = re.compile(r"""["']?\bType["']?\s*:\s*["']?[A-Za-z0-9]+::[A-Za-z0-9]""")
_MACRO = re.compile(r"AWS::(?:Serverless|LanguageExtensions|Include|SecretsManager|CodeDeploy)")


def looks_like_cloudformation(text: str) -> bool:
    """Whether a text means to be a CloudFormation template: by its words, so that a broken one is known as well."""
    version = "AWSTemplateFormatVersion" in text
    if not version and ("::" not in text or ("Resources" not in text and "Transform" not in text)):
        return False
    if text.lstrip("\ufeff \t\r\n")[:1] == "{":
        header = version and _JSON_HEADER.search(text) is not None
        return header or (_JSON_RESOURCES.search(text) is not None and _TYPE.search(text) is not None)
    text = text.removeprefix("\ufeff")
    if (version or _MACRO.search(text)) and _YAML_HEADER.search(text):
        return True
    return _YAML_RESOURCES.search(text) is not None and _TYPE.search(text) is not None


def looks_like_plan(text: str) -> bool:
    """Whether a text is what `terraform show -json` writes for a plan (for a state it has no planned values)."""
    return (
        text.lstrip("\ufeff \t\r\n")[:1] == "{"
        and '"format_version"' in text
        and ('"planned_values"' in text or '"resource_changes"' in text)
    )

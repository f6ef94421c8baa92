"""A template as its file says it: sections, transforms, Globals merged, local includes put in their place.

Made once a file and run, however many stacks nest it; stack.py gives it parameters and makes resources of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...source import SourceFile, SourceRange, SyntaxFault
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, parse
from ...syntax.yaml_recovery import parse_with_recovery
from ..options import LoadOptions
from .lowering import Lowering
from .shapes import DIRECTIVE, intrinsic

SERVERLESS = "AWS::Serverless-2016-10-31"
# Transforms whose effect on what is judged is none, or followed here.
_FOLLOWED = (SERVERLESS, "AWS::LanguageExtensions", "AWS::SecretsManager", "AWS::CodeDeployBlueGreen")

Entry = tuple[ScalarNode, Node]


class Template:
    """The sections of a template.

    opaque: what was not followed (macros, includes from elsewhere): text for people, and its place.
    notes: values that are not known for such a reason. faults: parts that are no template's.
    """

    __slots__ = (
        "faults",
        "file",
        "files",
        "lowering",
        "notes",
        "opaque",
        "path",
        "resolved",
        "root",
        "sections",
        "serverless",
    )

    def __init__(self, path: Path, file: SourceFile, root: MapNode, read: Callable[[Path], Node | None]) -> None:
        self.path = path
        self.resolved = path.resolve()
        self.file = file
        self.root = root
        self.files = [file]
        self.opaque: list[tuple[str, SourceRange]] = []
        self.notes: list[tuple[str, SourceRange]] = []
        self.faults: list[tuple[str, SourceRange]] = []
        self.lowering = Lowering(lambda location: self._included(location, read))
        self.serverless = False
        self.sections: dict[str, list[Entry]] = {}
        for key, value in self._top_level():
            if key.text == "Transform":
                self._transforms(value)
            elif isinstance(value, MapNode):
                self.sections.setdefault(key.text, []).extend(self._noting(value))
            elif key.text == "Resources":
                self.faults.append(("Resources must be a map of logical ids to resources", value.range))
        self._look_through(root)

    def _look_through(self, root: Node) -> None:
        """Read what is included deep inside, so that all files are known; note directives of other tools."""
        text = self.file.text
        if "AWS::Include" not in text and DIRECTIVE not in text:
            return
        waiting: list[Node] = [root]
        seen: set[int] = set()
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            function = intrinsic(node)
            if function is not None and function[0].startswith(f"Fn::{DIRECTIVE}"):
                name = function[0].removeprefix("Fn::")
                message = f"{name} is no function of CloudFormation: what it puts here was not judged; scan its output"
                # Modules and includes bring resources; all others a value.
                (self.opaque if name.endswith(("Module", "Include")) else self.notes).append((message, node.range))
            if isinstance(node, ListNode):
                waiting += reversed(node.items)
            elif isinstance(node, MapNode):
                for key, value in reversed(node.entries):
                    waiting.append(value)
                    included = self.lowering.included(value) if key.text == "Fn::Transform" else None
                    if included is not None:
                        waiting.append(included)

    def section(self, name: str) -> list[Entry]:
        """The entries of a section, none if it is not there."""
        return self.sections.get(name, [])

    def entries(self, node: MapNode) -> tuple[list[Entry], list[Entry]]:
        """The entries of a map, with those of included local files; and the transforms that were not followed."""
        entries: list[Entry] = []
        transforms: list[Entry] = []
        for key, value in node.entries:
            if key.text != "Fn::Transform":
                entries.append((key, value))
                continue
            included = self.lowering.included(value)
            if isinstance(included, MapNode):
                entries.extend(included.entries)
            else:
                transforms.append((key, value))
        return entries, transforms

    def globals(self, type: str) -> MapNode | None:
        """What the Globals section says for an AWS::Serverless type."""
        if not self.serverless or not type.startswith("AWS::Serverless::"):
            return None
        name = type.removeprefix("AWS::Serverless::")
        for key, value in self.section("Globals"):
            if key.text == name and isinstance(value, MapNode):
                return value
        return None

    def _top_level(self) -> list[Entry]:
        entries: list[Entry] = []
        for key, value in self._noting(self.root):
            entries.append((key, value))
            if key.text == "Transform":
                # `Transform: {Name: AWS::Include, Parameters: {Location: …}}` adds whole sections.
                for transform in value.items if isinstance(value, ListNode) else [value]:
                    included = self.lowering.included(transform)
                    if isinstance(included, MapNode):
                        entries.extend(included.entries)
        return entries

    def _noting(self, node: MapNode) -> list[Entry]:
        entries, transforms = self.entries(node)
        for key, value in transforms:
            self._note_transform(value, key.range)
        return entries

    def _transforms(self, node: Node) -> None:
        for transform in node.items if isinstance(node, ListNode) else [node]:
            name = transform.text if isinstance(transform, ScalarNode) else None
            if name == SERVERLESS:
                self.serverless = True
            if name is not None and name.startswith(_FOLLOWED):
                continue
            if not isinstance(self.lowering.included(transform), MapNode):
                self._note_transform(transform, transform.range)

    def _note_transform(self, transform: Node, range: SourceRange) -> None:
        name = transform.get("Name") if isinstance(transform, MapNode) else transform
        shown = name.text if isinstance(name, ScalarNode) else "?"
        self.opaque.append((f"what the transform {shown} adds or changes was not judged", range))

    def _included(self, location: Node | None, read: Callable[[Path], Node | None]) -> Node | None:
        if not isinstance(location, ScalarNode) or intrinsic(location) is not None or "://" in location.text:
            return None
        found = read(self.path.parent / location.text)
        if found is not None and found.file not in self.files:
            self.files.append(found.file)
        return found


def read_template(path: Path, options: LoadOptions) -> Template:
    """The template in a file, read once a run. Raises SyntaxFault and OSError."""
    resolved = path.resolve()
    found = options.files.get(resolved)
    if isinstance(found, Template):
        return found
    file = options.read(path)
    root, faults = parse_with_recovery(file, "Resources")
    if not isinstance(root, MapNode):
        raise SyntaxFault("not a template: the file holds no map with Resources", SourceRange(file, 0, 0))

    def read(included: Path) -> Node | None:
        if not options.contains(included):
            return None
        try:
            return parse(options.read(included))
        except OSError:
            return None

    template = options.files[resolved] = Template(path, file, root, read)
    template.faults.extend((fault.message, fault.range) for fault in faults)
    return template


def merged_with_globals(outer: Node, inner: Node) -> Node:
    """A property as Globals and the resource say it: maps key by key, lists one after the other, else the resource."""
    if intrinsic(outer) is not None or intrinsic(inner) is not None:
        return inner
    if isinstance(outer, ListNode) and isinstance(inner, ListNode):
        joined = ListNode(inner.tag, inner.file, inner.start, inner.end)
        joined.items = outer.items + inner.items
        return joined
    if not isinstance(outer, MapNode) or not isinstance(inner, MapNode):
        return inner
    merged = MapNode(inner.tag, inner.file, inner.start, inner.end)
    own = {key.text: value for key, value in inner.entries}
    shared = {key.text: value for key, value in outer.entries}
    merged.entries = [(key, value) for key, value in outer.entries if key.text not in own]
    for key, value in inner.entries:
        above = shared.get(key.text)
        merged.entries.append((key, value if above is None else merged_with_globals(above, value)))
    return merged

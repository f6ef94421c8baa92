"""JSON syntax (`.tf.json`, `.tfvars.json`) to the same bodies that the HCL parser makes.

Called by files.py. Strings are templates, except where Terraform takes them literally or as a reference.
"""

from __future__ import annotations

from collections.abc import Callable

from ...expression.tree import Expression, Literal, Object, Tuple
from ...source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ...syntax.hcl import AttributeDefinition, Block, Body
from ...syntax.hcl import parse_expression as parse_hcl_expression
from ...syntax.hcl import parse_template as parse_hcl_template
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, entry_range, parse, scalar_value

# Top-level block types, with the number of their labels.
_LABELS = {
    "terraform": 0,
    "locals": 0,
    "moved": 0,
    "removed": 0,
    "import": 0,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
    "action": 2,
    "list": 2,
    "language": 0,
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
}
# What is a block in every block of a type; the others (dynamic ones too) are found by their names, in BlockText.
_BLOCKS = {
    "terraform": {"required_providers": 0, "backend": 1, "cloud": 0, "provider_meta": 1},
    "variable": {"validation": 0},
    "output": {"precondition": 0},
    "resource": {"lifecycle": 0, "connection": 0, "provisioner": 1},
    "data": {"lifecycle": 0},
    "ephemeral": {"lifecycle": 0},
    "check": {"assert": 0, "data": 2},
    "lifecycle": {"precondition": 0, "postcondition": 0},
    "provisioner": {"connection": 0},
}
# Arguments whose strings are text, and those whose strings are expressions (types, references).
_LITERAL = {
    "variable": {"default", "description"},
    "output": {"description"},
    "module": {"source", "version"},
    "provider": {"version", "alias"},
    "terraform": None,  # all of it
    "required_providers": None,
    "backend": None,
    "cloud": None,
    "provider_meta": None,
}
_REFERENCES = {
    "variable": {"type"},
    "output": {"depends_on"},
    "module": {"providers", "depends_on"},
    "resource": {"provider", "depends_on"},
    "data": {"provider", "depends_on"},
    "ephemeral": {"provider", "depends_on"},
    "lifecycle": {"ignore_changes", "replace_triggered_by"},
    "moved": {"from", "to"},
    "removed": {"from"},
    "import": {"to", "provider"},
}
TEMPLATE, LITERAL, REFERENCE = "template", "literal", "reference"


def parse_json_body(file: SourceFile) -> tuple[Body, list[Diagnostic]]:
    """The body of a configuration in JSON syntax. Raises SyntaxFault if the text is no JSON object."""
    return _JsonBody(file).configuration()


def parse_json_values(file: SourceFile) -> Body:
    """The attributes of a `.tfvars.json` file, strings as they stand. Raises SyntaxFault if it is no JSON object."""
    return _JsonBody(file).attributes(_object(parse(file, as_written=True), file), LITERAL)


def _object(node: Node, file: SourceFile) -> MapNode:
    if not isinstance(node, MapNode):
        raise SyntaxFault("a configuration in JSON syntax is one object", node.range)
    return node


class _JsonBody:
    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.diagnostics: list[Diagnostic] = []

    def configuration(self) -> tuple[Body, list[Diagnostic]]:
        root = _object(parse(self.file, as_written=True), self.file)
        blocks: list[Block] = []
        for key, node in root.entries:
            if key.text == "//":
                continue
            labels = _LABELS.get(key.text)
            if labels is None:
                self.fault(f'there is no block type "{key.text}" in a configuration', key.range)
                continue
            self.blocks(key.text, labels, key, node, [], blocks)
        return Body({}, blocks, root.range), self.diagnostics

    def fault(self, message: str, range: SourceRange) -> None:
        self.diagnostics.append(Diagnostic("error", message, range))

    def blocks(
        self, type: str, labels: int, key: ScalarNode, node: Node, above: list[ScalarNode], into: list[Block]
    ) -> None:
        """Adds the blocks of one type: labels are keys, and every level may be a list of objects."""
        if isinstance(node, ListNode):
            for item in node.items:
                self.blocks(type, labels, key, item, above, into)
            return
        if not isinstance(node, MapNode):
            self.fault(f'"{type}" must hold an object or a list of objects', node.range)
            return
        if labels:
            for label, inner in node.entries:
                if label.text != "//":
                    self.blocks(type, labels - 1, label, inner, [*above, label], into)
            return
        texts = [label.text for label in above]
        ranges = [label.range for label in above]
        whole = entry_range(key, node)
        into.append(Block(type, texts, ranges, self.body(type, node), key.range, whole))

    def body(self, type: str, node: MapNode) -> Body:
        attributes: dict[str, AttributeDefinition] = {}
        blocks: list[Block] = []
        nested = _BLOCKS.get(type, {})
        literal = _LITERAL.get(type, set())
        references = _REFERENCES.get(type, set())
        for key, value in node.entries:
            name = key.text
            if name == "//":
                continue
            if name in nested and isinstance(value, (MapNode, ListNode)):
                self.blocks(name, nested[name], key, value, [], blocks)
                continue
            mode = LITERAL if literal is None or name in literal else REFERENCE if name in references else TEMPLATE
            self.attribute(key, value, mode, attributes)
        return Body(attributes, blocks, node.range)

    def attributes(self, node: MapNode, mode: str) -> Body:
        attributes: dict[str, AttributeDefinition] = {}
        for key, value in node.entries:
            self.attribute(key, value, mode, attributes)
        return Body(attributes, [], node.range)

    def attribute(self, key: ScalarNode, value: Node, mode: str, into: dict[str, AttributeDefinition]) -> None:
        try:
            expression = self.expression(value, mode)
        except SyntaxFault as fault:
            self.diagnostics.append(Diagnostic("error", fault.message, fault.range))
            return
        if key.text in into:
            self.fault(f'the argument "{key.text}" is set twice; remove one', key.range)
            return
        into[key.text] = AttributeDefinition(key.text, key.range, expression, entry_range(key, value))

    def expression(self, node: Node, mode: str) -> Expression:
        """A value of JSON as an expression. Raises SyntaxFault for a string that is no template."""
        if isinstance(node, ScalarNode):
            value = scalar_value(node)
            if not isinstance(value, str) or mode == LITERAL:
                return Literal(value, node.range)
            if mode == REFERENCE:
                return self.embedded(node, parse_hcl_expression)
            if "${" not in value and "%{" not in value:
                return Literal(value, node.range)
            return self.embedded(node, parse_hcl_template)
        if isinstance(node, ListNode):
            return Tuple([self.expression(item, mode) for item in node.items], node.range)
        assert isinstance(node, MapNode)
        items: list[tuple[Expression, Expression]] = []
        seen: set[str] = set()
        for key, item in node.entries:
            if key.text == "//":
                continue
            if key.text in seen:
                raise SyntaxFault(f'the key "{key.text}" is here twice; remove or rename one', key.range)
            seen.add(key.text)
            name: Expression = Literal(key.text, key.range)
            if mode == TEMPLATE and ("${" in key.text or "%{" in key.text):
                name = self.embedded(key, parse_hcl_template)
            items.append((name, self.expression(item, mode)))
        return Object(items, node.range)

    def embedded(self, node: ScalarNode, parse: Callable[..., Expression]) -> Expression:
        """A text inside a string; its ranges are exact where the string has no escapes."""
        start, end = node.start + 1, node.end - 1
        if self.file.text[start:end] == node.text:
            return parse(self.file, start, end)
        return parse(node.text, within=node.range)

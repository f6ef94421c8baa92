"""The content of a block, grouped by name once for all instances: attributes, nested blocks, dynamic blocks.

Made by module_body.py from the parser's bodies; evaluated by blocks.py under the scope of an instance.
"""

from __future__ import annotations

from collections.abc import Callable

from ...expression.tree import Attribute, Expression, Index, Literal, Name, Object, Tuple
from ...source import SourceRange
from ...syntax.hcl import AttributeDefinition, Block, Body

NestedNames = Callable[[str], frozenset[str]]  # dotted path of a block → the names that are blocks in it


class BlockText:
    """Attributes by name, and nested blocks by type, both in the order of the text.

    path: dotted path of the block within its resource. nested: names that are blocks although they are written as
    an attribute (JSON syntax does not tell the two apart).
    """

    __slots__ = ("_nested", "attributes", "blocks", "path")

    def __init__(self, path: str = "", nested: NestedNames | None = None) -> None:
        self.path = path
        self.attributes: dict[str, AttributeDefinition] = {}
        self.blocks: dict[str, list[NestedBlock]] = {}
        self._nested = nested

    @classmethod
    def of(
        cls, body: Body, path: str = "", nested: NestedNames | None = None, without: frozenset[str] = frozenset()
    ) -> BlockText:
        """The text of a body, leaving out some names (the meta-arguments)."""
        self = cls(path, nested)
        names = nested(path) if nested is not None else frozenset()
        for name, attribute in body.attributes.items():
            if name in without:
                continue
            if name == "dynamic":
                for block in dynamic_blocks(attribute.expression):
                    self._add_dynamic(block)
                continue
            objects = objects_of(attribute.expression) if name in names else None
            if objects is None:
                self.attributes[name] = attribute
                continue
            for item in objects:
                self.add_block(name, body_of(item), attribute.name_range)
        for block in body.blocks:
            if block.type in without:
                continue
            if block.type == "dynamic" and block.labels:
                self._add_dynamic(block)
            else:
                self.add_block(block.type, block.body, block.header_range)
        return self

    def add_block(self, name: str, body: Body, header: SourceRange) -> None:
        nested = NestedBlock(body, header, self._path(name), self._nested)
        self.blocks.setdefault(name, []).append(nested)

    def _add_dynamic(self, block: Block) -> None:
        name = block.labels[0]
        attributes = block.body.attributes
        content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
        for_each = attributes.get("for_each")
        if content is None or for_each is None:
            return  # module_body.py has a diagnostic for it
        nested = NestedBlock(content.body, block.header_range, self._path(name), self._nested)
        nested.for_each = for_each.expression
        iterator = attributes.get("iterator")
        nested.iterator = (reference_text(iterator.expression) if iterator is not None else None) or name
        self.blocks.setdefault(name, []).append(nested)

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def __bool__(self) -> bool:
        return bool(self.attributes or self.blocks)


class NestedBlock:
    """One block inside another. for_each: that of a dynamic block, whose content this is."""

    __slots__ = ("_body", "_nested", "_text", "for_each", "header", "iterator", "path")

    def __init__(self, body: Body, header: SourceRange, path: str, nested: NestedNames | None) -> None:
        self._body = body
        self._nested = nested
        self._text: BlockText | None = None
        self.header = header
        self.path = path
        self.for_each: Expression | None = None
        self.iterator = ""

    @property
    def text(self) -> BlockText:
        if self._text is None:
            self._text = BlockText.of(self._body, self.path, self._nested)
        return self._text


def objects_of(expression: Expression) -> list[Object] | None:
    """The objects that a block is written as in JSON syntax: one, or a list of them; None if it is neither."""
    if isinstance(expression, Object):
        return [expression]
    if isinstance(expression, Tuple):
        items = [item for item in expression.items if isinstance(item, Object)]
        return items if len(items) == len(expression.items) else None
    return None


def body_of(item: Object) -> Body:
    """An object of JSON syntax as the body of a block."""
    attributes: dict[str, AttributeDefinition] = {}
    for key, value in item.items:
        if isinstance(key, Literal) and isinstance(key.value, str) and key.value != "//":
            whole = key.range.to(value.range)
            attributes[key.value] = AttributeDefinition(key.value, key.range, value, whole)
    return Body(attributes, [], item.range)


def dynamic_blocks(expression: Expression) -> list[Block]:
    """The dynamic blocks of JSON syntax: an object from block types to one object each, or to a list of them."""
    blocks: list[Block] = []
    for level in objects_of(expression) or ():
        for key, value in level.items:
            if not (isinstance(key, Literal) and isinstance(key.value, str)):
                continue
            for item in objects_of(value) or ():
                inner = body_of(item)
                content = inner.attributes.pop("content", None)
                for part in objects_of(content.expression) or () if content is not None else ():
                    inner.blocks.append(Block("content", [], [], body_of(part), part.range, part.range))
                blocks.append(Block("dynamic", [key.value], [key.range], inner, key.range, key.range.to(item.range)))
    return blocks


def reference_text(expression: Expression) -> str | None:
    """`aws.west` as text, from a reference or (JSON) a string; None for any other expression. Indexes are dropped."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Attribute):
        source = reference_text(expression.source)
        return None if source is None else f"{source}.{expression.name}"
    if isinstance(expression, Index):
        return reference_text(expression.source)
    return None


def address_text(expression: Expression) -> str | None:
    """`module.a["x"].aws_s3_bucket.this[0]` as text, with constant keys; None for any other expression."""
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, (Attribute, Index)):
        source = address_text(expression.source)
        if source is None:
            return None
        if isinstance(expression, Attribute):
            return f"{source}.{expression.name}"
        key = expression.key
        if isinstance(key, Literal) and isinstance(key.value, (int, str)) and not isinstance(key.value, bool):
            return f"{source}[{key_text(key.value)}]"
    return None


def key_text(key: object) -> str:
    """A key as Terraform writes it in addresses; `*` for the symbolic one."""
    if not isinstance(key, str):
        return str(key)
    text = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return '"' + text.replace("${", "$${").replace("%{", "%%{") + '"'

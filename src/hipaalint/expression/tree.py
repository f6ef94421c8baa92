"""The one expression tree: what Terraform's text, CloudFormation's intrinsics and the conditions of checks become.

Made by syntax/hcl.py, load/cloudformation/ and the tests; evaluated by expression/evaluator.py and by nothing else.
"""

from __future__ import annotations

from ..source import SourceRange


class Expression:
    """A node with the range of its text. Nodes are never changed after they are made, so they can be shared."""

    __slots__ = ("range",)
    range: SourceRange


class Literal(Expression):
    """A constant: None, bool, int, Decimal or str."""

    __slots__ = ("value",)

    def __init__(self, value: object, range: SourceRange) -> None:
        self.value = value
        self.range = range


class Template(Expression):
    """A string put together from parts: literals and interpolations. `"${x}"` alone is no Template but x itself."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Expression], range: SourceRange) -> None:
        self.parts = parts
        self.range = range


class TemplateFor(Expression):
    """`%{ for k, v in collection }body%{ endfor }` inside a template: the texts of all rounds, joined."""

    __slots__ = ("body", "collection", "key", "value")

    def __init__(
        self, key: str | None, value: str, collection: Expression, body: Expression, range: SourceRange
    ) -> None:
        self.key = key
        self.value = value
        self.collection = collection
        self.body = body
        self.range = range


class Name(Expression):
    """The first part of a reference (`var`, `aws_s3_bucket`, a loop variable): what the scope knows."""

    __slots__ = ("name",)

    def __init__(self, name: str, range: SourceRange) -> None:
        self.name = name
        self.range = range


class Attribute(Expression):
    """`source.name`"""

    __slots__ = ("name", "source")

    def __init__(self, source: Expression, name: str, range: SourceRange) -> None:
        self.source = source
        self.name = name
        self.range = range


class Index(Expression):
    """`source[key]`; also Terraform's old `source.0` and CloudFormation's Fn::Select and Fn::FindInMap."""

    __slots__ = ("key", "source")

    def __init__(self, source: Expression, key: Expression, range: SourceRange) -> None:
        self.source = source
        self.key = key
        self.range = range


class Splat(Expression):
    """`source[*].rest` and `source.*.rest`; `each` is the rest, in which SplatItem stands for the element."""

    __slots__ = ("each", "item", "source")

    def __init__(self, source: Expression, item: SplatItem, each: Expression, range: SourceRange) -> None:
        self.source = source
        self.item = item
        self.each = each
        self.range = range


class SplatItem(Expression):
    """The element in question, inside the `each` of its Splat."""

    __slots__ = ()

    def __init__(self, range: SourceRange) -> None:
        self.range = range


class Unary(Expression):
    """`!x` or `-x`"""

    __slots__ = ("operand", "operator")

    def __init__(self, operator: str, operand: Expression, range: SourceRange) -> None:
        self.operator = operator
        self.operand = operand
        self.range = range


class Binary(Expression):
    """operator: one of + - * / % == != < > <= >= && ||"""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Expression, right: Expression, range: SourceRange) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.range = range


class Conditional(Expression):
    """`condition ? then : otherwise`, Fn::If (as `Choose`, below) and `%{ if }` in templates."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, condition: Expression, then: Expression, otherwise: Expression, range: SourceRange) -> None:
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.range = range


class Choose(Conditional):
    """As Conditional, but the branches keep their own types (CloudFormation's Fn::If, which converts nothing)."""

    __slots__ = ()


class Tuple(Expression):
    """`[a, b]`"""

    __slots__ = ("items",)

    def __init__(self, items: list[Expression], range: SourceRange) -> None:
        self.items = items
        self.range = range


class Object(Expression):
    """`{ key = value }`; a bare identifier as key is a Literal, `(expression)` anything."""

    __slots__ = ("items",)

    def __init__(self, items: list[tuple[Expression, Expression]], range: SourceRange) -> None:
        self.items = items
        self.range = range


class For(Expression):
    """`[for k, v in c : value if condition]`, or with key_result `{for … : key_result => value…}`."""

    __slots__ = ("collection", "condition", "grouping", "key", "key_result", "value", "value_result")

    def __init__(
        self,
        key: str | None,
        value: str,
        collection: Expression,
        key_result: Expression | None,
        value_result: Expression,
        condition: Expression | None,
        grouping: bool,
        range: SourceRange,
    ) -> None:
        self.key = key
        self.value = value
        self.collection = collection
        self.key_result = key_result
        self.value_result = value_result
        self.condition = condition
        self.grouping = grouping
        self.range = range


class Call(Expression):
    """`name(arguments)`; `expand` for `f(list...)`; a provider function keeps its full name `provider::x::f`.

    CloudFormation's own intrinsics without an HCL counterpart are calls too, named `Fn::GetAZs` and so on.
    """

    __slots__ = ("arguments", "expand", "name")

    def __init__(self, name: str, arguments: list[Expression], expand: bool, range: SourceRange) -> None:
        self.name = name
        self.arguments = arguments
        self.expand = expand
        self.range = range

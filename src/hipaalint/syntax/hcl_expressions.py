"""HCL expressions: operators by precedence, references and what is chained to them, straight to the tree.

The last reader but one, above hcl_collections.py; hcl.py reads bodies with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from re import Match
from typing import Final

from ..expression.tree import (
    Attribute,
    Binary,
    Conditional,
    Expression,
    Index,
    Literal,
    Name,
    Splat,
    SplatItem,
    Unary,
)
from . import hcl_scanner as scan
from .hcl_collections import CollectionReader
from .hcl_scanner import FREE, MAX_HEIGHT, MAX_NESTING, BadLiteral, Mode

_PRECEDENCE: Final = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_KEYWORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None}
# From these on the height of the tree is counted; below, it is small whatever the text.
_LONG_CHAIN: Final = 8
_DEEP_NESTING: Final = 32


class ExpressionReader(CollectionReader):
    """Adds operators, references and their steps to the reader of what stands in brackets.

    Nothing here calls itself but through `expression`, which counts the depth. A chain (`a + a + …`, `a.b.c…`, `!!…a`)
    is read in a loop.
    """

    __slots__ = ()

    def whole_expression(self, mode: Mode) -> Expression:
        """An expression that is not part of another: here the height of the tree is judged."""
        start = self.pos
        return self.bounded(partial(self.expression, mode), start)

    def whole_template(self) -> Expression:
        """The template that the whole text is."""
        return self.bounded(self.bare_template, 0)

    def bounded(self, read: Callable[[], Expression], start: int) -> Expression:
        """What is read, if its tree is not too high."""
        self.tall = False
        try:
            node = read()
        except RecursionError:
            # Within MAX_NESTING still, but the caller (a function that parses, deep in an evaluation) left no room.
            raise self.fault(scan.TOO_DEEP, start) from None
        if self.tall and _height(node) > MAX_HEIGHT:
            raise self.fault(scan.TOO_LONG, start, self.pos)
        return node

    def expression(self, mode: Mode) -> Expression:
        """Operators and the conditional, over terms."""
        self.depth += 1
        if self.depth > _DEEP_NESTING:
            self.tall = True
            if self.depth > MAX_NESTING:
                raise self.unexpected(mode, scan.TOO_DEEP)
        node = self.term(mode)
        found = mode.operator(self.text, self.pos)
        if found is not None:
            node = self.operation(node, found, mode)
        self.depth -= 1
        return node

    def operation(self, node: Expression, found: Match[str] | None, mode: Mode) -> Expression:
        """Operators by precedence, without recursion; then the conditional, which binds least and to the right."""
        text = self.text
        start = self.begin
        operands = [(node, start, self.pos)]
        pending: list[str] = []

        def reduce() -> None:
            right, _, end = operands.pop()
            left, begin, _ = operands.pop()
            operands.append((Binary(pending.pop(), left, right, self.make_range(begin, end)), begin, end))

        links = 0
        while found is not None and found[1] != "?":
            links += 1
            if links > MAX_HEIGHT:
                raise self.fault(scan.TOO_LONG, start, found.end())
            precedence = _PRECEDENCE[found[1]]
            while pending and _PRECEDENCE[pending[-1]] >= precedence:
                reduce()
            pending.append(found[1])
            self.pos = found.end()
            operand = self.term(mode)
            operands.append((operand, self.begin, self.pos))
            found = mode.operator(text, self.pos)
        while pending:
            reduce()
        if links > _LONG_CHAIN:
            self.tall = True
        node = operands[0][0]
        if found is not None:
            self.pos = found.end()
            then = self.expression(mode)
            colon = mode.punctuation(text, self.pos)
            if colon is None or colon[1] != ":":
                message = "Missing false expression in conditional: after `condition ? value` a colon must follow."
                raise self.unexpected(mode, message)
            self.pos = colon.end()
            otherwise = self.expression(mode)
            node = Conditional(node, then, otherwise, self.make_range(start, self.pos))
        return node

    def term(self, mode: Mode) -> Expression:
        """A value with the operators before it and the `.name`, `[key]`, `[*]` behind it."""
        text = self.text
        found = mode.term(text, self.pos)
        operators: list[tuple[str, int]] = []
        while found is not None and found.lastindex == 6:
            operators.append((found[6], found.start(6)))
            self.pos = found.end()
            found = mode.term(text, self.pos)
        if found is None:
            raise self.unexpected(mode, "Invalid expression: a value is expected here.")
        kind: int = found.lastindex  # type: ignore[assignment]
        start, self.pos = found.span(kind)
        node: Expression
        if kind == 1:
            node = self.reference(found[1], start)
        elif kind == 3:
            start -= 1
            self.pos += 1
            node = Literal(scan.normalized(found[3]), self.make_range(start, self.pos))
        elif kind == 2:
            node = self.number(found[2], start)
        elif kind == 5:
            node = self.parenthesis(start) if found[5] == "(" else self.collection(found[5], start)
        elif kind == 4:
            node = self.template(start)
        else:
            node = self.heredoc(found[9], found[8] is not None, start)
        if text[self.pos : self.pos + 1] not in mode.ends_a_term:
            node = self.steps(node, start, mode, found[1] if kind == 1 and "." not in found[1] else None)
        if operators:
            if len(operators) > _LONG_CHAIN:
                self.tall = True
                if len(operators) > MAX_HEIGHT:
                    raise self.fault(scan.TOO_LONG, operators[0][1], self.pos)
            for operator, start in reversed(operators):
                node = Unary(operator, node, self.make_range(start, self.pos))
        self.begin = start
        return node

    def number(self, text: str, start: int) -> Literal:
        try:
            return Literal(scan.number_value(text), self.make_range(start, self.pos))
        except BadLiteral as bad:
            raise self.fault(bad.message, start, self.pos) from None

    def reference(self, dotted: str, start: int) -> Expression:
        """A name and the attributes that follow it directly; or `true`, `false`, `null`."""
        make_range = self.make_range
        if "." not in dotted:
            if dotted in _KEYWORDS:
                return Literal(_KEYWORDS[dotted], make_range(start, self.pos))
            if not dotted.isascii():
                self.check_name(start, self.pos)
            return Name(dotted, make_range(start, self.pos))
        names = dotted.split(".")
        if len(names) > _LONG_CHAIN:
            self.tall = True
            if len(names) > MAX_HEIGHT:
                raise self.fault(scan.TOO_LONG, start, self.pos)
        if not dotted.isascii():
            end = start - 1
            for name in names:
                self.check_name(end + 1, end + 1 + len(name))
                end += 1 + len(name)
        first = names[0]
        end = start + len(first)
        node: Expression
        if first in _KEYWORDS:
            node = Literal(_KEYWORDS[first], make_range(start, end))
        else:
            node = Name(first, make_range(start, end))
        for name in names[1:]:
            end += 1 + len(name)
            node = Attribute(node, name, make_range(start, end))
        return node

    def steps(self, node: Expression, start: int, mode: Mode, name: str | None) -> Expression:
        """What stands behind a term: attributes, indexes, splats, and the arguments if the term is a bare `name`.

        `[*]` takes all further steps for itself, `.*` only attributes: `x.*.y[0]` is `(x.*.y)[0]`.
        """
        text = self.text
        make_range = self.make_range
        splats: list[tuple[Expression, SplatItem]] = []
        attribute_splat: tuple[Expression, SplatItem] | None = None
        links = 0
        while True:
            found = mode.postfix(text, self.pos)
            if found is None:
                break
            kind = found.lastindex or 0
            if kind >= 7:
                if name is None or links:
                    break
                node = self.call(name, start, mode)
                name = None
                continue
            links += 1
            if links > MAX_HEIGHT:
                raise self.fault(scan.TOO_LONG, start, found.end())
            if kind == 1:
                self.pos = found.end()
                if not found[1].isascii():
                    self.check_name(*found.span(1))
                node = Attribute(node, found[1], make_range(start, self.pos))
                continue
            if kind == 2:
                self.pos = found.end()
                if "." in found[2]:
                    message = "Invalid legacy index syntax: two indexes in a row are written [0][1]."
                    raise self.fault(message, found.start(2), found.end())
                node = Index(node, self.number(found[2], found.start(2)), make_range(start, self.pos))
                continue
            if attribute_splat is not None:
                if kind == 3:
                    message = "Nested splat expression not allowed: write [*] instead of the first .* here."
                    raise self.fault(message, found.start(3))
                if kind >= 5:
                    node = Splat(*attribute_splat, node, make_range(start, self.pos))
                    attribute_splat = None
            if kind == 5:
                node = self.index(node, start, found.start(5))
                continue
            if kind == 4:
                self.pos = found.end()
                raise self.unexpected(mode, "Invalid attribute name: after a dot a name, a number or * is expected.")
            marker = found.start(kind if kind == 3 else 5)
            self.pos = found.end()
            if kind == 6:
                self.close("]", mode, marker, "Missing close bracket on splat index: after [* a ] is expected.")
            item = SplatItem(make_range(marker, self.pos))
            if kind == 3:
                attribute_splat = (node, item)
            else:
                splats.append((node, item))
            node = item
        if attribute_splat is not None:
            node = Splat(*attribute_splat, node, make_range(start, self.pos))
        while splats:
            source, item = splats.pop()
            node = Splat(source, item, node, make_range(start, self.pos))
        if links > _LONG_CHAIN:
            self.tall = True
        return node

    def index(self, node: Expression, start: int, bracket: int) -> Expression:
        """`[key]` behind a term."""
        self.pos = bracket + 1
        key = self.expression(FREE)
        self.close("]", FREE, bracket, "Missing close bracket on index: after the key a ] is expected.")
        return Index(node, key, self.make_range(start, self.pos))

    def parenthesis(self, bracket: int) -> Expression:
        """`(expression)`: no node of its own."""
        node = self.expression(FREE)
        self.close(")", FREE, bracket, "Unbalanced parentheses: after the expression a ) is expected.")
        return node


def _height(root: Expression) -> int:
    """Nodes on the longest path, counted without recursion."""
    highest = 0
    stack: list[tuple[object, int]] = [(root, 1)]
    while stack:
        node, height = stack.pop()
        if isinstance(node, (list, tuple)):
            stack.extend((child, height) for child in node)
        elif isinstance(node, Expression):
            highest = max(highest, height)
            stack.extend((getattr(node, slot), height + 1) for slot in type(node).__slots__)
    return highest

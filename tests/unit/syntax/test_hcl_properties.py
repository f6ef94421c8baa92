"""Properties of the HCL reader: what was printed is read back; no text whatever makes it crash."""

from __future__ import annotations

import json
import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hipaalint.expression import tree
from hipaalint.expression.tree import Expression
from hipaalint.source import SourceFile, SourceRange, SyntaxFault
from hipaalint.syntax.hcl import parse_body, parse_expression, parse_template
from tests.unit.syntax.hcl_shape import shape

NOWHERE = SourceRange(SourceFile("made", ""), 0, 0)
OPERATORS = [["||"], ["&&"], ["==", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"]]
LEVEL = {operator: level for level, operators in enumerate(OPERATORS, 1) for operator in operators}
UNARY, POSTFIX = 7, 8

names = st.sampled_from(["a", "b", "var", "local", "x-y", "_z", "forest", "if", "π"])
texts = st.text(st.sampled_from('ab $%{}"\\\n\t~é😀}'), max_size=6)


def _joined(parts: list[Expression]) -> list[Expression]:
    """No two literals side by side: they are read back as one."""
    result: list[Expression] = []
    for part in parts:
        if result and isinstance(part, tree.Literal) and isinstance(result[-1], tree.Literal):
            continue
        result.append(part)
    return result


def _template(parts: list[Expression]) -> Expression:
    """A template that is read back as one: two parts at least, literals of text that is not empty."""
    return tree.Template(_joined([tree.Literal("-", NOWHERE), *parts, tree.Name("a", NOWHERE)]), NOWHERE)


def _splat(source: Expression, steps: list[str | int]) -> Expression:
    item = tree.SplatItem(NOWHERE)
    each: Expression = item
    for step in steps:
        each = (
            tree.Attribute(each, step, NOWHERE)
            if isinstance(step, str)
            else tree.Index(each, tree.Literal(step, NOWHERE), NOWHERE)
        )
    return tree.Splat(source, item, each, NOWHERE)


literals = st.one_of(
    st.sampled_from([None, True, False]),
    st.integers(0, 10**30),
    st.decimals("0.001", "1e9", allow_nan=False, places=3)
    .map(lambda n: Decimal(n).normalize())
    .filter(lambda n: n % 1 != 0),
    texts,
).map(lambda value: tree.Literal(value, NOWHERE))


def _nodes(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    lists = st.lists(inner, max_size=3)
    texts_and_values = st.lists(
        st.one_of(texts.filter(bool).map(lambda text: tree.Literal(text, NOWHERE)), inner.filter(_is_no_text)),
        max_size=3,
    )
    return st.one_of(
        st.builds(lambda source, name: tree.Attribute(source, name, NOWHERE), inner, names),
        st.builds(lambda source, key: tree.Index(source, key, NOWHERE), inner, inner),
        st.builds(_splat, inner, st.lists(st.one_of(names, st.integers(0, 9)), max_size=3)),
        st.builds(lambda operator, operand: tree.Unary(operator, operand, NOWHERE), st.sampled_from("!-"), inner),
        st.builds(lambda op, a, b: tree.Binary(op, a, b, NOWHERE), st.sampled_from(list(LEVEL)), inner, inner),
        st.builds(lambda a, b, c: tree.Conditional(a, b, c, NOWHERE), inner, inner, inner),
        st.builds(_template, texts_and_values),
        lists.map(lambda items: tree.Tuple(items, NOWHERE)),
        st.lists(st.tuples(inner, inner), max_size=3).map(lambda items: tree.Object(items, NOWHERE)),
        st.builds(
            lambda name, arguments, expand: tree.Call(name, arguments, expand and bool(arguments), NOWHERE),
            st.sampled_from(["f", "jsonencode", "provider::aws::f", "core::x-y"]),
            lists,
            st.booleans(),
        ),
        st.builds(
            lambda key, value, collection, result, condition: tree.For(
                key, value, collection, None, result, condition, False, NOWHERE
            ),
            st.none() | names,
            names,
            inner,
            inner,
            st.none() | inner,
        ),
        st.builds(
            lambda value, collection, key_result, result, condition, grouping: tree.For(
                None, value, collection, key_result, result, condition, grouping, NOWHERE
            ),
            names,
            inner,
            inner,
            inner,
            st.none() | inner,
            st.booleans(),
        ),
    )


def _is_no_text(node: Expression) -> bool:
    return not isinstance(node, tree.Literal)


expressions: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(literals, names.map(lambda name: tree.Name(name, NOWHERE))), _nodes, max_leaves=25
)


class Printer:
    """Prints a tree as HCL, with brackets only where they are needed and blanks and comments by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def gap(self) -> str:
        return self.chance.choice(["", " ", " ", "\n", " /* ( */ ", " # }\n", '\t// "\r\n '])

    def at(self, node: Expression, level: int) -> str:
        text = self.text(node)
        return f"({self.gap()}{text}{self.gap()})" if self.level(node) < level else text

    @staticmethod
    def level(node: Expression) -> int:
        match node:
            case tree.Conditional():
                return 0
            case tree.Binary(operator=operator):
                return LEVEL[operator]
            case tree.Unary():
                return UNARY
            case _:
                return POSTFIX

    def source(self, node: Expression) -> str:
        """What steps are appended to: `[*]` would take them, and a number would take a dot."""
        if isinstance(node, tree.Splat) or (isinstance(node, tree.Literal) and isinstance(node.value, int | Decimal)):
            return f"({self.text(node)})"
        return self.at(node, POSTFIX)

    def steps(self, node: Expression) -> str:
        match node:
            case tree.Attribute(source=source, name=name):
                return f"{self.steps(source)}{self.gap()}.{self.gap()}{name}"
            case tree.Index(source=source, key=key):
                return f"{self.steps(source)}{self.gap()}[{self.gap()}{self.text(key)}{self.gap()}]"
        return ""

    def quoted(self, value: str) -> str:
        escaped = json.dumps(value, ensure_ascii=self.chance.random() < 0.5 and max(value, default="a") < "\uffff")[
            1:-1
        ]
        return escaped.replace("${", "$${").replace("%{", "%%{")

    def text(self, node: Expression) -> str:
        gap = self.gap
        match node:
            case tree.Literal(value=str() as value):
                return f'"{self.quoted(value)}"'
            case tree.Literal(value=Decimal() as number):
                return f"{number:f}"
            case tree.Literal(value=value):
                return json.dumps(value)
            case tree.Name(name=name):
                return name
            case tree.Attribute(source=source, name=name):
                return f"{self.source(source)}{gap()}.{gap()}{name}"
            case tree.Index(source=source, key=key):
                return f"{self.source(source)}{gap()}[{gap()}{self.text(key)}{gap()}]"
            case tree.Splat(source=source, each=each):
                return f"{self.source(source)}{gap()}[{gap()}*{gap()}]{self.steps(each)}"
            case tree.Unary(operator=operator, operand=operand):
                return f"{operator}{gap()}{self.at(operand, UNARY)}"
            case tree.Binary(operator=operator, left=left, right=right):
                level = LEVEL[operator]
                return f"{self.at(left, level)} {gap()}{operator} {gap()}{self.at(right, level + 1)}"
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                return f"{self.at(condition, 1)} {gap()}? {self.text(then)} {gap()}: {gap()}{self.text(otherwise)}"
            case tree.Template(parts=parts):
                return '"' + "".join(map(self.part, parts)) + '"'
            case tree.Tuple(items=items):
                return f"[{self.list(items)}]"
            case tree.Object(items=pairs):
                inside = ", ".join(
                    f"({self.text(key)}) {self.chance.choice('=:')} ({self.text(value)})" for key, value in pairs
                )
                return f"{{{inside}}}"
            case tree.Call(name=name, arguments=arguments, expand=expand):
                return f"{name}({self.list(arguments, '...' if expand else None)})"
            case tree.For():
                loop = f"{node.key}{gap()}, {node.value}" if node.key is not None else node.value
                results = self.text(node.value_result)
                if node.key_result is not None:
                    results = (
                        f"{self.text(node.key_result)}{gap()} =>{gap()}{results}{gap()}{'...' if node.grouping else ''}"
                    )
                only = f" if{gap()} {self.text(node.condition)}" if node.condition is not None else ""
                brackets = "{}" if node.key_result is not None else "[]"
                inside = f"{gap()}for {loop} in {self.text(node.collection)}{gap()} :{gap()} {results}{only}{gap()}"
                return brackets[0] + inside + brackets[1]
        raise AssertionError(f"no such node: {node!r}")

    def part(self, node: Expression) -> str:
        if isinstance(node, tree.Literal) and isinstance(node.value, str):
            # A dollar sign before an interpolation would make it an escape.
            text = self.quoted(node.value)
            return text[:-1] + f"\\u{ord(text[-1]):04x}" if text.endswith(("$", "%")) else text
        return f"${{{self.gap()}{self.text(node)}{self.gap()}}}"

    def list(self, items: list[Expression], end: str | None = None) -> str:
        gap = self.gap
        inside = f"{gap()},{gap()}".join(map(self.text, items))
        return gap() + inside + (end if end is not None else self.chance.choice(["", ","]) if items else "") + gap()


@given(expressions, st.integers(0, 2**32))
def test_printed_trees_are_read_back(node: Expression, seed: int) -> None:
    text = Printer(seed).text(node)
    read = parse_expression(text)
    assert shape(read) == shape(node)
    assert 0 <= read.range.start <= read.range.end <= len(text)
    assert shape(parse_expression(SourceFile("f", f"é {text} é"), 2, len(text) + 2)) == shape(node)


@given(expressions, st.integers(0, 2**32))
def test_printed_attributes_are_read_back(node: Expression, seed: int) -> None:
    body, diagnostics = parse_body(SourceFile("f.tf", f"block {{\n  a = ({Printer(seed).text(node)})\n  b = 1\n}}\n"))
    assert diagnostics == []
    attributes = body.blocks[0].body.attributes
    assert [shape(each.expression) for each in attributes.values()] == [shape(node), "1"]


FRAGMENTS = [
    *" \t\n\"{}[]().,*?:=!-+/%<>&|#~$\\'`;é²\ufeff\x00\u0301\r\u00a01a_",
    *[
        "${",
        "%{",
        "~}",
        "$${",
        "%%{",
        "...",
        "[*]",
        ".*",
        "=>",
        "::",
        "//",
        "/*",
        "*/",
        "<<E\n",
        "<<-E\n",
        "\nE\n",
        "\r\n",
    ],
    *[
        "for ",
        "in ",
        "if ",
        "else",
        "endif",
        "endfor",
        "null",
        "1.5e3",
        "\\u00e9",
        "\\d",
        "f(",
        "x = ",
        "b {\n",
        "\n}\n",
        '"l"',
    ],
]
garbage = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))


@given(garbage)
def test_any_text_is_read_or_told(text: str) -> None:
    file = SourceFile("f.tf", text)
    body, diagnostics = parse_body(file)
    assert body.range.end == len(text)
    for diagnostic in diagnostics:
        assert diagnostic.severity == "error"
        assert diagnostic.range is not None
        assert 0 <= diagnostic.range.start <= diagnostic.range.end <= len(text)
    for parse in (parse_expression, parse_template):
        try:
            place = parse(file).range
        except SyntaxFault as fault:
            place = fault.range
        assert 0 <= place.start <= place.end <= len(text)


@given(garbage)
def test_garbage_costs_nothing_around_it(text: str) -> None:
    # Brackets, heredocs and comments that stay open may take what follows them; nothing else may.
    if any(opener in text for opener in ("{", "[", "(", "<<", "/*", '"')):
        return
    before, after = 'a "before" {\n}\n', '\na "after" {\n}\n'
    body, _ = parse_body(SourceFile("f.tf", before + text + after))
    labels = [block.labels for block in body.blocks]
    assert labels[0] == ["before"]
    assert labels[-1][-1:] == ["after"]

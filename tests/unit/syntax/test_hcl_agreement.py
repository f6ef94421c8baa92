"""Our trees and those of python-hcl2 agree, on our fixtures and on any folder that HIPAALINT_CORPUS names.

What a heredoc contains is left out: python-hcl2 does not read it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hipaalint.source import SourceFile
from hipaalint.syntax.hcl import parse_body
from tests.unit.syntax.hcl_shape import body_shape

REPOSITORY = Path(__file__).parents[3]
FOLDERS = [
    REPOSITORY / "fixtures",
    *([Path(os.environ["HIPAALINT_CORPUS"])] if "HIPAALINT_CORPUS" in os.environ else []),
]

# Files, by the end of their path, on which the two may differ, and why. None is known in the corpora looked at so far.
MAY_DIFFER: dict[str, str] = {}

# Why python-hcl2 cannot be the reader of a run: text, our tree (None: Terraform rejects the text, and so do we).
DEFECTS: list[tuple[str, str, list[object] | None]] = [
    ("a blank behind an end marker hides what follows", "a = <<E\nx\nE \nb {\n}\nc = <<E\ny\nE\n",
     [["a = <<", "c = <<"], [["b", [[], []]]]]),
    ("a byte order mark is no part of a name", "\ufeffa = 1\n", [["a = 1"], []]),
    ("names beyond ASCII", "π = 3\n", [["π = 3"], []]),
    ("two-part names of functions", "a = core::f(1)\n", [["a = (core::f! 1)"], []]),
    ("trimmed interpolations", 'a = "${~ x ~}"\n', [["a = x"], []]),
    ("operators in a row", "a = !!x\n", [["a = (! (! x))"], []]),
    ("a newline in an interpolation", 'a = "${\nx\n}"\n', [["a = x"], []]),
    ("a minus after a newline in a list", "a = [1\n -2]\n", [["a = [(- 1 2)]"], []]),
    ("a comment between labels", 'a "b" /* c */ "d" {\n}\n', [[], [["a", "b", "d", [[], []]]]]),
    ("two attributes of one name", "a = 1\na = 2\n", None),
    ("two attributes in one line", "a = 1 b = 2\n", None),
    ("wrong escapes", 'a = "\\d"\n', None),
    ("strings over two lines", 'a = "b\nc"\n', None),
    ("templates as labels", 'a "${b}" {\n}\n', None),
    ("an operator on the next line", "a = b\n + c\n", None),
]  # fmt: skip


def _files() -> list[Path]:
    return sorted(path for folder in FOLDERS for suffix in ("*.tf", "*.tfvars") for path in folder.rglob(suffix))


class Lowering:
    """python-hcl2's tree in the notation of hcl_shape.py."""

    def body(self, node: Any) -> list[object]:
        attributes, blocks = [], []
        for child in self.children(node):
            if child.data == "attribute":
                name, value = self.children(child)
                attributes.append(f"{self.word(name)} = {self.expression(value)}")
            else:
                *header, body = self.children(child)
                labels = [self.expression(each)[1:-1] if each.data == "string" else self.word(each) for each in header]
                blocks.append([*labels, self.body(body)])
        return [sorted(attributes), blocks]

    @staticmethod
    def children(node: Any) -> list[Any]:
        """The subtrees; comments and line ends are left out."""
        return [each for each in node.children if hasattr(each, "data") and each.data != "new_line_or_comment"]

    @staticmethod
    def tokens(node: Any) -> list[str]:
        return [str(each).strip() for each in node.children if each is not None and not hasattr(each, "data")]

    def word(self, node: Any) -> str:
        return self.tokens(node)[0]

    def expression(self, node: Any) -> str:
        children = self.children(node)
        match node.data:
            case "expr_term" | "object_elem_key":
                return self.expression(children[0])
            case "identifier" | "keyword":
                return self.word(node)
            case "literal_value":
                return self.word(node)
            case "int_lit":
                return self.negated(str(int(self.word(node).lstrip("-"))), node)
            case "float_lit":
                return self.negated(self.word(node).lstrip("-"), node)
            case "string":
                return self.string(children)
            case "heredoc_template" | "heredoc_template_trim":
                return "<<"
            case "tuple":
                return f"[{self.all(children)}]"
            case "object":
                return "{" + ", ".join(self.element(each) for each in children) + "}"
            case "function_call":
                return self.call(children)
            case "unary_op":
                return f"({self.tokens(node)[0]} {self.expression(children[0])})"
            case "binary_op":
                operator, right = self.children(children[1])
                return f"({self.word(operator)} {self.expression(children[0])} {self.expression(right)})"
            case "conditional":
                return f"(? {self.all(children)})"
            case "index_expr_term" | "get_attr_expr_term":
                return self.step(self.expression(children[0]), children[1])
            case "attr_splat_expr_term" | "full_splat_expr_term":
                return self.splat(self.expression(children[0]), children[1])
            case "for_tuple_expr" | "for_object_expr":
                return self.loop(node, children)
        raise AssertionError(f"no such rule: {node.data}")

    def all(self, nodes: list[Any]) -> str:
        return " ".join(self.expression(each) for each in nodes)

    def negated(self, text: str, node: Any) -> str:
        return f"(- {text})" if self.word(node).startswith("-") else text

    def string(self, parts: list[Any]) -> str:
        """Escapes stay as they are written: for those that occur, that is how hcl_shape.py shows the character."""
        pieces: list[str] = []
        literal = ""
        for part in parts:
            inner = self.children(part)
            if not inner:
                literal += re.sub(r"([$%])\1\{", r"\1{", "".join(str(each) for each in part.children))
                continue
            if inner[0].data != "interpolation":
                raise AssertionError(f"no such rule: {inner[0].data}")
            pieces += [f'"{literal}"'] if literal else []
            pieces.append(self.expression(self.children(inner[0])[0]))
            literal = ""
        pieces += [f'"{literal}"'] if literal or not pieces else []
        return pieces[0] if len(pieces) == 1 else f"(template {' '.join(pieces)})"

    def element(self, node: Any) -> str:
        key, value = self.children(node)
        inner = self.children(key)
        name = inner[0] if inner else None
        while name is not None and name.data == "expr_term" and not self.tokens(name):
            name = self.children(name)[0]
        if name is not None and name.data in ("identifier", "keyword", "literal_value"):
            return f'"{self.word(name)}" {self.expression(value)}'
        return f"{self.expression(key)} {self.expression(value)}"

    def call(self, children: list[Any]) -> str:
        name = "::".join(self.word(each) for each in children if each.data == "identifier")
        arguments = [each for each in children if each.data == "arguments"]
        if not arguments:
            return f"({name}!)"
        expand = " ..." if "..." in self.tokens(arguments[0]) else ""
        return f"({name}! {self.all(self.children(arguments[0]))}{expand})"

    def step(self, source: str, node: Any) -> str:
        match node.data:
            case "get_attr":
                return f"(. {source} {self.word(self.children(node)[0])})"
            case "short_index":
                return f"([] {source} {self.tokens(node)[-1]})"
            case _:
                return f"([] {source} {self.expression(self.children(node)[0])})"

    def splat(self, source: str, node: Any) -> str:
        """Here python-hcl2 reads `x.*.y[0]` like `x[*].y[0]`; Terraform's reading is known from its specification."""
        steps = self.children(node)
        taken = len(steps)
        if node.data == "attr_splat":
            taken = next((at for at, step in enumerate(steps) if step.data == "braces_index"), taken)
        each = "@"
        for step in steps[:taken]:
            each = self.step(each, step)
        result = f"(* {source} {each})"
        for step in steps[taken:]:
            result = self.step(result, step)
        return result

    def loop(self, node: Any, children: list[Any]) -> str:
        intro, *results = children
        *variables, collection = self.children(intro)
        names = [self.word(each) for each in variables]
        condition = ""
        if results[-1].data == "for_cond":
            condition = f" if {self.expression(self.children(results.pop())[0])}"
        grouping = " ..." if "..." in self.tokens(node) else ""
        result = " => ".join(self.expression(each) for each in results)
        key = names[0] if len(names) == 2 else "-"
        return f"(for {key} {names[-1]} {self.expression(collection)} : {result}{grouping}{condition})"


def _differences(ours: object, theirs: object, where: str = "") -> Iterator[str]:
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(our, their, f"{where}/{number}")
    elif ours != theirs:
        yield f"{where}: {ours} <> {theirs}"


def _reference(text: str) -> list[object]:
    """python-hcl2's tree. Raises LarkError."""
    import hcl2

    return Lowering().body(Lowering.children(hcl2.parses_to_tree(text))[0])


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(path.parents[2])))
def test_same_tree(path: Path) -> None:
    if any(path.as_posix().endswith(name) for name in MAY_DIFFER):
        pytest.skip("listed in MAY_DIFFER")
    text = path.read_text(encoding="utf-8")
    body, diagnostics = parse_body(SourceFile(str(path), text))
    assert diagnostics == []
    assert list(_differences(body_shape(body, heredocs=False), _reference(text))) == []


def test_there_are_files_to_compare() -> None:
    assert len(_files()) > 10


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in DEFECTS], ids=[each[0] for each in DEFECTS])
def test_defects_of_the_reference(text: str, expected: list[object] | None) -> None:
    from lark.exceptions import LarkError

    body, diagnostics = parse_body(SourceFile("main.tf", text))
    assert (None if diagnostics else body_shape(body, heredocs=False)) == expected
    try:
        reference = _reference(text)
    except LarkError:
        reference = None
    assert reference != expected, "python-hcl2 reads this rightly now: take it off the list"

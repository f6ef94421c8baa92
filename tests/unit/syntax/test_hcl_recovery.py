"""A broken block costs itself and nothing else, and is never lost in silence; hostile texts end soon."""

from __future__ import annotations

import time

import pytest

from hipaalint.source import SourceFile, SyntaxFault
from hipaalint.syntax.hcl import MAX_FAULTS, parse_body, parse_expression, parse_template
from hipaalint.syntax.hcl_scanner import MAX_HEIGHT, MAX_NESTING

AFTER = '\nresource "c" "after" {\n  x = 1\n}\n'
BEFORE = 'resource "a" "before" {\n  x = "{"\n}\n\n'

# What stands in line 5 and after it, the place of the fault, and the last line that is left out.
BROKEN = [
    ("missing comma", 'resource "b" "x" {\n  l = [1 2]\n  y = 1\n}\n', (6, 10), 8),
    ("missing brace", 'resource "b" "x" {\n  x = 1\n', (5, 1), 6),
    ("missing brace of an inner block", 'resource "b" "x" {\n  inner {\n    y = 1\n}\n', (5, 1), 8),
    ("missing bracket", 'resource "b" "x" {\n  l = [1,\n  y = 1\n}\n', (7, 5), 8),
    ("missing parenthesis", 'resource "b" "x" {\n  l = f(1,\n  y = 1\n}\n', (7, 5), 8),
    ("one brace too many", 'resource "b" "x" {\n  x = 1\n}}\n', (7, 2), 7),
    ("unterminated string", 'resource "b" "x" {\n  x = "abc\n  y = 1\n}\n', (6, 7), 8),
    ("unterminated string with a brace", 'resource "b" "x" {\n  x = "{ abc\n  y = 1\n}\n', (6, 7), 8),
    ("unterminated interpolation", 'resource "b" "x" {\n  x = "${a"\n  y = 1\n}\n', (6, 11), 8),
    ("interpolation over lines", 'resource "b" "x" {\n  x = "${\n  a b\n}"\n  y = 1\n}\n', (7, 5), 10),
    ("bad escape", 'resource "b" "x" {\n  x = "\\d"\n}\n', (6, 8), 7),
    ("repeated attribute", 'resource "b" "x" {\n  x = 1\n  x = 2\n}\n', (7, 3), 8),
    ("heredoc that looks like blocks",
     'resource "b" "x" {\n  l = [1 2]\n  h = <<EOT\n}\nresource "no" "no" {\nEOT\n  y = 1\n}\n', (6, 10), 12),
    ("fault inside a heredoc", 'resource "b" "x" {\n  h = <<EOT\n}\n${a b}\nresource "no" "no" {\nEOT\n}\n', (8, 5), 11),
    ("heredoc without end", 'resource "b" "x" {\n  h = <<EOT\n  y = 1\n}\n', (6, 7), 8),
    ("comment with a brace", 'resource "b" "x" {\n  l = [1 2] # {\n  /* { */ // {\n}\n', (6, 10), 8),
    ("brace on the next line", 'resource "b" "x"\n{\n  y = 1\n}\n', (5, 17), 8),
    ("not indented", 'resource "b" "x" {\nl = [1 2]\ninner {\n}\ny = 2\n}\n', (6, 8), 10),
    ("CRLF", 'resource "b" "x" {\r\n  l = [1 2]\r\n  h = <<E\r\n}\r\nE\r\n}\r\n', (6, 10), 10),
    ("an attribute", "x = [\n  1 2\n]\n", (6, 5), 7),
    ("something else", "!!\n", (5, 1), 5),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "last"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN])
def test_one_broken_item_is_one_diagnostic(text: str, place: tuple[int, int], last: int) -> None:
    file = SourceFile("main.tf", BEFORE + text + AFTER)
    body, diagnostics = parse_body(file)
    assert [(each.severity, each.path, each.line, each.column) for each in diagnostics] == [
        ("error", "main.tf", *place)
    ]
    assert [block.labels[1] for block in body.blocks] == ["before", "after"]
    assert body.attributes == {}
    lines = "Line 5 was" if last == 5 else f"Lines 5 to {last} were"
    assert diagnostics[0].message.endswith(f"{lines} skipped; the rest of the file was read.")


def test_every_broken_block_is_told() -> None:
    text = "".join(f'resource "a" "r{number}" {{\n  x = {"1 2" if number % 2 else 1}\n}}\n' for number in range(20))
    body, diagnostics = parse_body(SourceFile("main.tf", text))
    assert [block.labels[1] for block in body.blocks] == [f"r{number}" for number in range(0, 20, 2)]
    assert [each.line for each in diagnostics] == [number * 3 + 2 for number in range(1, 20, 2)]


def test_too_many_faults_end_the_reading_and_say_so() -> None:
    body, diagnostics = parse_body(SourceFile("main.tf", "a = = 1\n" * 1000 + "b {\n}\n"))
    assert len(diagnostics) == MAX_FAULTS
    assert body.blocks == []
    assert diagnostics[-1].message.endswith(f"Lines {MAX_FAULTS} to 1002 were skipped; too many errors to read on.")


MANY = 10_000

HOSTILE = {
    "(": "a = " + "(" * MANY,
    "(…)": "a = " + "(" * MANY + "1" + ")" * MANY,
    "[": "a = " + "[" * MANY,
    "[…]": "a = " + "[" * MANY + "]" * MANY,
    "{": "a = " + "{" * MANY,
    "{a={": "a = " + "{a=" * MANY,
    "f(": "a = " + "f(" * MANY,
    "[for": "a = " + "[for x in " * MANY,
    "x[": "a = " + "x[" * MANY,
    "${": 'a = "' + '${"' * MANY,
    "%{if": 'a = "' + "%{if x}" * MANY + '"',
    "?": "a = " + "a ? " * MANY,
    "?:": "a = " + "a ? b : " * MANY + "c",
    "blocks": "a {\n" * MANY,
    "blocks closed": "a {\n" * MANY + "}\n" * MANY,
    "+": "a = " + "a + " * MANY + "a",
    ".y": "a = a" + ".y" * MANY,
    ".0": "a = a" + ".0 " * MANY,
    "[0]": "a = a" + "[0]" * MANY,
    "[*]": "a = a" + "[*]" * MANY,
    "!": "a = " + "!" * MANY + "a",
    "chains in brackets": "a = " + "(" * 100 + "a" + (" + a" * 50 + ")") * 100,
    "/*": "a = [" + "1, /*" * MANY,
    '"': 'a = "' * MANY,
    "strings open": 'a = "\n' * MANY,
    "heredocs open": "a = <<E\n" * MANY,
    "heredocs open, other markers": "".join(f"a = <<E{number}\n" for number in range(MANY)),
    "interpolations open": 'a = = "' + '${"x"}' * MANY + "${{{\n",
    "digits": "a = " + "9" * 1_000_000,
    "points": "a = " + "1." * MANY,
    "backslashes": 'a = "' + "\\" * 100_001 + '"',
    "labels": "a " + '"b" ' * MANY,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_a_diagnostic_soon(text: str) -> None:
    begin = time.process_time()
    _, diagnostics = parse_body(SourceFile("main.tf", text + "\n"))
    assert diagnostics
    # Whatever is quadratic takes minutes here; the slowest takes half a second on a slow machine.
    assert time.process_time() - begin < 10


def test_hostile_expression_is_a_fault() -> None:
    with pytest.raises(SyntaxFault, match="Nesting too deep"):
        parse_expression("[" * MANY)
    with pytest.raises(SyntaxFault, match="Nesting too deep"):
        parse_template("${" + '"${' * MANY)


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ("(" * (MAX_NESTING - 1) + "1" + ")" * (MAX_NESTING - 1), "(" * MAX_NESTING + "1" + ")" * MAX_NESTING),
        ("a" + "+a" * (MAX_HEIGHT - 1), "a" + "+a" * MAX_HEIGHT),
        ("a" + ".y" * (MAX_HEIGHT - 1), "a" + ".y" * MAX_HEIGHT),
        ("a" + "[0]" * (MAX_HEIGHT - 1), "a" + "[0]" * MAX_HEIGHT),
        ("!" * (MAX_HEIGHT - 1) + "a", "!" * MAX_HEIGHT + "a"),
        ("(a" + "+a" * 500 + ")" + "+a" * (MAX_HEIGHT - 501), "(a" + "+a" * 500 + ")" + "+a" * (MAX_HEIGHT - 500)),
        ("[" + "a+a+a+a+a+a+a+a+a+a," * 500 + "]", "1" * 1001),
    ],
)
def test_caps(allowed: str, refused: str) -> None:
    parse_expression(allowed)
    with pytest.raises(SyntaxFault, match=r"(not|are not) read"):
        parse_expression(refused)


def test_a_caller_deep_in_the_stack_gets_a_fault_too() -> None:
    def deep(frames: int, text: str) -> None:
        if frames:
            deep(frames - 1, text)
        else:
            parse_expression(text)

    text = "1+f(" * 120 + "1" + ")" * 120
    deep(1, text)
    with pytest.raises(SyntaxFault, match="Nesting too deep"):
        deep(600, text)
    body, diagnostics = parse_body(SourceFile("main.tf", "a {\n" * 100 + "}\n" * 100))
    assert (len(body.blocks), diagnostics) == (1, [])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('a "x" {\n  inner {\n    x = "on"}\n}\n', (3, 13)),
        ('a "x" {\n  inner { x = "on" }}\n', (2, 21)),
        ('a "x" {\n  inner { x = "on" y = 2 }\n}\n', (2, 20)),
        ('a "x" {\n  inner { x = "on"\n  }\n}\n', (2, 19)),
        ('a "x" { inner { x = "on" } }\n', (1, 9)),
    ],
)
def test_a_missing_line_end_in_a_block_costs_nothing_but_the_error(text: str, place: tuple[int, int]) -> None:
    body, diagnostics = parse_body(SourceFile("main.tf", text + AFTER))
    assert [block.labels for block in body.blocks] == [["x"], ["c", "after"]]
    assert body.blocks[0].body.blocks[0].body.attributes["x"].expression.range.text == '"on"'
    assert [(found.severity, found.line, found.column) for found in diagnostics] == [("error", *place)]
    assert diagnostics[0].message.endswith("It was read nevertheless.")


def test_a_missing_line_end_and_a_worse_fault_are_one_error() -> None:
    body, diagnostics = parse_body(SourceFile("main.tf", "a {\n  b = 1 c = 2\n  d = ]\n}\n" + AFTER))
    assert [block.labels for block in body.blocks] == [["c", "after"]]
    assert [(found.line, found.column) for found in diagnostics] == [(2, 9)]
    assert "Lines 1 to 4 were skipped" in diagnostics[0].message


def test_missing_line_ends_are_counted_too() -> None:
    _, diagnostics = parse_body(SourceFile("main.tf", "a { b = 1 c = 2 }\n" * 2 * MAX_FAULTS))
    assert len(diagnostics) <= 2 * MAX_FAULTS

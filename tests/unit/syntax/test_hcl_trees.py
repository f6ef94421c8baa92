"""What the texts of expressions and templates mean: shapes of trees, values of literals, ranges."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hipaalint.expression.tree import Attribute, Expression, Literal, Object
from hipaalint.source import SourceFile, SourceRange, SyntaxFault
from hipaalint.syntax.hcl import parse_body, parse_expression, parse_template
from tests.unit.syntax.hcl_shape import shape

EXPRESSIONS = [
    # operators
    ("1 - 2 - 3", "(- (- 1 2) 3)"),
    ("1 + 2 * 3 % 4 / 5", "(+ 1 (/ (% (* 2 3) 4) 5))"),
    ("a || b && c == d < e + f * g", "(|| a (&& b (== c (< d (+ e (* f g))))))"),
    ("a * b + c < d == e && f || g", "(|| (&& (== (< (+ (* a b) c) d) e) f) g)"),
    ("a >= b != c <= d", "(!= (>= a b) (<= c d))"),
    ("(a + b) * c", "(* (+ a b) c)"),
    ("!!a && - -b.c[0]", "(&& (! (! a)) (- (- ([] (. b c) 0))))"),
    ("-a + -1", "(+ (- a) (- 1))"),
    ("a ? b : c ? d : e", "(? a b (? c d e))"),
    ("a ? b ? 1 : 2 : 3", "(? a (? b 1 2) 3)"),
    ("a == b ? c + 1 : d", "(? (== a b) (+ c 1) d)"),
    ("a-b -c", "(- a-b c)"),
    # references
    ("a.b.c", "(. (. a b) c)"),
    ('a["k"].b[c.d]', '([] (. ([] a "k") b) (. c d))'),
    ("a.0.b", "(. ([] a 0) b)"),
    ("a.*.b.0.c", "(* a (. ([] (. @ b) 0) c))"),
    ("x.*.y[0].z", "(. ([] (* x (. @ y)) 0) z)"),
    ("x[*].y[0].z", "(* x (. ([] (. @ y) 0) z))"),
    ("x[*][*].y.*.z", "(* x (* @ (* (. @ y) (. @ z))))"),
    ("x[*].*", "(* x (* @ @))"),
    ("x.*[*].y", "(* (* x @) (. @ y))"),
    ("a.*.b * 2", "(* (* a (. @ b)) 2)"),
    ("true.x", "(. true x)"),
    ("f(x).y[0]", "([] (. (f! x) y) 0)"),
    ("(a).b", "(. a b)"),
    ("a . b\n  .c", "(. (. a b) c)"),
    # calls
    ("f()", "(f!)"),
    ("f (1, [2]...)", "(f! 1 [2] ...)"),
    ("f(\n1,\n2,\n)", "(f! 1 2)"),
    ("core::f(x)", "(core::f! x)"),
    ("provider::aws::f (x)", "(provider::aws::f! x)"),
    ("true(1)", "(true! 1)"),
    # collections
    ("[1,\n # c\n 2 // d\n, 3 /* e */,]", "[1 2 3]"),
    ("[1\n -2]", "[(- 1 2)]"),
    ("{a = 1, (b) : 2\n \"c\" = 3\n \"${d}\" = 4, 5 = 6\n e-f = 7}", '{"a" 1, b 2, "c" 3, d 4, 5 6, "e-f" 7}'),
    ("{null = 1, true = 2}", '{"null" 1, "true" 2}'),
    ("{a:b?c:d}", '{"a" (? b c d)}'),
    ("{b ? c : d = 1}", "{(? b c d) 1}"),
    ("({a = (b\n), c = 1\n})", '{"a" b, "c" 1}'),
    ("{}", "{}"),
    ("[for v in c : v]", "(for - v c : v)"),
    ("[for k, v in c : v if k != 1]", "(for k v c : v if (!= k 1))"),
    ("{\nfor k, v in c :\n k => v... if v }", "(for k v c : k => v ... if v)"),
    ("[forest, format(1)]", "[forest (format! 1)]"),
    # templates
    ('"${a}"', "a"),
    ('"${~ a ~}"', "a"),
    ('" ${~ a ~} "', "(template a)"),
    ('"a${b}c${"d${e}"}"', '(template "a" b "c" (template "d" e))'),
    ('"$$${a} $${b} %%{c} 100% $"', '"$${a} ${b} %{c} 100% $"'),
    ('"a$${b}${c}"', '(template "a${b}" c)'),
    ('"%{ if a }b%{ endif }"', '(template (? a "b" ""))'),
    ('"x%{ if a }${b}%{ else }c${d}%{ endif }"', '(template "x" (? a (template b) (template "c" d)))'),
    ('"%{ for k, v in m }${k}=%{ if v }1%{ endif };%{ endfor }"',
     '(template (template-for k v m (template k "=" (? v "1" "") ";")))'),
    ('"a \\n ${~ b ~} \\n c"', '(template "a" b "c")'),
    ('"${f("}")}"', '(f! "}")'),
    ('"${{a = "b"}}"', '{"a" "b"}'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_shape_of_expression(text: str, expected: str) -> None:
    assert shape(parse_expression(text)) == expected


LITERALS: list[tuple[str, object]] = [
    ("12", 12),
    ("007", 7),
    ("1.0", 1),
    ("1e3", 1000),
    ("1.25e1", Decimal("12.5")),
    ("0.1", Decimal("0.1")),
    ("1.50", Decimal("1.5")),
    ("0.1234567890123456789012345678901234567890", Decimal("0.123456789012345678901234567890123456789")),
    ("1e-3", Decimal("0.001")),
    ("9" * 1000, 10**1000 - 1),
    ("true", True),
    ("false", False),
    ("null", None),
    ('""', ""),
    (r'"\n\r\t\"\\"', '\n\r\t"\\'),
    (r'"\u00e9\U0001F600"', "é😀"),
    ('"e\u0301"', "é"),
    ('"a\x00b\t"', "a\x00b\t"),
]


@pytest.mark.parametrize(("text", "expected"), LITERALS)
def test_value_of_literal(text: str, expected: object) -> None:
    node = parse_expression(text)
    assert isinstance(node, Literal)
    assert (type(node.value), str(node.value)) == (type(expected), str(expected))


# All results are those of `terraform console`; {x} and {y} stand for interpolations of the names x and y.
HEREDOCS = [
    ("plain", "<<E\nx\n  y\nE\n", '"x\\n  y\\n"'),
    ("empty", "<<E\nE\n", '""'),
    ("no escapes but of the templates", '<<E\na $${b} %%{c} $$ \\n "q"\nE\n', '"a ${b} %{c} $$ \\\\n \\"q\\"\\n"'),
    ("CRLF is kept", "<<E\r\nx\r\n  y\r\nE\r\n", '"x\\r\\n  y\\r\\n"'),
    ("blanks behind the end marker", "<<E\nx\n  E \t\n", '"x\\n"'),
    ("marker with a dash", "<<E-F\nx\nE\nE-F\n", '"x\\nE\\n"'),
    ("marker behind an interpolation", "<<E\n${x}E\nE\n", '(template x "E\\n")'),
    ("backslash before a template", "<<E\n\\${x}\nE\n", '(template "\\\\" x "\\n")'),
    ("marker inside an interpolation", "<<E\n${\nE\n}\nE\n", '(template E "\\n")'),
    ("heredoc inside a heredoc", "<<E\n${<<F\nx\nF\n}\nE\n", '(template "x\\n" "\\n")'),
    ("indentation", "<<-E\n    x\n      y\n\n   \n    z\n    E\n", '"x\\n  y\\n\\n   \\nz\\n"'),
    ("tabs and blanks count alike", "<<-E\n\t\tx\n  y\n  E\n", '"x\\ny\\n"'),
    ("no-break spaces count", "<<-E\n   \u00a0x\n    y\n  E\n", '"x\\ny\\n"'),
    ("indented interpolation", "<<-E\n  ${x}\n    y\n  E\n", '(template x "\\n  y\\n")'),
    ("interpolation at the margin", "<<-E\n${x}\n    y\n  E\n", '(template x "\\n    y\\n")'),
    ("trimming ends at the line", "<<E\nfoo\n  ${~ x ~}  \n  bar\nE\n", '(template "foo\\n" x "  bar\\n")'),
    ("a trimmed line is no line for the indentation", "<<-E\n    ${~ x ~}\n    b\n    E\n", '(template x "    b\\n")'),
    ("a line trimmed to nothing has no indentation", "<<-E\n  a\n  ${~x}\n   b\n E\n", '(template "  a\\n" x "\\n   b\\n")'),
    ("loop", "<<E\n%{ for x in y ~}\n  ${x}\n%{ endfor ~}\nE\n", '(template (template-for - x y (template "  " x "\\n")))'),
    ("condition", "<<-E\n    %{~ if x ~}\n    a\n    %{~ else ~}\n    b\n    %{~ endif ~}\n    c\n    E\n",
     '(template (? x "    a\\n" "    b\\n") "    c\\n")'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in HEREDOCS], ids=[case[0] for case in HEREDOCS])
def test_heredoc(text: str, expected: str) -> None:
    body, diagnostics = parse_body(SourceFile("main.tf", f"a = {text}b = 1\n"))
    assert diagnostics == []
    assert shape(body.attributes["a"].expression) == expected
    assert shape(body.attributes["b"].expression) == "1"


def test_heredocs_in_a_list_and_a_call() -> None:
    body, diagnostics = parse_body(SourceFile("main.tf", "a = [<<A\n]\nA\n, f(<<B\n)\nB\n)]\n"))
    assert diagnostics == []
    assert shape(body.attributes["a"].expression) == '["]\\n" (f! ")\\n")]'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '""'),
        ("plain", '"plain"'),
        ("${a}", "a"),
        ("${a}\n", '(template a "\\n")'),
        ('"${a.b}" \\n', '(template "\\"" (. a b) "\\" \\\\n")'),
        (
            "%{ for x in y ~}\n- ${x}\n%{ endfor ~}\nend",
            '(template (template-for - x y (template "- " x "\\n")) "end")',
        ),
    ],
)
def test_shape_of_template(text: str, expected: str) -> None:
    assert shape(parse_template(text)) == expected


def _places(node: Expression) -> tuple[int, int, int, int]:
    where = node.range
    return where.line, where.column, where.end_line, where.end_column


def test_ranges_of_a_body() -> None:
    text = '# é\nresource "a" b {\n  x = (1) + y.z # c\n  h = <<E\nq\nE\n}\n'
    body, diagnostics = parse_body(SourceFile("main.tf", text))
    assert diagnostics == []
    (block,) = body.blocks
    assert (block.type, block.labels) == ("resource", ["a", "b"])
    assert block.header_range.text == 'resource "a" b'
    assert [each.text for each in block.label_ranges] == ['"a"', "b"]
    assert block.range.text == text[4:-1]
    assert block.body.range.text.startswith("{\n  x")
    assert block.body.range.text.endswith("\n}")
    x = block.body.attributes["x"]
    assert (x.name_range.text, x.range.text, x.expression.range.text) == ("x", "x = (1) + y.z", "(1) + y.z")
    assert _places(x.expression) == (3, 7, 3, 16)
    assert block.body.attributes["h"].range.text == "h = <<E\nq\nE"


def test_ranges_inside_a_template_and_a_splat() -> None:
    node = parse_expression(SourceFile("f", '"a${b.c[*].d}e"'))
    splat = node.parts[1]  # type: ignore[attr-defined]
    assert splat.range.text == "b.c[*].d"
    assert splat.item.range.text == "[*]"
    assert splat.source.range.text == "b.c"


def test_part_of_a_file_has_the_ranges_of_the_file() -> None:
    file = SourceFile("check.yaml", "condition: |-\n  a.b ==\n    1\nmessage: x ${y}\n")
    start, end = file.text.index("a.b"), file.text.index("message")
    node = parse_expression(file, start, end)
    assert shape(node) == "(== (. a b) 1)"
    assert node.range.file is file
    assert _places(node) == (2, 3, 3, 6)
    template = parse_template(file, file.text.index("x ${"), len(file.text) - 1)
    assert template.parts[1].range.text == "y"  # type: ignore[attr-defined]
    with pytest.raises(SyntaxFault) as caught:
        parse_expression(file, start, end - len("\n    1\n"))
    assert (caught.value.range.line, caught.value.range.column) == (2, 9)


def test_decoded_text_has_the_range_of_its_string() -> None:
    file = SourceFile("main.tf.json", '{"a": "\\u0024{b.c}"}')
    whole = SourceRange(file, 6, 19)
    node = parse_template("${b.c}", within=whole)
    assert isinstance(node, Attribute)
    assert node.range == whole
    assert node.source.range == whole
    with pytest.raises(SyntaxFault) as caught:
        parse_template("${b.}", within=whole)
    assert caught.value.range == whole


def test_key_of_an_object_has_its_own_range() -> None:
    node = parse_expression("{ abc = 1 }")
    assert isinstance(node, Object)
    assert node.items[0][0].range.text == "abc"

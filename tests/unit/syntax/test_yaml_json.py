"""YAML and JSON to nodes: ranges, limits, faults with place and advice, and what scalars mean."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipaalint.source import SourceFile, SyntaxFault
from hipaalint.syntax.yaml_json import (
    ALIAS_BUDGET,
    DEPTH_LIMIT,
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    entry_range,
    looks_like_cloudformation,
    looks_like_plan,
    parse,
    read_text,
    scalar_value,
)


def read(text: str) -> Node:
    return parse(SourceFile("t.yaml", text))


def plain(node: Node) -> object:
    if isinstance(node, ScalarNode):
        return scalar_value(node)
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    assert isinstance(node, MapNode)
    return {key.text: plain(value) for key, value in node.entries}


def fault(text: str) -> SyntaxFault:
    with pytest.raises(SyntaxFault) as caught:
        read(text)
    return caught.value


def at(node: Node, *path: str | int) -> Node:
    for step in path:
        if isinstance(step, int):
            assert isinstance(node, ListNode)
            node = node.items[step]
        else:
            assert isinstance(node, MapNode)
            value = node.get(step)
            assert value is not None
            node = value
    return node


TEMPLATE = """\
# comment
Resources:
  Bücket: # 😀
    Type: AWS::S3::Bucket
    Properties:
      Name: !Sub "${Env}-😀"   # trailing
      Policy: |
        one
        two

      List:
      - a
      - !If [x, {k: v}, 'w']
      Empty:
    # the end
"""


@pytest.mark.parametrize("text", [TEMPLATE, "\ufeff" + TEMPLATE, TEMPLATE.replace("\n", "\r\n")])
def test_ranges_are_code_points(text: str) -> None:
    properties = ("Resources", "Bücket", "Properties")
    root = read(text)
    assert at(root, *properties, "Name").range.text == '!Sub "${Env}-😀"'
    assert at(root, *properties, "Policy").range.text.splitlines() == ["|", "        one", "        two"]
    assert at(root, *properties, "List", 1).range.text == "!If [x, {k: v}, 'w']"
    assert at(root, *properties, "List", 1, 1).range.text == "{k: v}"
    assert at(root, *properties, "List").range.text.splitlines() == ["- a", "      - !If [x, {k: v}, 'w']"]
    empty = at(root, *properties, "Empty")
    assert (empty.range.line, empty.range.text) == (14, "")
    assert at(root, *properties).range.text.endswith("Empty:")
    assert root.range.line == 2
    resources = at(root, "Resources")
    assert isinstance(resources, MapNode)
    key, value = resources.entries[0]
    assert key.range.text == "Bücket"
    assert entry_range(key, value).text.startswith("Bücket: # 😀")
    assert (entry_range(key, value).line, entry_range(key, value).end_line) == (3, 14)
    name = at(root, *properties, "Name")
    assert (name.range.line, name.range.column, name.range.end_column) == (6, 13, 28)


def test_tags_and_plainness() -> None:
    node = read("[!Ref a, 'true', true, !!str 12, !Sub 'x', !GetAtt {a: b}, !!int '7']")
    assert isinstance(node, ListNode)
    assert [item.tag for item in node.items] == [
        "!Ref", None, None, "tag:yaml.org,2002:str", "!Sub", "!GetAtt", "tag:yaml.org,2002:int",
    ]  # fmt: skip
    assert [scalar_value(item) for item in node.items if isinstance(item, ScalarNode)] == [
        "a", "true", True, "12", "x", 7,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("False", False), ("12", 12), ("-3", -3), ("0", 0),
        ("1.50", Decimal("1.50")), ("1e3", Decimal("1e3")), ("no", "no"), ("on", "on"), ("012", "012"),
        ("012345678901", "012345678901"), ("1_000", "1_000"), ("12:30:45", "12:30:45"), ("2012-10-17", "2012-10-17"),
        ("0x1F", "0x1F"), (".inf", ".inf"), ("1.", "1."), ("1e99999", "1e99999"), ("9" * 5000, "9" * 5000), ("١", "١"),
        ("tRue", "tRue"),
    ],
)  # fmt: skip
def test_scalars_without_guesses(text: str, value: object) -> None:
    node = read(f"a: {text}")
    scalar = at(node, "a")
    assert isinstance(scalar, ScalarNode)
    assert scalar.text == text
    read_value = scalar_value(scalar)
    assert (read_value, type(read_value)) == (value, type(value))


def test_empty_file_is_null() -> None:
    for text in ("", "# only a comment\n", "---\n", "\ufeff"):
        assert plain(read(text)) is None


def test_aliases_are_shared_and_merge_keys_merge_as_packaging_does() -> None:
    root = read(
        "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\n"
        "one: {<<: *base, b: 9}\ntwo:\n  <<: [*base, *more]\n  d: 5\nthree: {<<: *base, <<: *more}\n"
        "same: *base\nquoted: {'<<': 1}\n"
    )
    assert plain(at(root, "one")) == {"a": 1, "b": 9}
    assert plain(at(root, "two")) == {"a": 1, "b": 2, "c": 4, "d": 5}
    assert plain(at(root, "three")) == {"a": 1, "b": 3, "c": 4}
    assert plain(at(root, "quoted")) == {"<<": 1}
    assert at(root, "same") is at(root, "base")
    assert isinstance(root, MapNode)
    ranges = {key.text: entry_range(key, value).text for key, value in root.entries}
    assert ranges["same"] == "same"
    assert ranges["quoted"] == "quoted: {'<<': 1}"
    assert fault("a: {<<: 3}").range.text == "<<"


def test_a_key_may_be_an_alias() -> None:
    root = read("a: &k name\n*k : 1\n")
    assert plain(root) == {"a": "name", "name": 1}
    assert isinstance(root, MapNode)
    assert entry_range(*root.entries[1]).text == "*k : 1"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "twice, first at line 1, column 1"),
        ('{"a": 1,\n "a": 2}', 2, 2, "twice, first at line 1, column 2"),
        ("a:\n\tb: 1\n", 2, 1, "a tab cannot indent YAML; use blanks"),
        ("a: 1\nb: x\x00y\n", 2, 5, "NUL"),
        ("a: \x1b[0m", 1, 4, "control character U+001B"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second document"),
        ("a: b: c", 1, 5, "`:` is not expected"),
        ("a: [1, 2\nb: 3", 2, 2, "`,` or the closing `]`"),
        ("a:\n  - x\n  y: 1\n", 3, 3, "the list ends here"),
        ("{{ name }}: 1", 1, 1, "placeholder"),
        ("a: {{ name }}", 1, 5, "placeholder"),
        ("a: @x", 1, 4, "quotes"),
        ('a: "x', 1, 6, "close the quotes"),
        ("a: *b", 1, 4, "no anchor"),
        ("a: &a [1, *a]", 1, 11, "never end"),
        ("a: \ud800", 1, 4, "surrogate"),
        ('{"a": 1,\n "b": "\\ud800" x}', 2, 16, "expected `,` or `}`"),
        ('{"a": "\\ud800", "b": ', 1, 22, "expected a value, found the end of the file"),
        ('{"\\ud800": 1, "\\ud801": 2}', 1, 15, "twice"),
    ],
)
def test_faults_say_where_and_what_to_do(text: str, line: int, column: int, words: str) -> None:
    raised = fault(text)
    assert (raised.range.line, raised.range.column) == (line, column)
    assert words in raised.message


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, '{"a":' * 100_000])
def test_depth_has_a_limit(text: str) -> None:
    assert f"deeper than {DEPTH_LIMIT}" in fault(text).message


def test_depth_counts_through_aliases() -> None:
    deep = "x: &a " + "[" * 150 + "]" * 150 + "\ny: " + "[" * 60 + "*a" + "]" * 60
    assert "nested deeper" in fault(deep).message
    assert isinstance(read("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT), ListNode)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{<<: [", "]}")])
def test_aliases_cannot_multiply_without_end(opening: str, closing: str) -> None:
    lines = ["l0: &l0 {k0: v}"]
    for level in range(1, 12):
        lines.append(f"l{level}: &l{level} {opening}{', '.join([f'*l{level - 1}'] * 10)}{closing}")
    assert f"{ALIAS_BUDGET:,}" in fault("\n".join(lines)).message


def test_large_inputs_take_linear_time() -> None:
    started = time.process_time()
    read("a: &a x\nb: [" + "*a, " * 100_000 + "]")
    read("\n".join(f"k{index}: v" for index in range(50_000)))
    read("a: " + "x " * 500_000)
    read('{"a": "\\ud800", "b": [' + "1, " * 100_000 + "1]}")
    assert time.process_time() - started < 10
    with pytest.raises(SyntaxFault, match="more than 100 values"):
        parse(SourceFile("t", "[" + "1," * 200 + "]"), node_budget=100)


def test_json_that_yaml_refuses() -> None:
    assert plain(read('{"a": "\\ud83d\\ude00", "b": "\\ud800"}')) == {"a": "😀", "b": "\ufffd"}
    assert plain(read('\ufeff{\n\t"a":\t[\n\t\t1\n\t]}')) == {"a": [1]}
    assert plain(read(json.dumps({"k" * 2000: 1}))) == {"k" * 2000: 1}
    assert plain(read('[true, false, null, -1, 1.5, {}, [], "", "\\ud800"]')) == [
        True, False, None, -1, Decimal("1.5"), {}, [], "", "\ufffd",
    ]  # fmt: skip
    node = read('\ufeff{"a": "\\ud800",\r\n "b": [1]}')
    assert at(node, "b").range.text == "[1]"
    assert at(node, "b").range.line == 2


def test_python_tags_are_only_words() -> None:
    assert at(read("!!python/object/apply:os.system ['x']")).tag == "tag:yaml.org,2002:python/object/apply:os.system"


def test_read_text() -> None:
    assert read_text("é".encode()) == "é"
    assert read_text(b"\xef\xbb\xbfa") == "a"
    assert read_text("é😀".encode("utf-16")) == "é😀"
    assert read_text("\ufeffé".encode("utf-16-be")) == "é"
    with pytest.raises(SyntaxFault) as caught:
        read_text("ä: 1\nb: é".encode() + "ü".encode("latin-1"), "x.yaml")
    assert (caught.value.range.file.path, caught.value.range.line, caught.value.range.column) == ("x.yaml", 2, 5)
    assert "0xFC" in caught.value.message
    assert "UTF-8" in caught.value.message
    with pytest.raises(SyntaxFault, match="UTF-16"):
        read_text(b"\xff\xfea")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWSTemplateFormatVersion: '2010-09-09'\nResources: [", True),
        ("---\nAWSTemplateFormatVersion: 2010-09-09", True),
        ("\ufeff'Resources':\n  A:\n    Type: 'AWS::S3::Bucket'", True),
        ("Resources:\n  A:\n    Type: Custom::Thing", True),
        ("Transform: AWS::Serverless-2016-10-31\nGlobals: {}", True),
        ("Transform:\n  - AWS::LanguageExtensions\nResources: {}", True),
        ('{"Resources":{"A":{"Type":"AWS::S3::Bucket"}}}', True),
        ('\n{"Description": "", "AWSTemplateFormatVersion" : "x"', True),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  t: |\n    AWSTemplateFormatVersion: x\n    Resources: {}", False),
        ('{"body": "{\\"AWSTemplateFormatVersion\\": 1, \\"Resources\\": {\\"Type\\": \\"AWS::X::Y\\"}}"}', False),
        ("resources:\n  Resources:\n    A:\n      Type: AWS::S3::Bucket", False),
        ("on: push\njobs: {}", False),
        ('{"name": "x", "dependencies": {}}', False),
        ("", False),
    ],
)
def test_looks_like_cloudformation(text: str, expected: bool) -> None:
    assert looks_like_cloudformation(text) is expected


def test_looks_like_plan() -> None:
    assert looks_like_plan('{"format_version":"1.2","terraform_version":"1.9","planned_values":{}}')
    assert not looks_like_plan('{"format_version":"1.0","values":{}}')
    assert not looks_like_plan("planned_values: 1\nformat_version: 2")


def test_sniffing_large_files_of_another_kind_is_quick() -> None:
    texts = ["kind: Pod\nspec: {Resources: [x::y]}\n" * 20_000, '{"Resources" : "a::b", "Type" : 1}' * 20_000]
    started = time.process_time()
    assert not any(looks_like_cloudformation(text) for text in texts)
    assert time.process_time() - started < 0.5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(JSON, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_json_comes_back(data: object, ascii_only: bool, indent: str | int | None) -> None:
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    if not any(character in text for character in ("\ufffe", "\uffff")):
        assert plain(read(text)) == data


def ranges_nest(node: Node) -> None:
    children: list[Node] = []
    if isinstance(node, ListNode):
        children = node.items
    elif isinstance(node, MapNode):
        children = [child for entry in node.entries for child in entry]
    for child in children:
        if child.start >= node.start:  # else the node of an alias
            assert child.start <= child.end <= node.end
        ranges_nest(child)


INDICATORS = [
    "[",
    "]",
    "{",
    "}",
    ",",
    ": ",
    "- ",
    "? ",
    "&x ",
    "*x ",
    "<<: ",
    "!Ref ",
    "|\n",
    ">-\n",
    '"',
    "'",
    "#",
    "@",
]
OTHERS = [
    "a",
    "b: ",
    "\n",
    "  ",
    "\t",
    "\\ud800",
    "\\",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\ufeff",
    "é😀",
    "\x00",
    "\r",
    "0",
]
PIECES = INDICATORS + OTHERS


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_nodes_or_a_fault(text: str) -> None:
    looks_like_cloudformation(text)
    try:
        node = read(text)
    except SyntaxFault as fault:
        message, where = fault.message, fault.range
    else:
        message, where = "nodes", node.range
        ranges_nest(node)
    assert message
    assert 0 <= where.start <= where.end <= len(text)
    assert where.line >= 1


@given(st.binary())
def test_any_bytes_are_text_or_a_fault(data: bytes) -> None:
    try:
        end = len(read_text(data))
    except SyntaxFault as fault:
        end = fault.range.end
    assert 0 <= end <= len(data)

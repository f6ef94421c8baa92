"""Functions that read files: what they give, and that nothing outside of the root, no device and nothing large is read."""

import os
from pathlib import Path

import pytest

from hipaalint import UNKNOWN, ExpressionError, evaluate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "hello.txt").write_text("Hello World", encoding="utf-8")
    (root / "binary").write_bytes(b"\xff\xfe")
    (root / "hello.tmpl").write_text("Hello, ${name}!%{ for x in l } ${x}%{ endfor }", encoding="utf-8")
    (root / "nested.tmpl").write_text('${templatefile("hello.tmpl", {})}', encoding="utf-8")
    (root / "bad.tmpl").write_text("a\n${", encoding="utf-8")
    (root / "sub" / "a.txt").write_text("a", encoding="utf-8")
    (root / "sub" / "deep" / "b.txt").write_text("b", encoding="utf-8")
    (root / "sub" / "deep" / "c.md").write_text("c", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (root / "way-out").symlink_to(tmp_path / "secret.txt")
    (root / "way-around").symlink_to(root / "hello.txt")
    (root / "folder-out").symlink_to(tmp_path)
    os.mkfifo(root / "fifo")
    with (root / "huge").open("wb") as file:
        file.truncate((1 << 20) + 1)
    return root


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ('file("hello.txt")', "Hello World"),
        ('file("./sub/../hello.txt")', "Hello World"),
        ('file("${path.module}/hello.txt")', "Hello World"),
        ('file("way-around")', "Hello World"),
        ('fileexists("hello.txt")', True),
        ('fileexists("nope")', False),
        ('fileexists("fifo")', False),
        ('filebase64("hello.txt")', "SGVsbG8gV29ybGQ="),
        ('filebase64("binary")', "//4="),
        ('filemd5("hello.txt")', "b10a8db164e0754105b7a99be72e3fe5"),
        ('filesha1("hello.txt")', "0a4d55a8d778e5022fab701977c5d840bbc486d0"),
        ('filesha256("hello.txt")', "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e"),
        ('filebase64sha256("hello.txt")', "pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4="),
        ('filesha512("hello.txt") == sha512("Hello World")', True),
        ('filebase64sha512("hello.txt") == base64sha512("Hello World")', True),
        ('templatefile("hello.tmpl", {name = "Jo", l = [1, 2]})', "Hello, Jo! 1 2"),
        ('templatefile("hello.txt", {})', "Hello World"),
        ('templatefile("hello.tmpl", {name = u, l = []})', UNKNOWN),
        ('startswith(templatefile("hello.tmpl", {name = u, l = []}), "Hello, ")', True),
        ('templatefile("hello.tmpl", u)', UNKNOWN),
        ('file("${u}.txt")', UNKNOWN),
        ('fileset(".", "*.txt")', ["hello.txt"]),
        ('fileset("sub", "*")', ["a.txt"]),
        ('fileset("sub", "**")', ["a.txt", "deep/b.txt", "deep/c.md"]),
        ('fileset("sub", "**/*.txt")', ["a.txt", "deep/b.txt"]),
        ('fileset(".", "sub/*/b.txt")', ["sub/deep/b.txt"]),
        ('fileset(".", "{sub/a,hello}.txt")', ["hello.txt", "sub/a.txt"]),
        ('fileset("sub/deep", "[ab].t?t")', ["b.txt"]),
        ('fileset("sub/deep", "[^b].*")', ["c.md"]),
        ('fileset(".", "nope*")', []),
        ('fileset("nope", "*")', []),
        ('fileset(".", "way-*")', ["way-around"]),
        ('fileset(".", "folder-out/*")', []),
    ],
)
def test_reads(folder: Path, expression: str, result: object) -> None:
    value = evaluate(expression, {"path": {"module": "."}, "u": UNKNOWN}, base=folder)
    assert value == result
    assert type(value) is type(result)


@pytest.mark.parametrize(
    "expression",
    [
        'file("nope")',
        'file("sub")',
        'file("binary")',
        'file("../secret.txt")',
        'file("/etc/passwd")',
        'file("~/x")',
        'file("way-out")',
        'file("folder-out/secret.txt")',
        'file("fifo")',
        'file("huge")',
        'file("a\u0000b")',
        'fileexists("../secret.txt")',
        'fileexists("way-out")',
        'fileexists("sub")',
        'filemd5("../secret.txt")',
        'filebase64("way-out")',
        'fileset("..", "*")',
        'fileset("folder-out", "*")',
        'fileset(".", "***************")',
        'templatefile("../secret.txt", {})',
        'templatefile("nested.tmpl", {})',
        'templatefile("bad.tmpl", {})',
        'templatefile("hello.tmpl", {})',
        'templatefile("hello.tmpl", [])',
    ],
)
def test_refuses(folder: Path, expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, base=folder)


@pytest.mark.parametrize("expression", ['file("a")', 'fileexists("a")', 'fileset(".", "*")', 'templatefile("a", {})'])
def test_reads_nothing_without_a_base(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression)

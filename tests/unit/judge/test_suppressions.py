"""Suppressions: what each comment covers, which ones are followed, and what is said about the rest."""

from __future__ import annotations

import pytest

from hipaalint.expression.values import known
from hipaalint.expression.world import Deferred, World
from hipaalint.judge.comments import ignore_comments
from hipaalint.judge.configuration import AddressSuppression
from hipaalint.judge.suppressions import Suppressions
from hipaalint.model.resource import Resource
from hipaalint.policy.catalogue import Catalogue
from hipaalint.policy.check import Check
from hipaalint.policy.finding import FAIL, Finding
from hipaalint.resource import TERRAFORM, Attributes, Root, WrittenResource
from hipaalint.source import SourceFile, SourceRange

TODAY = "2026-06-15"


def make_check(id: str) -> Check:
    check = Check()
    check.id, check.resources = id, ("AWS::S3::Bucket",)
    return check


CHECKS = {id: make_check(id) for id in ("s3-versioning-enabled", "s3-ssl-requests-only", "sqs-encrypted")}


def catalogue() -> Catalogue:
    made = Catalogue()
    made.checks = dict(CHECKS)
    made.aliases = {"s3-versions": "s3-versioning-enabled"}
    CHECKS["s3-versioning-enabled"].aliases = ("s3-versions",)
    return made


def finding(file: SourceFile, text: str, header: str, id: str = "s3-versioning-enabled", **meta: object) -> Finding:
    """A finding on `text`, about the resource whose first line begins with `header`."""
    root = Root(TERRAFORM, ".", "", World())
    root.files = [file]

    def place(part: str) -> SourceRange:
        start = file.text.index(part)
        return SourceRange(file, start, start + len(part))

    fields = {name: Deferred.of(root.world, known(value)) for name, value in meta.items()}
    written = WrittenResource(
        root, "aws_s3_bucket.b", "aws_s3_bucket", "b", "aws", Attributes({}, place(header)),
        Deferred.of(root.world, known(True)), place(header), place(header), meta=Attributes(fields, place(header)),
    )  # fmt: skip
    resource = Resource(written, "AWS::S3::Bucket", written.body)
    return Finding(CHECKS[id], root, resource, FAIL, place(text))


def judged(found: Finding, *configured: AddressSuppression) -> tuple[str | None, list[str]]:
    """The reason why a finding is suppressed, and what is said beside."""
    suppressions = Suppressions([found.root], configured, catalogue(), TODAY)
    suppressions.apply([found])
    said = [*suppressions.diagnostics, *suppressions.leftovers(CHECKS.values(), whole=True)]
    return found.suppressed.reason if found.suppressed else None, [f"{each.severity}: {each.message}" for each in said]


HCL = """\
%s
resource "aws_s3_bucket" "b" { %s
  bucket = "x" %s
  %s
  versioning {
    enabled = false %s
  }
  tags = { %s
    a = "b"
    c = "d"
  }
}
"""
IGNORE = '# hipaalint: ignore[s3-versioning-enabled] reason="a test"'


def hcl(position: int, comment: str = IGNORE) -> SourceFile:
    slots = [""] * 6
    slots[position] = comment
    return SourceFile("main.tf", HCL % tuple(slots))


@pytest.mark.parametrize(
    ("position", "covered"),
    [
        (0, {"enabled = false", 'c = "d"', 'bucket = "x"'}),  # above the block
        (1, {"enabled = false", 'c = "d"', 'bucket = "x"'}),  # on the line of the block
        (2, {'bucket = "x"'}),  # on a line
        (3, {"enabled = false"}),  # above a nested block
        (4, {"enabled = false"}),
        (5, {'c = "d"'}),  # on the first line of an attribute
    ],
)
@pytest.mark.parametrize("text", ["enabled = false", 'c = "d"', 'bucket = "x"'])
def test_a_comment_covers_its_line_attribute_or_block(position: int, covered: set[str], text: str) -> None:
    reason, _ = judged(finding(hcl(position), text, "resource"))
    assert (reason == "a test") is (text in covered)


def test_a_comment_on_the_block_covers_findings_elsewhere_about_it() -> None:
    file = SourceFile("main.tf", HCL % ("", IGNORE, "", "", "", "") + "locals {\n  on = false\n}\n")
    assert judged(finding(file, "on = false", "resource"))[0] == "a test"


YAML = """\
Resources:
  Bucket: %s
    Type: AWS::S3::Bucket
    Properties:
      BucketName: x %s
      VersioningConfiguration: %s
        Status: Suspended
"""


@pytest.mark.parametrize(("position", "suppressed"), [(0, True), (1, False), (2, True)])
def test_comments_in_yaml(position: int, suppressed: bool) -> None:
    slots = [""] * 3
    slots[position] = IGNORE
    found = finding(SourceFile("template.yaml", YAML % tuple(slots)), "Status: Suspended", "Bucket:")
    assert judged(found)[0] == ("a test" if suppressed else None)


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ('# hipaalint: ignore[s3-*] reason="a glob"', "a glob"),
        ('// hipaalint: ignore[s3-versions] reason="an alias"', "an alias"),
        ('/* hipaalint: ignore[s3-versioning-enabled] reason="a block" */', "a block"),
        ('#hipaalint:ignore[sqs-encrypted, s3-versioning-enabled] reason="two"', "two"),
        ('# hipaalint: ignore[s3-versioning-enabled] until=2026-06-15 reason="the last day"', "the last day"),
        ('# hipaalint: ignore[s3-versioning-enabled] reason="say \\"why\\""', 'say "why"'),
        ('# hipaalint: ignore[sqs-encrypted] reason="another check"', None),
    ],
)
def test_forms_of_comments(comment: str, reason: str | None) -> None:
    assert judged(finding(hcl(0, comment), "enabled = false", "resource"))[0] == reason


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (
            "# hipaalint: ignore[s3-versioning-enabled]",
            'warning: this suppression gives no reason and is not applied; add reason="…"',
        ),
        ('# hipaalint: ignore[s3-versioning-enabled] reason=" "', "warning: this suppression gives no reason"),
        ('# hipaalint: ignore[] reason="x"', "warning: this suppression names no check and is not applied"),
        (
            "# hipaalint: skip s3-versioning-enabled",
            "warning: this suppression is not understood and not applied; write #",
        ),
        (
            '# hipaalint: ignore[s3-versioning-enabled] reason="x" untill=2027-01-01',
            "warning: this suppression is not understood",
        ),
        (
            '# hipaalint: ignore[s3-versioning-enabled] until=soon reason="x"',
            "warning: this suppression is not applied: its end is no date",
        ),
    ],
)
def test_comments_that_are_not_followed(comment: str, said: str) -> None:
    reason, diagnostics = judged(finding(hcl(0, comment), "enabled = false", "resource"))
    assert reason is None
    assert len(diagnostics) == 1
    assert diagnostics[0].startswith(said)


def test_an_expired_suppression_lives_no_more() -> None:
    comment = '# hipaalint: ignore[s3-versioning-enabled] reason="x" until=2026-06-14'
    reason, diagnostics = judged(finding(hcl(0, comment), "enabled = false", "resource"))
    assert reason is None
    assert diagnostics == ["warning: this suppression ended on 2026-06-14: what it covered counts again"]


def test_unused_and_unknown_suppressions_are_named() -> None:
    comment = '# hipaalint: ignore[s3-ssl-requests-only] reason="x"'
    assert judged(finding(hcl(2, comment), "enabled = false", "resource")) == (
        None,
        ["note: this suppression covers nothing; remove it"],
    )
    comment = '# hipaalint: ignore[s3-ssl-request-only] reason="x"'
    assert judged(finding(hcl(0, comment), "enabled = false", "resource")) == (
        None,
        ['warning: this suppression names no check: "s3-ssl-request-only"; did you mean "s3-ssl-requests-only"?'],
    )


def configured(
    check: str = "s3-*", address: str = "*", path: str = "*", until: str | None = None
) -> AddressSuppression:
    place = SourceRange(SourceFile("hipaalint.yaml", "x"), 0, 1)
    return AddressSuppression((check,), address, path, "as configured", until, place)


@pytest.mark.parametrize(
    ("suppression", "suppressed"),
    [
        (configured(address="aws_s3_bucket.*"), True),
        (configured(address="aws_s3_bucket.b"), True),
        (configured(address="aws_s3_bucket"), False),
        (configured(address='aws_s3_bucket.b["*"]'), False),
        (configured(path="main.tf"), True),
        (configured(path="other/*"), False),
        (configured(check="sqs-encrypted"), False),
        (configured(until="2026-06-14"), False),
        (configured(until="2026-06-15"), True),
    ],
)
def test_suppressions_by_address_and_path(suppression: AddressSuppression, suppressed: bool) -> None:
    found = finding(SourceFile("main.tf", HCL % (("",) * 6)), "enabled = false", "resource")
    assert judged(found, suppression)[0] == ("as configured" if suppressed else None)


METADATA_FILE = SourceFile("template.yaml", YAML % ("", "", ""))


@pytest.mark.parametrize(
    ("metadata", "reason", "said"),
    [
        ({"ignore": ["s3-versioning-enabled"], "reason": "by metadata"}, "by metadata", []),
        ({"ignore": [{"check": "s3-*", "reason": "its own", "until": "2027-01-01"}]}, "its own", []),
        (
            {"ignore": ["s3-versioning-enabled"]},
            None,
            ["warning: this suppression gives no reason and is not applied; add `reason`"],
        ),
        (
            {"skip": ["s3-versioning-enabled"]},
            None,
            ["warning: this suppression is not understood and not applied; write {ignore: [check-id], reason: why}"],
        ),
        ({"ignore": ["sqs-encrypted"], "reason": "x"}, None, ["note: this suppression covers nothing; remove it"]),
    ],
)
def test_suppressions_in_metadata(metadata: object, reason: str | None, said: list[str]) -> None:
    found = finding(METADATA_FILE, "Status: Suspended", "Bucket:", Metadata={"hipaalint": metadata})
    assert judged(found) == (reason, said)


def test_a_broken_file_still_has_its_lines() -> None:
    file = SourceFile("template.yaml", f"a: [\nb: false {IGNORE}\n")
    (comment,), diagnostics = ignore_comments(file)
    assert diagnostics == []
    assert (comment.first, comment.last) == (2, 2)

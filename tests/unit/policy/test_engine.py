"""Verdicts with their evidence, through loading and graph: what is reported, where, why, and how it came about."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.graph.graph import ResourceGraph, build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from hipaalint.model.loader_hooks import identifier, nested_blocks
from hipaalint.policy import engine
from hipaalint.policy.check import MISSING, Check, Parameter
from hipaalint.policy.engine import Settings, run
from hipaalint.policy.finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Finding
from hipaalint.source import Diagnostic, SourceFile, SourceRange


def check_of(condition: str | None, resource: str = "AWS::S3::Bucket", **fields: object) -> Check:
    check = Check()
    check.id = "s3-test"
    check.title = "S3 buckets are as they should be"
    check.resources = (resource,)
    check.condition = condition
    check.message = "${resource} is not as it should be"
    for name, value in fields.items():
        setattr(check, name, value)
    return check


class Place:
    """A folder to load from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def graph(self, files: dict[str, str], root: str = ".") -> ResourceGraph:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        options = LoadOptions(self.folder, identifier=identifier, nested_blocks=nested_blocks)
        if any(name.endswith(".yaml") for name in files):
            return build_graph([load_template(self.folder / next(iter(files)), options)])
        return build_graph([load_module_root(self.folder / root, options)])

    def terraform(self, text: str, check: Check, settings: Settings | None = None) -> list[Finding]:
        return self.judged({"main.tf": text}, check, settings)

    def cloudformation(self, text: str, check: Check, settings: Settings | None = None) -> list[Finding]:
        return self.judged({"template.yaml": text}, check, settings)

    def judged(self, files: dict[str, str], check: Check, settings: Settings | None = None) -> list[Finding]:
        findings, problems = run(self.graph(files), [check], settings)
        assert problems == []
        return findings


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path.resolve())


def line(finding: Finding) -> str:
    return finding.range.file.line_text(finding.range.line).strip()


def test_a_written_value_decides(place: Place) -> None:
    [finding] = place.terraform(
        'resource "aws_s3_bucket" "b" {\n  bucket = "records"\n}\n', check_of('BucketName == "other"')
    )
    assert (finding.verdict, finding.reason, finding.path, finding.value) == (
        FAIL,
        "written-value",
        "BucketName",
        '"records"',
    )
    assert finding.range.text == 'bucket = "records"'
    assert finding.message == "aws_s3_bucket.b is not as it should be"
    assert finding.fails


def test_a_missing_value_is_shown_at_the_header(place: Place) -> None:
    [finding] = place.terraform('resource "aws_s3_bucket" "b" {\n}\n', check_of("BucketName != null"))
    assert (finding.verdict, finding.reason, finding.path, finding.value) == (FAIL, "not-written", "BucketName", "")
    assert finding.range.line == finding.range.end_line == 1


def test_the_operand_that_decides_is_shown(place: Place) -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  bucket = "records"\n  force_destroy = true\n  acl = "private"\n}\n'
    [finding] = place.terraform(text, check_of('BucketName == "records" && AccessControl == "PublicRead"'))
    assert line(finding) == 'acl = "private"'
    [finding] = place.terraform(text, check_of('!(AccessControl == "Private") || BucketName == null'))
    assert line(finding) == 'acl = "private"'


def test_the_element_that_decides_is_shown(place: Place) -> None:
    text = """
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      Tags:
        - Key: owner
          Value: billing
        - Key: stage
          Value: dev
"""
    [finding] = place.cloudformation(text, check_of('alltrue([for tag in Tags : tag.Value != "dev"])'))
    assert (line(finding), finding.path) == ("Value: dev", "Tags.Value")
    [finding] = place.cloudformation(text, check_of('anytrue([for tag in Tags : tag.Value == "dev"])'))
    assert (finding.verdict, line(finding)) == (PASS, "Value: dev")


def test_the_trail_leads_to_where_the_value_comes_from(place: Place) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  name   = local.name\n}\nlocals {\n  name = var.name\n}\n'
        'variable "name" {\n  default = "records"\n}\n',
        "m/main.tf": 'variable "name" {}\nresource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\n',
    }
    [finding] = place.judged(files, check_of('BucketName == "other"'))
    assert finding.address == "module.m.aws_s3_bucket.b"
    assert (finding.range.file.path, line(finding)) == ("m/main.tf", "bucket = var.name")
    places = [(related.range.file.path, related.range.line) for related in finding.related]
    assert places == [("main.tf", 3), ("main.tf", 6), ("main.tf", 9)]
    assert finding.related[-1].message == "var.name by default"


def test_unknown_says_why(place: Place) -> None:
    text = 'variable "name" {\n  type = string\n}\nresource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\n'
    [finding] = place.terraform(text, check_of('startswith(BucketName, "records-")'))
    assert (finding.verdict, finding.reason, finding.path) == (UNKNOWN, "no-value", "BucketName")
    assert line(finding) == "bucket = var.name"
    assert "var.name" in finding.message
    [finding] = place.terraform(text, check_of('BucketName != "records"'))
    assert (finding.verdict, finding.when) == (UNKNOWN, 'fails when var.name = "records"')


def test_errors_in_a_condition_are_unknown(place: Place) -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  bucket = "records"\n}\n'
    [finding] = place.terraform(text, check_of("BucketName > 3"))
    assert (finding.verdict, finding.reason) == (UNKNOWN, "evaluation-error")
    [finding] = place.terraform(text, check_of("param.nothing", parameters={}))
    assert finding.verdict == UNKNOWN


def test_secrets_are_masked(place: Place) -> None:
    text = 'variable "name" {\n  sensitive = true\n  default = "hush"\n}\n'
    text += 'resource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\n'
    check = check_of('BucketName == "other"', message="${resource}: ${BucketName}")
    [finding] = place.terraform(text, check)
    assert (finding.verdict, finding.value, finding.sensitive) == (FAIL, "(sensitive)", True)
    assert "hush" not in finding.message + "".join(related.message for related in finding.related)


def test_messages_speak_the_users_names(place: Place) -> None:
    check = check_of('BucketName == "x"', message="${resource} (${type}) sets ${spelled(BucketName)} to ${BucketName}")
    [finding] = place.terraform('resource "aws_s3_bucket" "b" {\n  bucket = "y"\n}\n', check)
    assert finding.message == "aws_s3_bucket.b (AWS::S3::Bucket) sets bucket to y"
    [finding] = place.cloudformation(
        "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: y\n", check
    )
    assert finding.message == "B (AWS::S3::Bucket) sets BucketName to y"


def test_filters_and_parameters(place: Place) -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  bucket = "records"\n}\n'
    check = check_of(
        "BucketName == param.name",
        filter="length(BucketName) > 10",
        parameters={"name": Parameter("name", "string", "x")},
    )
    assert [f.verdict for f in place.terraform(text, check)] == [NOT_APPLICABLE]
    check.filter = None
    assert [f.verdict for f in place.terraform(text, check)] == [FAIL]
    settings = Settings({"s3-test": {"name": "records"}})
    assert [f.verdict for f in place.terraform(text, check, settings)] == [PASS]


def test_an_unknown_filter_hides_no_pass_and_no_failure(place: Place) -> None:
    text = 'variable "name" {\n  type = string\n}\nresource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\n'
    unknown = 'startswith(BucketName, "a")'
    assert [f.verdict for f in place.terraform(text, check_of("true", filter=unknown))] == [PASS]
    assert [f.verdict for f in place.terraform(text, check_of("false", filter=unknown))] == [UNKNOWN]


def test_resources_that_may_not_exist(place: Place) -> None:
    text = 'variable "make" {\n  type = bool%s\n}\nresource "aws_s3_bucket" "b" {\n  count = var.make ? 1 : 0\n}\n'
    check = check_of("BucketName != null")
    [finding] = place.terraform(text % "", check)
    assert (finding.verdict, finding.when) == (FAIL, None)
    [finding] = place.terraform(text % "\n  default = false", check)
    assert (finding.verdict, finding.when, finding.fails) == (FAIL, "fails when var.make = true", False)
    assert [f.verdict for f in place.terraform(text % "", check_of("BucketName == null"))] == [PASS]


def test_data_sources_only_where_they_are_named(place: Place) -> None:
    text = 'data "aws_s3_bucket" "b" {\n  bucket = "records"\n}\n'
    assert place.terraform(text, check_of("false")) == []
    assert place.terraform(text, check_of("false", "aws_s3_bucket")) == []


def test_defaults_are_named_and_must_be_written_in_strict(place: Place) -> None:
    rules = "BucketEncryption.ServerSideEncryptionConfiguration"
    check = check_of(f'alltrue([for rule in {rules} : rule.ServerSideEncryptionByDefault.SSEAlgorithm == "AES256"])')
    [finding] = place.terraform('resource "aws_s3_bucket" "b" {\n}\n', check)
    assert (finding.verdict, finding.note) == (PASS, "by service default since 2023-01-05")
    [finding] = place.terraform('resource "aws_s3_bucket" "b" {\n}\n', check, Settings(strict=True))
    assert (finding.verdict, finding.reason) == (FAIL, "not-written")
    assert finding.note == "safe by service default since 2023-01-05, but not written"


def test_a_crash_is_a_diagnostic_and_loses_no_neighbour(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def boom(context: object, arguments: object, range: object) -> object:
        raise ZeroDivisionError("oops")

    monkeypatch.setitem(engine.FUNCTIONS, "boom", boom)
    graph = place.graph(
        {
            "main.tf": 'resource "aws_s3_bucket" "a" {\n  bucket = "a"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
        }
    )
    findings, problems = run(graph, [check_of('BucketName == "a" ? boom() : true')])
    assert [(f.address, f.verdict) for f in findings] == [("aws_s3_bucket.b", PASS)]
    [problem] = problems
    assert problem.severity == "error"
    assert "s3-test" in problem.message
    assert "aws_s3_bucket.a" in problem.message
    assert problem.line == 1


def test_a_condition_that_cannot_be_read_names_the_place_in_the_check() -> None:
    text = "id: s3-test\ncondition: |-\n  BucketName ==\n    )\n"
    file = SourceFile("checks/s3/s3-test.yaml", text)
    check = check_of("BucketName ==\n  )", ranges={"condition": SourceRange(file, text.index("|-"), len(text))})
    problems: list[Diagnostic] = []
    with pytest.raises(Exception, match="the condition cannot be read") as caught:
        engine.compile_check(check)
    problems.append(Diagnostic("error", str(caught.value), caught.value.range))  # type: ignore[attr-defined]
    assert (problems[0].path, problems[0].line, problems[0].column) == ("checks/s3/s3-test.yaml", 4, 5)


LOGS = 'resource "aws_s3_bucket" "logs" {\n  %sbucket = %s\n}\n'


def missing_check() -> Check:
    check = check_of(None, kind=MISSING, filter='BucketName == "logs"')
    check.message = "no bucket for logs"
    return check


def test_what_is_missing_is_asked_only_of_baselines(place: Place) -> None:
    assert place.terraform("locals {}\n", missing_check()) == []
    [finding] = place.terraform("locals {}\n", missing_check(), Settings(baselines={".": None}))
    assert (finding.verdict, finding.reason, finding.range.file.path, finding.range.line) == (
        FAIL,
        "missing",
        "main.tf",
        1,
    )
    assert (finding.resource, finding.address) == (None, "AWS::S3::Bucket")
    assert finding.message == "no bucket for logs"
    file = SourceFile("hipaalint.yaml", "account-baseline: [.]\n")
    line = SourceRange(file, 0, 16)
    [finding] = place.terraform("locals {}\n", missing_check(), Settings(baselines={".": line}))
    assert finding.range == line


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (LOGS % ("", '"logs"'), PASS),
        (LOGS % ("", '"records"'), FAIL),
        ('variable "name" {\n  type = string\n}\n' + LOGS % ("", "var.name"), UNKNOWN),
        ('variable "n" {\n  type = number\n}\n' + LOGS % ("count = var.n\n  ", '"logs"'), UNKNOWN),
        ('module "m" {\n  source = "example/logs/aws"\n}\n', UNKNOWN),
    ],
)
def test_what_counts_as_there(place: Place, text: str, verdict: str) -> None:
    [finding] = place.terraform(text, missing_check(), Settings(baselines={".": None}))
    assert finding.verdict == verdict

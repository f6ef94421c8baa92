"""Reports made by hand: small files, checks and findings, for the tests of the formats."""

from __future__ import annotations

from typing import Any

from hipaalint.expression.values import known
from hipaalint.expression.world import Deferred, World
from hipaalint.model.resource import Resource
from hipaalint.policy.check import Check, Control, ControlLink
from hipaalint.policy.finding import FAIL, Finding, Related
from hipaalint.report.report import Report
from hipaalint.resource import TERRAFORM, Attributes, Root, WrittenResource
from hipaalint.source import Diagnostic, SourceFile, SourceRange

DATE = "2027-01-31T00:00:00Z"
QUEUES = SourceFile(
    "infra/queues.tf",
    """resource "aws_sqs_queue" "intake" {
  name                    = "intake"
  sqs_managed_sse_enabled = false
}
""",
)
CONTROLS = {
    "hipaa:164.312(a)(2)(iv)": Control("hipaa:164.312(a)(2)(iv)", "hipaa", "Encryption and decryption"),
    "hitrust:06.d": Control("hitrust:06.d", "hitrust", "Privacy of covered information"),
}


def make_check(id: str = "sqs-encrypted", severity: str = "high") -> Check:
    check = Check()
    check.id = id
    check.title = "SQS queues encrypt their messages"
    check.severity = severity
    check.service = id.partition("-")[0]
    check.resources = ("AWS::SQS::Queue",)
    check.risk = "Whoever reads the stored messages reads ePHI"
    check.remediation = "Set kms_master_key_id, or leave sqs_managed_sse_enabled on."
    check.message = "${resource} stores messages without encryption"
    check.controls = (
        ControlLink("hipaa:164.312(a)(2)(iv)", "The stored copy is unreadable without the key."),
        ControlLink("hitrust:06.d", "Covered information is protected where it is stored."),
    )
    check.references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-data-encryption.html",
    )
    return check


CHECK = make_check()


def make_root(path: str = "infra", deployment: str = "") -> Root:
    root = Root(TERRAFORM, path, deployment, World())
    root.files = [QUEUES]
    return root


def find(text: str, file: SourceFile = QUEUES) -> SourceRange:
    """Where a text stands in a file."""
    start = file.text.index(text)
    return SourceRange(file, start, start + len(text))


def make_resource(root: Root, address: str = "aws_sqs_queue.intake", header: SourceRange | None = None) -> Resource:
    header = header or find('resource "aws_sqs_queue" "intake"')
    body = Attributes({}, header)
    whole = SourceRange(header.file, header.start, len(header.file.text.rstrip()))
    exists = Deferred.of(root.world, known(True))
    name = address.rpartition(".")[2]
    written = WrittenResource(root, address, "aws_sqs_queue", name, "aws", body, exists, header, whole)
    root.resources.append(written)
    return Resource(written, "AWS::SQS::Queue", body)


def make_finding(
    root: Root | None = None,
    address: str = "aws_sqs_queue.intake",
    *,
    check: Check = CHECK,
    verdict: str = FAIL,
    marked: SourceRange | None = None,
    **more: Any,
) -> Finding:
    root = root or make_root()
    resource = make_resource(root, address)
    finding = Finding(check, root, resource, verdict, marked or find("sqs_managed_sse_enabled = false"))
    finding.message = f"{address} stores messages without encryption"
    finding.path = "SqsManagedSseEnabled"
    finding.reason = "value"
    for name, value in more.items():
        setattr(finding, name, value)
    return finding


def make_report(*findings: Finding, diagnostics: tuple[Diagnostic, ...] = (), **more: Any) -> Report:
    checks = {finding.check.id: finding.check for finding in findings}
    roots = {id(finding.root): finding.root for finding in findings}
    settings: dict[str, Any] = {"date": DATE, "controls": CONTROLS, "exit_code": 1 if findings else 0, **more}
    return Report(findings, diagnostics, checks.values(), roots.values(), **settings)


VARIABLES = SourceFile("infra/variables.tf", 'variable "encrypt" {\n  default = false\n}\n')
TRAIL = [Related(find("default = false", VARIABLES), "default of var.encrypt")]
UNREADABLE = Diagnostic(
    "error", "this block never ends; add }", SourceRange(SourceFile("bad.tf", 'resource "x" "y" {\n'), 0, 8)
)
HOSTILE = "aws_sqs_queue.\x1b[31mred\n::error::\u202ereversed"

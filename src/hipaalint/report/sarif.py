"""SARIF 2.1.0: what GitHub code scanning can show (profile `github`), or all that was found (`full`). One run.

Rules and taxonomies are in sarif_rules.py. docs of the format: OASIS, Static Analysis Results Interchange Format.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..policy.check import SEVERITIES
from ..policy.finding import FAIL, PASS, UNKNOWN, Finding
from ..source import Diagnostic, SourceRange
from .groups import addresses, same_place
from .report import CONDITIONAL, Report, kind
from .rows import place, printable
from .sarif_rules import LEVELS, rule, taxonomies

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
# What code scanning takes and shows: more results, locations or steps would be dropped, or the file refused.
MAX_RESULTS = 5000
MAX_RELATED = 100
MAX_MESSAGE = 1000
NAMED = 5  # addresses of a group that the message names
KINDS = {PASS: "pass", FAIL: "fail", UNKNOWN: "open"}

Json = dict[str, Any]


def render(report: Report, profile: str = "github", category: str = "hipaalint") -> str:
    """The log as text. `github`: live findings, one for each place; `full`: each instance, suppressed ones too.

    category: code scanning keeps one log of each for a commit.
    """
    full = profile == "full"
    rules = {check.id: index for index, check in enumerate(report.checks)}
    notices: list[Json] = []
    if full:
        results = [_result([finding], rules, full) for finding in report.shown]
    else:
        results = _for_github(report, rules, notices)
    driver: Json = {
        "name": "hipaalint",
        "fullName": f"hipaalint {__version__}",
        "semanticVersion": __version__,
        "rules": [rule(check, report.controls, with_taxa=full) for check in report.checks],
    }
    run: Json = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{category}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository that was scanned."}}},
        "invocations": [_invocation(report, notices)],
        "results": results,
    }
    if report.revision is not None and report.revision.origin:
        details = {"repositoryUri": report.revision.origin, "revisionId": report.revision.commit}
        if report.revision.branch:
            details["branch"] = printable(report.revision.branch)
        run["versionControlProvenance"] = [{**details, "mappedTo": {"uriBaseId": ROOT}}]
    if full:
        described = taxonomies(report.checks, report.controls)
        if described:
            run["taxonomies"] = described
            driver["supportedTaxonomies"] = [
                {"name": taxonomy["name"], "index": index} for index, taxonomy in enumerate(described)
            ]
    # In one line: a log is for programs, may be large, and is written six times as fast without indentation.
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _for_github(report: Report, rules: dict[str, int], notices: list[Json]) -> list[Json]:
    """What somebody can act on, the most severe first, as many as are shown; the rest is counted in a notice."""
    live = [each for each in report.shown if each.suppressed is None and each.verdict in (FAIL, UNKNOWN)]
    groups = same_place(live)
    groups.sort(key=lambda group: (_rank(group[0]), group[0].range.file.path, group[0].range.start))
    left_out = len(groups) - MAX_RESULTS
    if left_out > 0:
        text = f"{left_out} results of the lowest ranks are left out: code scanning shows no more than {MAX_RESULTS}."
        notices.append({"level": "warning", "message": {"text": text}})
    return [_result(group, rules, full=False) for group in groups[:MAX_RESULTS]]


def _rank(finding: Finding) -> tuple[int, int]:
    certain = {FAIL: 0, CONDITIONAL: 1}.get(kind(finding), 2)
    return certain, -SEVERITIES.index(finding.severity)


def _result(group: list[Finding], rules: dict[str, int], full: bool) -> Json:
    """One result; all members of the group stand at the same place for the same reason."""
    finding = group[0]
    names = addresses(group)
    related = _related(group)
    result: Json = {"ruleId": finding.check.id, "ruleIndex": rules[finding.check.id]}
    if full:
        result["kind"] = KINDS.get(finding.verdict, "notApplicable")
    result["level"] = _level(finding, full)
    result["message"] = {"text": _message(finding, names, related)}
    result["locations"] = [_location(finding.range, finding)]
    result["partialFingerprints"] = {
        "primaryLocationLineHash": finding.fingerprint,
        "checkAndResource/v1": finding.fingerprint,
    }
    if related:
        result["relatedLocations"] = related
    flow = _code_flow(finding)
    if flow:
        result["codeFlows"] = flow
    if finding.suppressed is not None:
        inline = finding.suppressed.kind in ("inline", "metadata")
        result["suppressions"] = [
            {"kind": "inSource" if inline else "external", "justification": printable(finding.suppressed.reason)}
        ]
    result["properties"] = _properties(finding, names)
    return result


def _level(finding: Finding, full: bool) -> str:
    if finding.verdict == FAIL and finding.when is None:
        return LEVELS[finding.severity]
    # A result of another kind than `fail` has no level; GitHub knows no kinds and shows a note.
    return "none" if full and finding.verdict != FAIL else "note"


def _message(finding: Finding, names: list[str], related: list[Json]) -> str:
    text = finding.message or finding.check.title
    if finding.when is not None:
        text += f" ({finding.when})"
    if finding.note is not None:
        text += f" ({finding.note})"
    text = _sentence(_literal(printable(text)))
    if len(names) > 1:
        shown = ", ".join(_literal(printable(name)) for name in names[1 : 1 + NAMED])
        more = len(names) - 1 - NAMED
        text += f" The same holds for {shown}{f' and {more} more' if more > 0 else ''}."
    trail = [entry for entry in related if entry["properties"]["role"] == "trail"]
    if trail:
        links = ", ".join(f"[{_link(entry['message']['text'])}]({entry['id']})" for entry in trail)
        text += f" See {links}."
    return text


def _literal(text: str) -> str:
    """Text that would read as a link stays text."""
    return re.sub(r"\]\(", r"] (", text)


def _link(text: str) -> str:
    return text.rstrip(".").replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _sentence(text: str) -> str:
    text = text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def _location(range: SourceRange, finding: Finding | None = None) -> Json:
    location: Json = {"physicalLocation": _physical(range)}
    if finding is not None:
        location["logicalLocations"] = [
            {"fullyQualifiedName": printable(finding.address), "kind": "resource"},
        ]
    return location


def _physical(range: SourceRange) -> Json:
    line, column, end_line, end_column = place(range)
    if (end_line, end_column) <= (line, column):
        end_column = column + 1  # an empty region is nothing that a viewer could mark
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"artifactLocation": artifact(range.file.path), "region": region}


def artifact(path: str) -> Json:
    """Where a file is: below the root of the repository, percent-encoded."""
    return {"uri": quote(path.encode("utf-8", "surrogateescape"), safe="/!$&'()*+,;=@"), "uriBaseId": ROOT}


def _related(group: list[Finding]) -> list[Json]:
    """The trail of the first member, then the places of the others."""
    found: list[Json] = []
    seen: set[tuple[str, int, str]] = set()
    places = [(each.range, each.message, "trail") for each in group[0].related]
    for finding in group[1:] if len(group) > 1 else []:
        if finding.resource is not None:
            places.append((finding.resource.header, finding.address, "instance"))
    for range, text, role in places:
        key = (range.file.path, range.start, text)
        if key in seen or len(found) == MAX_RELATED or not text:
            continue
        seen.add(key)
        entry = {"id": len(found) + 1, "message": {"text": printable(text)}, **_location(range)}
        found.append({**entry, "properties": {"role": role}})
    return found


def _code_flow(finding: Finding) -> list[Json]:
    """How the value came where it decided: from its origin to the place of the finding."""
    if not finding.related:
        return []
    steps = [(each.range, each.message) for each in reversed(finding.related)]
    steps.append((finding.range, finding.message))
    locations = [
        {"location": {**_location(range), "message": {"text": printable(text)}}} for range, text in steps if text
    ]
    return [{"threadFlows": [{"locations": locations}]}]


def _properties(finding: Finding, names: list[str]) -> Json:
    properties: Json = {
        "resources": [printable(name) for name in names],
        "root": printable(finding.root.path),
        "severity": finding.severity,
    }
    if finding.root.deployment:
        properties["deployment"] = printable(finding.root.deployment)
    if finding.when is not None:
        properties["when"] = printable(finding.when)
    if finding.suppressed is not None and finding.suppressed.until is not None:
        properties["suppressedUntil"] = finding.suppressed.until
    return properties


def _invocation(report: Report, notices: list[Json]) -> Json:
    notifications = [_notification(diagnostic) for diagnostic in report.diagnostics] + notices
    invocation: Json = {
        "executionSuccessful": report.error_count() == 0,
        "exitCode": report.exit_code,
        "endTimeUtc": report.date,
    }
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    return invocation


def _notification(diagnostic: Diagnostic) -> Json:
    notification: Json = {"level": diagnostic.severity, "message": {"text": _sentence(printable(diagnostic.message))}}
    if diagnostic.range is not None:
        notification["locations"] = [_location(diagnostic.range)]
    elif diagnostic.path:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": artifact(diagnostic.path)}}]
    return notification

"""OSCAL assessment results: an observation for each result, a finding for each control that something was examined for.

Beside the other formats; control ids are those of oscal_catalog.py. Identifiers depend on what is named, not on the run.
"""

from __future__ import annotations

import json
from typing import Any

from ..judge.attestations import Attestation
from ..policy.finding import FAIL, NOT_APPLICABLE, Finding
from .controls_matrix import BY_HAND, NO_FINDING, NOT_EXAMINED, STATE_WORDS, ControlRow, Matrix, attestations_of
from .oscal_catalog import OSCAL_VERSION, control_id, identifier, property_of, statement_id
from .provenance import NO_CERTIFICATION, Provenance
from .report import Report, kind
from .rows import diagnostic_row, printable

Json = dict[str, Any]
TOOL = identifier("component", "hipaalint")
PLAN = identifier("resource", "plan")


def render(report: Report) -> str:
    """The document as JSON."""
    return json.dumps(assessment_results(report), indent=1, ensure_ascii=False) + "\n"


def assessment_results(report: Report) -> Json:
    """The document.

    OSCAL knows satisfied and not-satisfied alone. A control without findings is satisfied only if nothing is left to be
    shown by hand; what is neither failed nor satisfied is not-satisfied for another reason, `assessment` not-determined.
    """
    provenance = Provenance(report)
    matrix = Matrix(report)
    items = _Items()
    observations, by_check = _observations(report, items)
    attested = {id(each): _attested(each, report.date) for each in attestations_of(report)}
    reviewed = [row for row in matrix.rows if row.state not in (NOT_EXAMINED, BY_HAND)]
    run = identifier(
        "run",
        report.date,
        provenance.inputs_hash,
        provenance.catalogue_hash,
        provenance.configuration_hash,
        provenance.commit,
    )
    statements = [property_of(what.lower().replace(" ", "-"), which) for what, which in provenance.statements()]
    result = {
        "uuid": identifier("result", run),
        "title": "What the templates show",
        "description": f"CloudFormation and Terraform, judged by hipaalint before anything is deployed. {NO_CERTIFICATION}",
        "start": report.date,
        "end": report.date,
        "props": [
            *statements,
            *(property_of(name, str(number)) for name, number in matrix.total.kinds.items()),
            property_of("examined", str(matrix.total.examined)),
        ],
        "local-definitions": _filled({"components": [_tool(provenance)], "inventory-items": items.rows}),
        "reviewed-controls": {"control-selections": [_selection(reviewed)]},
        "observations": [*observations, *attested.values(), *_not_done(report)],
        "findings": [
            _finding(row, [*(o for c, _ in row.checks for o in by_check.get(c.id, [])), *_of(row, attested)], matrix)
            for row in reviewed
        ],
    }
    return {
        "assessment-results": {
            "uuid": run,
            "metadata": {
                "title": "hipaalint: assessment of infrastructure code",
                "last-modified": report.date,
                "version": provenance.version,
                "oscal-version": OSCAL_VERSION,
                "remarks": NO_CERTIFICATION,
            },
            "import-ap": {"href": f"#{PLAN}"},
            "results": [_filled(result)],
            "back-matter": {
                "resources": [
                    {
                        "uuid": PLAN,
                        "title": "Plan: every check of the configuration, on every resource that the templates declare",
                        "description": "The controls are those that `hipaalint controls --format oscal` prints.",
                    }
                ]
            },
        }
    }


def _selection(reviewed: list[ControlRow]) -> Json:
    """What was reviewed. The standard has no word for nothing: then it is all controls, with a description that says so."""
    if not reviewed:
        return {"description": "Nothing was examined, for none of the controls", "include-all": {}}
    return {
        "description": "Controls that a check of this run examined something for",
        "include-controls": [{"control-id": control_id(row.control.id)} for row in reviewed],
    }


class _Items:
    """The resources, as inventory items."""

    __slots__ = ("_seen", "rows")

    def __init__(self) -> None:
        self.rows: list[Json] = []
        self._seen: set[str] = set()

    def __call__(self, finding: Finding) -> str:
        root = finding.root
        number = identifier("item", root.path, root.deployment, finding.address)
        if number not in self._seen:
            self._seen.add(number)
            resource = finding.resource
            facts = {
                "type": resource.type if resource is not None else finding.check.resources[0],
                "root": root.path,
                "deployment": root.deployment,
                "file": resource.header.file.path if resource is not None else "",
            }
            props = [property_of(name, printable(value)) for name, value in facts.items() if value.strip()]
            self.rows.append({"uuid": number, "description": _line(finding.address), "props": props})
        return number


def _observations(report: Report, items: _Items) -> tuple[list[Json], dict[str, list[str]]]:
    """One a result; check → their identifiers."""
    rows: list[Json] = []
    by_check: dict[str, list[str]] = {}
    seen: dict[str, int] = {}
    for finding in report.findings:
        if kind(finding) == NOT_APPLICABLE:
            continue
        # Instances whose addresses are not known can share a fingerprint.
        again = seen[finding.fingerprint] = seen.get(finding.fingerprint, -1) + 1
        number = identifier("observation", finding.fingerprint, str(again))
        by_check.setdefault(finding.check.id, []).append(number)
        rows.append(_observation(finding, number, items(finding), report.date))
    return rows, by_check


def _observation(finding: Finding, number: str, item: str, date: str) -> Json:
    suppressed = finding.suppressed
    facts = {
        "check": finding.check.id,
        "result": kind(finding),
        "severity": finding.severity,
        "reason": finding.reason,
        "fails-when": printable(finding.when or ""),
        "fingerprint": finding.fingerprint,
        "suppressed-because": printable(suppressed.reason) if suppressed is not None else "",
        "suppressed-until": (suppressed.until or "") if suppressed is not None else "",
    }
    message = finding.message + (f" ({finding.note})" if finding.note else "")
    place = f"{finding.range.file.path}:{finding.range.line}"
    return {
        "uuid": number,
        "title": finding.check.id,
        "description": _line(message),
        "props": [property_of(name, value) for name, value in facts.items() if value.strip()],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": [{"actors": [{"type": "tool", "actor-uuid": TOOL}]}],
        "subjects": [{"subject-uuid": item, "type": "inventory-item", "title": _line(finding.address)}],
        "relevant-evidence": [{"description": _line(place)}],
        "collected": date,
    }


def _not_done(report: Report) -> list[Json]:
    """What could not be read or judged: an observation each, so that nobody takes its silence for a result."""
    rows = [row for row in map(diagnostic_row, report.diagnostics) if row["severity"] == "error"]
    return [
        {
            "uuid": identifier("message", str(number), str(row["file"]), str(row["line"]), row["message"]),
            "title": "Not everything could be done",
            "description": _line(row["message"]),
            "props": [property_of("result", "error")],
            "methods": ["TEST"],
            "relevant-evidence": [{"description": _line(f"{row['file'] or 'run'}:{row['line'] or 1}")}],
            "collected": report.date,
        }
        for number, row in enumerate(rows)
    ]


def _attested(each: Attestation, date: str) -> Json:
    """An attestation is an observation by examination: it supports a finding and decides none."""
    row: Json = {
        "uuid": identifier("attestation", *each.subjects, each.owner, each.date, each.evidence),
        "title": "Attested" if not each.is_open(date[:10]) else "Attestation that is not in force",
        "description": _line(f"{', '.join(each.subjects)}, attested by {each.owner}. {each.note}"),
        "props": [property_of("owner", printable(each.owner))],
        "methods": ["EXAMINE"],
        "types": ["control-objective"],
        "relevant-evidence": [{"description": _line(each.evidence)}],
        "collected": f"{each.date}T00:00:00Z",
    }
    if each.until is not None:
        row["expires"] = f"{each.until}T23:59:59Z"
    return row


def _finding(row: ControlRow, observations: list[str], matrix: Matrix) -> Json:
    control = row.control
    left = [one for one in row.manual if not _is_attested(row, one.id, matrix.today)]
    state = row.state
    props = [property_of("state", STATE_WORDS[state]), property_of("manual-requirements-open", str(len(left)))]
    props += [property_of(name, str(number)) for name, number in row.tally.kinds.items()]
    props.append(property_of("examined", str(row.tally.examined)))
    if state == FAIL:
        status = {"state": "not-satisfied", "reason": "fail"}
    elif state == NO_FINDING and not left:
        status = {"state": "satisfied", "reason": "pass"}
    else:
        status = {"state": "not-satisfied", "reason": "other"}
        props.append(property_of("assessment", "not-determined"))
    return {
        "uuid": identifier("finding", control.id),
        "title": _line(f"{control.id}: {control.title}"),
        "description": _line(
            f"{STATE_WORDS[state]}: {row.tally.examined} results examined; "
            f"{len(left)} requirements are still to be shown by hand."
        ),
        "props": props,
        "target": {"type": "statement-id", "target-id": statement_id(control.id), "status": status},
        "related-observations": [{"observation-uuid": number} for number in observations],
    }


def _is_attested(row: ControlRow, manual: str, today: str) -> bool:
    return any(
        not each.is_open(today) and (manual in each.subjects or row.control.id in each.subjects)
        for each in row.attestations
    )


def _of(row: ControlRow, attested: dict[int, Json]) -> list[str]:
    return [attested[id(each)]["uuid"] for each in row.attestations]


def _tool(provenance: Provenance) -> Json:
    return {
        "uuid": TOOL,
        "type": "validation",
        "title": "hipaalint",
        "description": "Judges CloudFormation and Terraform against checks that serve citations of the HIPAA Security Rule.",
        "props": [{"name": "version", "value": provenance.version}],
        "status": {"state": "operational"},
    }


def _filled(data: Json) -> Json:
    """Without what is empty, which the standard does not allow."""
    return {name: value for name, value in data.items() if value not in ([], {}, "")}


def _line(text: str) -> str:
    return " ".join(printable(text).split()) or "-"

"""JUnit XML, as build servers show it: a suite for each root, a case for each finding, errors of the run as errors.

Characters that XML forbids are spelled out before they come here (rows.py).
"""

from __future__ import annotations

from xml.etree import ElementTree

from ..policy.finding import FAIL, UNKNOWN
from .report import Report, kind
from .rows import Row, diagnostic_row, result

OWN_SUITE = "hipaalint"


def render(report: Report) -> str:
    """Failures that count are failures; unknown, conditional and suppressed ones are skipped cases."""
    suites: dict[str, list[ElementTree.Element]] = {}
    for finding in report.shown:
        row = result(finding)
        name = row["root"] + (f" ({row['deployment']})" if row["deployment"] else "")
        suites.setdefault(name, []).append(_case(row, kind(finding)))
    diagnostics = [diagnostic_row(diagnostic) for diagnostic in report.diagnostics]
    errors = [_error(row) for row in diagnostics if row["severity"] == "error"]
    others = [row for row in diagnostics if row["severity"] != "error"]
    if diagnostics:
        suites.setdefault(OWN_SUITE, []).extend(errors)
    top = ElementTree.Element("testsuites", {"name": OWN_SUITE, "time": "0"})
    for name in sorted(suites):
        stamp = report.date.removesuffix("Z")
        suite = ElementTree.SubElement(top, "testsuite", {"name": name, "timestamp": stamp, "time": "0"})
        suite.extend(suites[name])
        _count(suite, suites[name])
        if name == OWN_SUITE and others:
            texts = [f"{_where(row)}: {row['severity']}: {row['message']}" for row in others]
            ElementTree.SubElement(suite, "system-out").text = "\n".join(texts)
    _count(top, [case for cases in suites.values() for case in cases])
    del top.attrib["skipped"]  # only suites have it
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def _count(element: ElementTree.Element, cases: list[ElementTree.Element]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(1 for case in cases if case.find(tag) is not None)))


def _case(row: Row, name: str) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", {"name": f"{row['check']}: {row['resource']}", "classname": row["root"], "time": "0"}
    )
    if name == FAIL:
        failure = ElementTree.SubElement(case, "failure", {"message": row["message"], "type": row["severity"]})
        failure.text = f"{_where(row)}: {row['message']}\ncontrols: {', '.join(row['controls'])}"
    elif row["verdict"] in (FAIL, UNKNOWN):
        why = row["suppressed"]["reason"] if row["suppressed"] else (row["when"] or row["message"])
        ElementTree.SubElement(case, "skipped", {"message": f"{name}: {_where(row)}: {why}"})
    return case


def _error(row: Row) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"name": _where(row), "classname": OWN_SUITE, "time": "0"})
    error = ElementTree.SubElement(case, "error", {"message": row["message"], "type": "error"})
    error.text = f"{_where(row)}: {row['message']}"
    return case


def _where(row: Row) -> str:
    return f"{row['file']}:{row['line']}" if row["file"] else OWN_SUITE

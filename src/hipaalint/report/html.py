"""One page that holds everything: the controls, the checks, the resources, the evidence; opened from disk, no network.

Beside the other formats. The data is JSON, shown by templates/report.js, which writes texts only and never markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib.resources import files

from .controls_matrix import Matrix
from .html_data import data_of_report
from .provenance import NO_CERTIFICATION
from .report import Report


def render(report: Report) -> str:
    """The page. Same report, same bytes."""
    matrix = Matrix(report)
    data = json.dumps(data_of_report(report, matrix), ensure_ascii=False, separators=(",", ":"))
    style, script = (_template(name) for name in ("report.css", "report.js"))
    figures = ", ".join(f"{number} {name}" for name, number in matrix.total.kinds.items())
    parts = {
        "policy": f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(style)}'; "
        f"script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "summary": escape(f"{matrix.total.examined} results examined: {figures}. {NO_CERTIFICATION}"),
        "data": json_in_html(data),
        "map": _map(report),
    }
    page = _template("report.html")
    for name, text in parts.items():
        before, _, after = page.partition(f"<!--{name}-->")
        page = before + text + after
    return page


def json_in_html(text: str) -> str:
    """JSON that can stand in a script element: nothing in it ends the element or opens a comment."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _map(report: Report) -> str:
    return ""


def _template(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

"""Whatever stands in the scanned files: each format stays well formed and holds nothing that acts on its reader."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hipaalint.report import FORMATS, render
from hipaalint.report.excerpt import excerpt, width
from hipaalint.report.report import Report
from hipaalint.source import Diagnostic, SourceFile, SourceRange

from .builders import make_finding, make_report

TEXTS = st.text(st.characters(), min_size=1, max_size=40)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text)))
    file = SourceFile(draw(TEXTS), text)
    place = SourceRange(file, start, draw(st.integers(start, len(text))))
    finding = make_finding(address=draw(TEXTS), message=draw(TEXTS), marked=place, when=draw(st.none() | TEXTS))
    return make_report(finding, diagnostics=(Diagnostic("error", draw(TEXTS), place),), exit_code=2)


@given(reports())
def test_every_format_is_harmless(report: Report) -> None:
    for format in FORMATS:
        text = render(report, format)
        text.encode()
        assert not [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")], format


@given(reports())
def test_every_format_can_be_read(report: Report) -> None:
    assert len(json.loads(render(report, "json"))["results"]) == 1
    assert len(json.loads(render(report, "sarif"))["runs"][0]["results"]) == 1
    assert len(json.loads(render(report, "gitlab"))) == 2
    assert len(list(ElementTree.fromstring(render(report, "junit")).iter("testcase"))) == 2
    assert {len(row) for row in csv.reader(io.StringIO(render(report, "csv")))} == {15}
    annotations = render(report, "github").split("\n")
    assert len(annotations) == 3
    assert all(line.startswith(("::error ", "::notice ")) for line in annotations[:2])


@given(reports())
def test_marks_lie_within_their_line(report: Report) -> None:
    for line in excerpt(report.findings[0].range):
        assert line.mark_width >= 0
        if line.mark_width:
            assert line.mark + line.mark_width <= max(width(line.text), 1) + 1

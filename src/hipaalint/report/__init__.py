"""Reports: one module a format; each turns a Report into text and decides nothing.

After judge/, before pipeline.py and cli/.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Report

# format → module; each has `render(report, ...) -> str`
FORMATS = {
    "text": "text",
    "json": "json_report",
    "sarif": "sarif",
    "junit": "junit",
    "gitlab": "gitlab",
    "github": "github",
    "markdown": "markdown",
    "csv": "csv_report",
    "html": "html",
    "controls-csv": "controls_csv",
    "controls-markdown": "controls_markdown",
    "oscal": "oscal",
}
# Kept as evidence: they show all that was examined, whatever a run includes.
EVIDENCE = ("html", "controls-csv", "controls-markdown", "oscal")


def render(
    report: Report, format: str, *, sarif_profile: str = "github", category: str = "hipaalint", color: bool = False
) -> str:
    """The report in one of FORMATS. `color` (text only): with the escape sequences of a terminal.

    sarif_profile, category: see sarif.py.
    """
    module = importlib.import_module(f".{FORMATS[format]}", __name__)
    if format == "text":
        text: str = module.render(report, color=color)
    elif format == "sarif":
        text = module.render(report, profile=sarif_profile, category=category)
    else:
        text = module.render(report)
    return text

"""`hipaalint controls`: every control, and which checks serve it; those without a check are listed too.

For whoever has to say what is covered and what is not.
"""

from __future__ import annotations

import argparse
import json

from .catalogue import add_catalogue_arguments, read_catalogue
from .output import STANDARD_OUTPUT, write
from .parser import Choice, CommandParser

EXAMPLES = """\
examples:
  hipaalint controls
  hipaalint controls --format json
  hipaalint controls --format oscal > catalog.json"""


def add_arguments(parser: CommandParser) -> None:
    """--format, and where the configuration is."""
    parser.add_argument(
        "--format",
        action=Choice,
        names=("text", "json", "oscal"),
        default="text",
        metavar="FORMAT",
        help="text (default), json, or oscal: a catalogue in that standard",
    )
    add_catalogue_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print them, in the order of their lists."""
    catalogue = read_catalogue(options)
    serving: dict[str, list[str]] = {id: [] for id in catalogue.controls}
    for check in catalogue.checks.values():
        for link in check.controls:
            serving.setdefault(link.id, []).append(check.id)
    if options.format == "oscal":
        from ..report.oscal_catalog import render_catalog

        write(render_catalog(catalogue.controls.values()), STANDARD_OUTPUT)
        return 0
    if options.format == "json":
        data = [
            {
                "id": control.id,
                "framework": control.framework,
                "title": control.title,
                "safeguard": control.safeguard,
                "status": control.status,
                "proposed": control.proposed,
                "checks": sorted(serving[control.id]),
                "manual": [
                    {"id": one.id, "title": one.title, "who": one.who, "shown_by": one.shown_by}
                    for one in catalogue.manual
                    if control.id in one.controls
                ],
            }
            for control in catalogue.controls.values()
        ]
        text = json.dumps(data, indent=2, ensure_ascii=False)
    else:
        width = max(map(len, catalogue.controls), default=0)
        lines = []
        for control in catalogue.controls.values():
            lines.append(f"{control.id:<{width}}  {len(serving[control.id]):>3} checks  {control.title}")
            lines += [f"{'':<{width}}    {id}" for id in sorted(serving[control.id])]
            lines += [
                f"{'':<{width}}    by hand ({one.who}): {one.title}"
                for one in catalogue.manual
                if control.id in one.controls
            ]
        served = sum(1 for checks in serving.values() if checks)
        manual = len({one.id for one in catalogue.manual})
        closing = (
            f"{len(catalogue.controls)} controls, {served} with a check; {manual} requirements to be shown by hand"
        )
        text = "\n".join([*lines, "", closing])
    write(text + "\n", STANDARD_OUTPUT)
    return 0

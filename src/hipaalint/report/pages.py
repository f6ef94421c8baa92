"""The reference pages of the catalogue as Markdown: docs/checks/** and docs/controls/**.

Written with `python -m hipaalint.report.pages docs`; a test compares them. Beside the formats of a run, from the same data
as `hipaalint explain` and `hipaalint controls`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from ..policy.catalogue import Catalogue, load_catalogue
from ..policy.check import Check, Control
from .oscal_catalog import render_catalog

_FENCES = {"terraform": "hcl", "cloudformation": "yaml"}
_WORDS = {"pass": "Passes", "fail": "Fails", "unknown": "Cannot be told", "not_applicable": "Does not apply"}
_FRAMEWORKS = {"hipaa": "HIPAA Security Rule", "hitrust": "HITRUST CSF"}


def pages(catalogue: Catalogue) -> dict[str, str]:
    """Path below docs/ → text."""
    found = {"checks/README.md": "\n".join(_index(catalogue)) + "\n"}
    for check in catalogue.checks.values():
        found[f"checks/{check.service}/{check.id}.md"] = "\n".join(_check(check, catalogue)) + "\n"
    for framework in dict.fromkeys(control.framework for control in catalogue.controls.values()):
        found[f"controls/{framework}.md"] = "\n".join(_framework(framework, catalogue)) + "\n"
    found["controls/oscal-catalog.json"] = render_catalog(catalogue.controls.values())
    return found


def _index(catalogue: Catalogue) -> Iterator[str]:
    checks = list(catalogue.checks.values())
    yield from (
        "# Checks",
        "",
        f"{len(checks)} checks. This page and those below it are made from the check files.",
        "",
    )
    for service in sorted({check.service for check in checks}):
        yield from (f"## {service}", "", "| Check | Severity | |", "|---|---|---|")
        for check in checks:
            if check.service == service:
                advisory = "" if "default" in check.profiles else " (not in the profile `default`)"
                yield f"| [{check.id}]({service}/{check.id}.md) | {check.severity} | {_cell(check.title)}{advisory} |"
        yield ""


def _check(check: Check, catalogue: Catalogue) -> Iterator[str]:
    yield from (f"# {check.id}", "", f"{check.title}.", "")
    profiles = ", ".join(f"`{name}`" for name in (*check.profiles, "all"))
    yield from (f"Severity: **{check.severity}**. Profiles: {profiles}.", "", check.risk, "")
    if check.kind == "missing":
        yield from ("Judged for roots that the configuration declares an account's baseline.", "")
    yield from ("## Controls", "", "| | | Why |", "|---|---|---|")
    for link in check.controls:
        control = catalogue.controls.get(link.id)
        yield f"| {link.id} | {_cell(control.title) if control else ''} | {_cell(link.because)} |"
    yield from ("", "## What is asked", "")
    for part in (check, *check.also):
        yield from (f"Of {', '.join(f'`{type}`' for type in part.resources)}:", "")
        for title, text in (("where", part.filter), ("that", part.condition)):
            if text:
                yield from (title, "", "```hcl", *text.rstrip().splitlines(), "```", "")
    if check.parameters:
        yield from ("## Parameters", "", "| | | Default | |", "|---|---|---|---|")
        for parameter in check.parameters.values():
            default = _cell(repr(parameter.default))
            yield f"| `{parameter.name}` | {parameter.type} | `{default}` | {_cell(parameter.description)} |"
        yield ""
    yield from ("## Repair", "", check.remediation, "", "## Examples", "")
    for verdict, word in _WORDS.items():
        for example in check.examples.get(verdict, []):
            about = example.about or example.when or ""
            yield from (f"### {word}{': ' + about if about else ''}", "")
            for language, texts in example.texts.items():
                for name, text in texts.items():
                    if len(texts) > 1:
                        yield from (f"`{name}`", "")
                    yield from (f"```{_FENCES[language]}", *text.replace(" # <-", "").rstrip().splitlines(), "```", "")
    for language, why in check.only.items():
        other = "CloudFormation" if language == "terraform" else "Terraform"
        yield from (f"No examples in {other}: {why}", "")
    if check.references:
        yield from ("## References", "", *(f"- <{reference}>" for reference in check.references))


def _framework(framework: str, catalogue: Catalogue) -> Iterator[str]:
    controls = [control for control in catalogue.controls.values() if control.framework == framework]
    yield from (f"# {_FRAMEWORKS.get(framework, framework)}", "")
    yield "Which checks serve which reference, why, and what templates cannot show. Passing checks are no certification."
    if any(control.proposed for control in controls):
        yield "What stands under *Proposed* is from the rule proposed on 6 January 2025 (90 FR 898), which is not in force."
    yield ""
    for control in controls:
        yield from _control(control, catalogue)


def _control(control: Control, catalogue: Catalogue) -> Iterator[str]:
    yield from (f"## {control.id}: {control.title}", "")
    facts = ", ".join(filter(None, (control.safeguard, control.kind.replace("-", " "), control.status)))
    if facts:
        yield from (f"{facts[:1].upper()}{facts[1:]}.", "")
    if control.note:
        yield from (control.note, "")
    if control.proposed:
        yield from (f"*Proposed:* {control.proposed}", "")
    serving = [(check, link) for check in catalogue.checks.values() for link in check.controls if link.id == control.id]
    if serving:
        yield from ("| Check | Why |", "|---|---|")
        for check, link in serving:
            yield f"| [{check.id}](../checks/{check.service}/{check.id}.md) | {_cell(link.because)} |"
        yield ""
    else:
        yield from ("No check: nothing in a template shows it.", "")
    manual = [one for one in catalogue.manual if control.id in one.controls]
    if manual:
        yield from ("To be shown by hand:", "")
        for one in manual:
            yield f"- {one.title} ({one.who}). {one.shown_by}"
        yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def write(folder: Path) -> None:
    """Write the pages below a folder, in place of those that were there."""
    for name in ("checks", "controls"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path, text in pages(load_catalogue()).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""The rules of a SARIF log, from checks, and its taxonomies, from the controls that they serve.

Used by report/sarif.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..policy.check import Check, Control
from .rows import printable

# `security-severity` is a text: above 9.0 critical, from 7.0 high, from 4.0 medium.
SECURITY_SEVERITIES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
MAX_TAGS = 10  # shown by code scanning
MAX_DESCRIPTION = 1024
FRAMEWORKS = {
    "hipaa": (
        "HIPAA",
        "HIPAA Security Rule, 45 CFR Part 164 Subpart C",
        "United States Department of Health and Human Services",
    ),
    "hitrust": ("HITRUST", "HITRUST CSF, references only; the titles are hipaalint's own words", "HITRUST"),
}

Json = dict[str, Any]


def rule(check: Check, controls: Mapping[str, Control], with_taxa: bool) -> Json:
    """One reportingDescriptor; `with_taxa`: with its relations to the taxonomies."""
    found: Json = {
        "id": check.id,
        "name": "".join(word.capitalize() for word in check.id.split("-")),
        "shortDescription": {"text": _text(check.title)},
        "fullDescription": {"text": _text(check.risk or check.title)},
        "help": {"text": _help(check), "markdown": _markdown(check, controls)},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": {
            "tags": tags(check),
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning"}.get(LEVELS[check.severity], "recommendation"),
            "security-severity": SECURITY_SEVERITIES[check.severity],
        },
    }
    if check.references:
        found["helpUri"] = check.references[0]
    if with_taxa:
        found["relationships"] = [
            {
                "target": {"id": _reference(link.id), "toolComponent": {"name": _framework(link.id)[0]}},
                "kinds": ["relevant"],
                "description": {"text": _text(link.because)},
            }
            for link in check.controls
        ]
    return found


def tags(check: Check) -> list[str]:
    """At most ten: the subject, the frameworks, and as many citations as there is room for; help has them all."""
    citations = [link.id.replace("hipaa:", "hipaa/").replace("hitrust:", "hitrust/") for link in check.controls]
    frameworks = dict.fromkeys(link.id.partition(":")[0] for link in check.controls)
    return list(dict.fromkeys(["security", *frameworks, *citations]))[:MAX_TAGS]


def taxonomies(checks: Iterable[Check], controls: Mapping[str, Control]) -> list[Json]:
    """One toolComponent a framework, with the controls that the rules refer to."""
    used: dict[str, dict[str, Control | None]] = {}
    for check in checks:
        for link in check.controls:
            used.setdefault(link.id.partition(":")[0], {})[link.id] = controls.get(link.id)
    found = []
    for framework in sorted(used):
        name, description, organization = _framework(f"{framework}:")
        found.append(
            {
                "name": name,
                "organization": organization,
                "shortDescription": {"text": _text(description)},
                "isComprehensive": False,
                "taxa": [_taxon(id, control) for id, control in sorted(used[framework].items())],
            }
        )
    return found


def _taxon(id: str, control: Control | None) -> Json:
    taxon: Json = {"id": _reference(id)}
    if control is not None and control.title:
        taxon["shortDescription"] = {"text": _text(control.title)}
    return taxon


def _framework(id: str) -> tuple[str, str, str]:
    framework = id.partition(":")[0]
    return FRAMEWORKS.get(framework, (framework.upper(), framework, framework))


def _reference(id: str) -> str:
    return id.partition(":")[2] or id


def _text(text: str) -> str:
    text = printable(" ".join(text.split()))
    text = text if len(text) < MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 2] + "…"
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def _help(check: Check) -> str:
    parts = [_text(check.risk or check.title), f"Repair: {_text(check.remediation)}"]
    parts.append(f"Controls: {', '.join(link.id for link in check.controls)}.")
    return " ".join(parts)


def _markdown(check: Check, controls: Mapping[str, Control]) -> str:
    lines = [
        f"**{printable(check.title)}**",
        "",
        _text(check.risk or check.title),
        "",
        "## Repair",
        "",
        _text(check.remediation),
    ]
    lines += ["", "## Controls", ""]
    for link in check.controls:
        control = controls.get(link.id)
        title = f" ({printable(control.title)})" if control is not None else ""
        lines.append(f"- `{link.id}`{title}: {_text(link.because)}")
    if check.references:
        lines += ["", "## References", "", *(f"- <{reference}>" for reference in check.references)]
    lines += ["", f'To live with a finding: `# hipaalint: ignore[{check.id}] reason="…"` on its line or block.']
    return "\n".join(lines)

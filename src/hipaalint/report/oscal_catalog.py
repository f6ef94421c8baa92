"""The citations as an OSCAL catalogue: a control each, with the id and the statement that assessment results refer to.

Made from the lists of controls; printed by `hipaalint controls --format oscal` and kept in docs/controls/.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any

from .. import __version__
from ..policy.check import Control
from .html_data import FRAMEWORKS

OSCAL_VERSION = "1.1.3"
NAMESPACE = uuid.UUID("5b8f0b6e-3a0d-5d0e-9a5c-2f4f2c2f6d11")  # of every identifier that is made here
PROPERTIES = "urn:x-hipaalint:oscal"  # of properties whose names are ours

# A fixed time, raised when the lists change: the same lists make the same document whenever they are printed.
LAST_MODIFIED = "2026-11-01T00:00:00Z"


def identifier(*parts: str) -> str:
    """The same UUID for the same parts."""
    return str(uuid.uuid5(NAMESPACE, "\0".join(parts)))


def control_id(id: str) -> str:
    """`hipaa:164.312(a)(2)(iv)` as a token of OSCAL: `hipaa-164.312-a-2-iv`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", id).strip("-")


def statement_id(id: str) -> str:
    """The id of a control's only statement."""
    return f"{control_id(id)}_smt"


def property_of(name: str, value: str) -> dict[str, str]:
    """A property with a name of ours; its value is one line, as the standard asks."""
    return {"name": name, "ns": PROPERTIES, "value": " ".join(value.split())}


def catalog(controls: Iterable[Control]) -> dict[str, Any]:
    """The document. Groups: framework, and within it safeguard."""
    groups: dict[str, dict[str, list[Control]]] = {}
    for control in controls:
        groups.setdefault(control.framework, {}).setdefault(control.safeguard, []).append(control)
    listed = [
        [control.id, control.title, control.status]
        for group in groups.values()
        for c in group.values()
        for control in c
    ]
    return {
        "catalog": {
            "uuid": identifier("catalog", json.dumps(listed)),
            "metadata": {
                "title": "HIPAA Security Rule (45 CFR Part 164, Subpart C) and paired HITRUST CSF references",
                "last-modified": LAST_MODIFIED,
                "version": __version__,
                "oscal-version": OSCAL_VERSION,
                "remarks": "Titles are short names in our own words; the text of the rule is at ecfr.gov.",
            },
            "groups": [_framework(name, parts) for name, parts in groups.items()],
        }
    }


def render_catalog(controls: Iterable[Control]) -> str:
    """The document as JSON."""
    return json.dumps(catalog(controls), indent=2, ensure_ascii=False) + "\n"


def _framework(name: str, parts: dict[str, list[Control]]) -> dict[str, Any]:
    group: dict[str, Any] = {"id": name, "title": FRAMEWORKS.get(name, name)}
    if list(parts) == [""]:
        return {**group, "controls": [_control(control) for control in parts[""]]}
    group["groups"] = [
        {
            "id": f"{name}-{safeguard or 'other'}",
            "title": (safeguard or "other").capitalize(),
            "controls": [_control(control) for control in controls],
        }
        for safeguard, controls in parts.items()
    ]
    return group


def _control(control: Control) -> dict[str, Any]:
    parts = [{"id": statement_id(control.id), "name": "statement", "prose": control.title}]
    for name, text in (("guidance", control.note), ("proposed", control.proposed)):
        if text:
            part = {"id": f"{control_id(control.id)}_{name}", "name": name, "prose": text}
            parts.append(part if name == "guidance" else {**part, "ns": PROPERTIES})
    found: dict[str, Any] = {
        "id": control_id(control.id),
        "title": control.title,
        "props": [{"name": "label", "value": control.id.partition(":")[2]}],
        "parts": parts,
    }
    if control.kind:
        found["class"] = control.kind
    if control.status:
        found["props"].append(property_of("status", control.status))
    return found

"""JSON schemas of configurations, policies and check files, for editors; the reading itself is in configuration.py.

Printed by `hipaalint schema`; the tests hold them to what the readers accept.
"""

from __future__ import annotations

from typing import Any

from ..policy.check import PARAMETER_TYPES, SEVERITIES
from ..policy.check_file import VERDICT_KEYS
from ..policy.finding import VERDICTS
from .configuration import ACCOUNT_BASELINE
from .rules import MODES

Json = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Json = {"type": "string", "minLength": 1}
_TEXTS: Json = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_SEVERITY: Json = {"enum": list(SEVERITIES)}
_FLAG: Json = {"type": "boolean"}
_DAY: Json = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_SCALAR: Json = {"type": ["string", "number", "boolean", "null"]}
_PARAMETER: Json = {
    "anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "array", "items": {"type": "string"}}]
}
_SCOPE: Json = {"enum": [ACCOUNT_BASELINE]}


def _described(schema: Json, text: str) -> Json:
    return {**schema, "description": text}


def _object(properties: Json, required: tuple[str, ...] = ()) -> Json:
    found: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def _map(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


_SEVERITIES = _map(_SEVERITY)
_DEPLOYMENT = _object(
    {
        "var_files": _TEXTS,
        "variables": _map({"type": ["string", "number", "boolean"]}),
        "parameters": _TEXTS,
        "scope": _SCOPE,
        "phi": _FLAG,
        "environment": _TEXT,
    }
)
_SUPPRESSION = _object(
    {"check": _TEXTS, "address": _TEXT, "path": _TEXT, "reason": _TEXT, "until": _DAY}, ("check", "reason")
)
_ATTESTATION = _object(
    {"requirement": _TEXTS, "owner": _TEXT, "date": _DAY, "evidence": _TEXT, "until": _DAY, "note": _TEXT},
    ("requirement", "owner", "date", "evidence"),
)
_CONFIGURATION: Json = {
    "extends": _described(_TEXT, "a configuration that this one builds on"),
    "profile": _described(_TEXT, "default, all, strict, or one that checks name"),
    "select": _described(_TEXTS, "run only these: ids (with *), aliases, severities, controls"),
    "ignore": _described(_TEXTS, "run these not"),
    "fail_on": _described(_SEVERITY, "lowest severity that closes the gate"),
    "fail_on_unknown": _described(_FLAG, "what could not be decided or loaded closes the gate too"),
    "include": _described(
        {"oneOf": [{"enum": list(VERDICTS)}, {"type": "array", "items": {"enum": list(VERDICTS)}}]},
        "what reports show besides failures",
    ),
    "exclude": _described(_TEXTS, "paths that are judged only when they are named"),
    "checks": _described(_TEXTS, "folders with checks of your own"),
    "parameters": _described(_map(_map(_PARAMETER)), "check → parameter → value"),
    "severity": _described(_SEVERITIES, "id (with *), severity or control → another severity"),
    "overrides": _described(
        {
            "type": "array",
            "items": _object({"paths": _TEXTS, "ignore": _TEXTS, "severity": _SEVERITIES}, ("paths",)),
        },
        "what holds for some paths alone",
    ),
    "scope": _described(_SCOPE, "these roots hold the account's baseline"),
    "assume": _described(
        _map({"type": "object", "properties": {"reason": _TEXT}, "required": ["reason"]}),
        "settings of the account that somebody vouches for, as if each root declared them",
    ),
    "attest": _described(
        {"type": "array", "items": _ATTESTATION}, "what somebody vouches for with evidence: shown, never passed"
    ),
    "roots": _described(_map(_map(_DEPLOYMENT)), "root → name of a deployment → its inputs"),
    "suppressions": _described(
        {"type": "array", "items": _SUPPRESSION}, "findings that do not count, by address and path"
    ),
    "suppression_rules": _described(
        _map({"enum": list(MODES)}), "id (with *), severity or control → how suppressions are treated"
    ),
    "phi": _described(
        _object(
            {
                "tag_keys": _TEXTS,
                "tag_values": _TEXTS,
                "environment_keys": _TEXTS,
                "addresses": _TEXTS,
                "roots": _TEXTS,
                "raise_severity": _FLAG,
            }
        ),
        "what holds PHI: tags that say so, addresses and roots",
    ),
    "baseline": _described(_TEXT, "the file that `hipaalint baseline` wrote"),
}
_ALLOW = _object(
    {
        "ignore": _TEXTS,
        "severity": _TEXTS,
        "exclude": _TEXTS,
        "parameters": _map(
            {"oneOf": [_TEXTS, _map(_object({"at_least": {"type": "number"}, "at_most": {"type": "number"}}))]}
        ),
        "assume": _TEXTS,
        "roots": _TEXTS,
        "baseline": _FLAG,
        "since": _FLAG,
    }
)
_EXAMPLE = _object(
    {
        "about": _TEXT,
        "cloudformation": {"oneOf": [_TEXT, _map({"type": "string"})]},
        "terraform": {"oneOf": [_TEXT, _map({"type": "string"})]},
        "parameters": _map(_PARAMETER),
        "strict": _FLAG,
        "when": _TEXT,
    }
)
_CHECK: Json = {
    "id": _described({"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)+$"}, "the name of the file"),
    "title": _described(_TEXT, "the good condition"),
    "severity": _SEVERITY,
    "controls": {"type": "array", "minItems": 1, "items": _object({"id": _TEXT, "because": _TEXT}, ("id", "because"))},
    "risk": _described(_TEXT, "one sentence for a reader who is no AWS specialist"),
    "resource": _described(_TEXTS, "the types that are judged"),
    "missing": _described(_TEXTS, "the types of which one ought to be there"),
    "scope": {"enum": ["resource", "account"]},
    "filter": _described(_TEXT, "a |- block: where it is false, the check does not apply"),
    "condition": _described(_TEXT, "a |- block: what must hold"),
    "message": _described(_TEXT, "a |- block: the finding, in one sentence"),
    "also": {
        "type": "array",
        "items": _object(
            {"resource": _TEXTS, "filter": _TEXT, "condition": _TEXT, "message": _TEXT}, ("resource", "condition")
        ),
    },
    "remediation": _TEXT,
    "parameters": _map(
        _object(
            {"type": {"enum": list(PARAMETER_TYPES)}, "default": _PARAMETER, "description": _TEXT}, ("type", "default")
        )
    ),
    "profiles": _TEXTS,
    "aliases": _TEXTS,
    "only": {
        "type": "object",
        "properties": {"cloudformation": _TEXT, "terraform": _TEXT},
        "additionalProperties": False,
    },
    "examples": _object({verdict: {"type": "array", "items": _EXAMPLE} for verdict in VERDICT_KEYS}),
    "references": _TEXTS,
}
_REQUIRED = ("id", "title", "severity", "controls", "risk", "message", "remediation", "examples")


def schemas() -> dict[str, Json]:
    """Name → schema."""
    return {
        "configuration": _top("hipaalint: configuration", _object(_CONFIGURATION)),
        "policy": _top(
            "hipaalint: a platform's policy",
            _object(
                {
                    **{name: each for name, each in _CONFIGURATION.items() if name not in ("roots", "overrides")},
                    "allow": _described(_ALLOW, "what a repository may loosen"),
                }
            ),
        ),
        "check": _top("hipaalint: check", _object(_CHECK, _REQUIRED)),
    }


def _top(title: str, schema: Json) -> Json:
    return {"$schema": DIALECT, "title": title, **schema}

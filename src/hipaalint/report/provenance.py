"""What a report rests on: versions, configuration, commit, hashes of catalogue and inputs; and what it does not prove.

Read from a Report; shown by the reports that are kept as evidence (html, oscal, controls-csv, controls-markdown).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from .. import __version__
from ..judge.configuration import Configuration
from ..policy.catalogue import Catalogue
from ..policy.check import Check, data_of
from ..resource import Root
from .report import Report
from .rows import printable

NO_CERTIFICATION = (
    "This report says what templates show. It is no certification and no legal advice: a control without findings is "
    "not thereby satisfied, and HIPAA asks for much that no template can show."
)


class Provenance:
    """catalogue_hash, inputs_hash, configuration_hash: SHA-256, hexadecimal. configuration: what was set, as plain data.

    checks: how many the catalogue has; ran: how many of them this run asked.
    """

    __slots__ = (
        "catalogue_hash",
        "checks",
        "commit",
        "configuration",
        "configuration_hash",
        "date",
        "inputs",
        "inputs_hash",
        "ran",
        "version",
    )

    def __init__(self, report: Report) -> None:
        catalogue = report.catalogue
        known = list(catalogue.checks.values()) if catalogue is not None else report.checks
        self.version = __version__
        self.date = report.date
        self.checks = len(known)
        self.ran = len(report.checks)
        self.catalogue_hash = _catalogue_hash(known, catalogue, report)
        self.configuration = settings_of(report)
        self.configuration_hash = _hash_of_data(self.configuration)
        self.inputs, self.inputs_hash = _inputs(report.roots)
        revision = report.revision
        self.commit = revision.commit if revision is not None else ""

    def statements(self) -> list[tuple[str, str]]:
        """(what, which) in the order in which they are shown."""
        return [
            ("Tool", f"hipaalint {self.version}"),
            (
                "Catalogue",
                f"{self.checks} checks, {self.ran} of them asked; SHA-256 {self.catalogue_hash}",
            ),
            ("Date", self.date),
            ("Commit", self.commit or "not known"),
            ("Inputs", f"{self.inputs} files; SHA-256 {self.inputs_hash}"),
            (
                "Configuration",
                f"{json.dumps(self.configuration, ensure_ascii=False)}; SHA-256 {self.configuration_hash}",
            ),
            ("What this is not", NO_CERTIFICATION),
        ]


def settings_of(report: Report) -> dict[str, Any]:
    """The settings of a run as plain data: those that are not at their default, without the values of variables."""
    found: dict[str, Any] = {
        "profile": report.profile,
        "fail_on": report.gate,
        "fail_on_unknown": report.fail_on_unknown,
        "assume_nothing": report.assume_nothing,
    }
    configuration = report.configuration
    if configuration is not None:
        found |= {name: value for name, value in _details(configuration).items() if value}
    cleaned: dict[str, Any] = json.loads(json.dumps(found, default=str, sort_keys=True), object_hook=_printable)
    return cleaned


def _details(configuration: Configuration) -> dict[str, Any]:
    return {
        "select": list(configuration.select),
        "ignore": list(configuration.ignore),
        "exclude": list(configuration.exclude),
        "checks": [folder.name for folder in configuration.checks],
        "parameters": {
            check: {name: value for name, (value, _) in values.items()}
            for check, values in configuration.parameters.items()
        },
        "severity": {pattern: severity for pattern, severity, _ in configuration.severities},
        "overrides": [
            {
                "paths": list(each.paths),
                "ignore": list(each.ignore),
                "severity": {pattern: severity for pattern, severity, _ in each.severities},
            }
            for each in configuration.overrides
        ],
        "account_baseline": configuration.account_baseline is not None,
        "assume": [
            {"type": each.type, "members": each.members, "reason": each.reason} for each in configuration.assumptions
        ],
        "deployments": sorted(
            {each.name for deployments in configuration.roots.values() for each in deployments if each.name}
        ),
        "variables": [str(value).partition("=")[0] for kind, value in configuration.variables if kind == "var"],
        "variable_files": [getattr(value, "name", "") for kind, value in configuration.variables if kind == "file"],
        "parameter_files": [path.name for path in configuration.parameter_files],
        "suppressions": len(configuration.suppressions),
        "baseline": configuration.known_findings.name if configuration.known_findings is not None else "",
        "since": configuration.since or "",
        "policy": configuration.policy.name if configuration.policy is not None else "",
    }


def _printable(data: dict[str, Any]) -> dict[str, Any]:
    return {printable(name): _cleaned(value) for name, value in data.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return printable(value) if isinstance(value, str) else value


def _catalogue_hash(checks: Iterable[Check], catalogue: Catalogue | None, report: Report) -> str:
    controls = (catalogue.controls if catalogue is not None else report.controls).values()
    return _hash_of_data(
        {
            "checks": [data_of(check) for check in checks],
            "controls": [[getattr(control, name) for name in control.__slots__] for control in controls],
        }
    )


def _hash_of_data(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _inputs(roots: Iterable[Root]) -> tuple[int, str]:
    """How many files were read, and the hash of their paths and texts."""
    files = {file.path: file.text for root in roots for file in root.files}
    total = hashlib.sha256()
    for path in sorted(files):
        for part in (path, files[path]):
            total.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    return len(files), total.hexdigest()

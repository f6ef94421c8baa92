"""The baseline: findings that were there when somebody drew the line, by fingerprint, in a file of its own.

After suppressions.py, before the gate. The file holds no values and no messages: names, places and fingerprints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..policy.finding import FAIL, UNKNOWN, Finding, Suppression
from ..source import Diagnostic
from .configuration import ConfigurationError

BASELINE = "baseline"
FILE_NAME = "hipaalint-baseline.json"
VERSION = 1

Entry = dict[str, Any]
Entries = dict[str, Entry]  # by fingerprint


def read_baseline(path: Path, display: str) -> Entries:
    """The entries of a baseline. Raises ConfigurationError."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise _wrong(
            f"the baseline cannot be read: {error.strerror}; `hipaalint baseline` writes it", display
        ) from None
    except (ValueError, RecursionError):
        raise _wrong("the baseline is no JSON; `hipaalint baseline` writes it anew", display) from None
    findings = content.get("findings") if isinstance(content, dict) else None
    if not isinstance(findings, list) or content.get("version") != VERSION:
        raise _wrong(f"this is no baseline of version {VERSION}; `hipaalint baseline` writes it anew", display)
    entries: Entries = {}
    for each in findings:
        if not isinstance(each, dict) or not isinstance(each.get("fingerprint"), str):
            raise _wrong("an entry of the baseline has no fingerprint; `hipaalint baseline` writes it anew", display)
        entries[each["fingerprint"]] = each
    return entries


def apply_baseline(
    findings: Iterable[Finding], known: Mapping[str, Entry], reason: str = "in the baseline"
) -> set[str]:
    """Marks the live findings that are known; the fingerprints of the entries that were met, in any state.

    An entry under an address that a `moved` block names counts as the finding's own.
    """
    met: set[str] = set()
    for finding in findings:
        if finding.verdict not in (FAIL, UNKNOWN) or not known:
            continue
        own = [name for name in (finding.fingerprint, *finding.former_fingerprints) if name in known]
        met.update(own)
        if own and finding.suppressed is None:
            finding.suppressed = Suppression(BASELINE, reason)
    return met


def leftover_entries(entries: Mapping[str, Entry], met: set[str], display: str) -> list[Diagnostic]:
    """A note where entries meet nothing any more."""
    gone = len(entries.keys() - met)
    if not gone:
        return []
    what = "1 entry of the baseline meets" if gone == 1 else f"{gone} entries of the baseline meet"
    return [Diagnostic("note", f"{what} nothing; `hipaalint baseline --prune` removes what is repaired", path=display)]


def entries_of(findings: Iterable[Finding], with_unknown: bool) -> Entries:
    """What a baseline would hold of some findings: the live ones and those that an earlier baseline marked."""
    verdicts = (FAIL, UNKNOWN) if with_unknown else (FAIL,)
    return {
        finding.fingerprint: {
            "fingerprint": finding.fingerprint,
            "check": finding.check.id,
            "verdict": finding.verdict,
            "root": finding.root.path,
            "deployment": finding.root.deployment,
            "resource": finding.address,
            "file": finding.range.file.path,
        }
        for finding in findings
        if finding.verdict in verdicts and (finding.suppressed is None or finding.suppressed.kind == BASELINE)
    }


def baseline_text(entries: Mapping[str, Entry]) -> str:
    """The file, the same for the same entries; one line each, so that a change of one is a change of one line."""

    def order(entry: Entry) -> tuple[str, ...]:
        return tuple(str(entry.get(name, "")) for name in ("root", "deployment", "resource", "check", "fingerprint"))

    lines = [json.dumps(entry) for entry in sorted(entries.values(), key=order)]
    body = ",\n".join(f"    {line}" for line in lines)
    return f'{{\n  "version": {VERSION},\n  "findings": [{chr(10) + body + chr(10) + "  " if lines else ""}]\n}}\n'


def _wrong(message: str, display: str) -> ConfigurationError:
    return ConfigurationError([Diagnostic("error", message, path=display)])

"""Precision and recall on labelled cases, per source and language, with every disagreement.

    python bench/score.py CASES [--source NAME] [--language terraform|cloudformation] [--check ID] [--quiet]

CASES is a folder with `cases.jsonl` (a line for each case and rule: source, rule, lang, path, expect [{resource, verdict}] or
whole), `rule_map.yaml` (source → rule → ids of checks, which labels to use) and perhaps `label-fixes.yaml` (labels of
templates that are invalid). A fail label whose resource comes out unknown counts as missed in rec(U).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from hipaalint import scan
from hipaalint.policy.catalogue import load_catalogue
from hipaalint.policy.finding import Finding

LANGUAGES = {"tf": "terraform", "cfn": "cloudformation"}
COUNTS = ("TP", "FP", "FN", "TN", "U+", "U-")


def main() -> int:
    """Print the table; the exit code is 0 whatever the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--source")
    parser.add_argument("--language", choices=LANGUAGES.values())
    parser.add_argument("--check", help="only the labels of this check")
    parser.add_argument("--quiet", action="store_true", help="the table alone, without the disagreements")
    options = parser.parse_args()
    known = set(load_catalogue().checks)
    rules = yaml.safe_load((options.cases / "rule_map.yaml").read_text())
    rows = list(labelled(options.cases, rules, known))
    rows = [
        row
        for row in rows
        if (options.source in (None, row["source"]))
        and (options.language in (None, LANGUAGES[row["lang"]]))
        and (options.check is None or options.check in row["ids"])
    ]
    totals: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    disagreements: list[str] = []
    findings: dict[str, list[Finding]] = {}
    for row in sorted(rows, key=lambda row: str(row["path"])):
        if row["path"] not in findings:
            findings = {row["path"]: scan([options.cases / row["path"]], {"profile": "all"}).findings}
        mine = [finding for finding in findings[row["path"]] if finding.check.id in row["ids"]]
        for outcome, resource, why in outcomes(row, mine):
            totals[row["source"], LANGUAGES[row["lang"]]][outcome] += 1
            if outcome in ("FP", "FN", "U+", "U-"):
                disagreements.append(f"{outcome} {row['source']}/{row['rule']} {row['path']} {resource}: {why}")
    report(totals)
    if not options.quiet:
        print(f"\n{len(disagreements)} disagreements")
        for line in sorted(disagreements):
            print(" ", line)
    return 0


def labelled(folder: Path, rules: dict[str, Any], known: set[str]) -> Iterator[dict[str, Any]]:
    """The cases whose rule asks for the same as a check that exists, with the labels that say something about it."""
    fixes_file = folder / "label-fixes.yaml"
    fixes = (
        [fix for fix in yaml.safe_load(fixes_file.read_text()) or [] if fix["kind"] == "invalid"]
        if fixes_file.exists()
        else []
    )
    for line in (folder / "cases.jsonl").read_text().splitlines():
        row = json.loads(line)
        rule = rules.get(row["source"], {}).get(row["rule"])
        if rule is None:
            continue
        rule = rule if isinstance(rule, dict) else {"ids": rule}
        row["ids"] = [id for id in rule.get("ids") or rule.get(row["lang"]) or [] if id in known]
        use = rule.get("by_lang", {}).get(row["lang"], {}).get("use", rule.get("use", "all"))
        if not row["ids"] or use == "none":
            continue
        if any(_mends(fix, row) and fix["action"] == "drop-case" for fix in fixes):
            continue
        dropped = [fix for fix in fixes if _mends(fix, row) and fix["action"] == "drop"]
        labels = [label for label in row["expect"] if not any(_covers(fix, label) for fix in dropped)]
        labels = [label for label in labels if not _is_dropped(rule.get("drop") or (), row["path"], label)]
        labels = [label for label in labels if label.get("type") not in (rule.get("skip") or ())]
        whole = row.get("whole") if labels or not row["expect"] else None
        if use in ("pass-only", "fail-only"):
            labels = [label for label in labels if label["verdict"] == use[:4]]
            whole = whole if whole == use[:4] else None
        if f"{row['path']}={whole}" in (rule.get("drop") or ()):
            whole = None
        row["expect"], row["whole"] = labels, whole
        if labels or whole:
            yield row


def _mends(fix: dict[str, Any], row: dict[str, Any]) -> bool:
    return (
        fix["source"] == row["source"]
        and fix.get("rule", row["rule"]) == row["rule"]
        and fnmatch(row["path"], fix["path"])
    )


def _covers(fix: dict[str, Any], label: dict[str, Any]) -> bool:
    return fnmatch(label["resource"], fix.get("resource", "*")) and fix.get("file") in (None, label.get("file"))


def _is_dropped(drops: Any, path: str, label: dict[str, Any]) -> bool:
    verdict = label["verdict"]
    file = label.get("file")
    names = {f"{path}={verdict}", f"{path}#{label['resource']}={verdict}"}
    names |= {f"{path}/{file}={verdict}", f"{path}/{file}#{label['resource']}={verdict}"}
    return any(drop in names for drop in drops)


def outcomes(row: dict[str, Any], findings: list[Finding]) -> Iterator[tuple[str, str, str]]:
    """(count, resource, why) for each label of a case; a failure where none is labelled in a passing case is a FP too."""
    verdicts: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        verdicts[plain(finding.address)].add(
            "conditional" if finding.when and finding.verdict == "fail" else finding.verdict
        )
    failing = {address for address, found in verdicts.items() if "fail" in found}
    if not row["expect"]:
        state = "fail" if failing else "unknown" if any("unknown" in found for found in verdicts.values()) else "pass"
        yield _count(row["whole"], state), "(the template)", ", ".join(sorted(failing)) or state
        return
    labels = {plain(label["resource"]): label for label in row["expect"]}
    spare = failing - set(labels)
    for resource, label in labels.items():
        found = verdicts.get(resource, set())
        state = "fail" if "fail" in found else "unknown" if "unknown" in found else "pass" if found else "no verdict"
        if label["verdict"] == "fail" and state != "fail":
            related = {address for address in spare if _related(findings, address, resource)}
            if related:
                spare -= related
                state = "fail"
        yield _count(label["verdict"], state), resource, state
    if row["whole"] == "pass":
        for address in sorted(spare):
            yield "FP", address, "fails in a case that passes as a whole"


def _count(label: str, state: str) -> str:
    if label == "fail":
        return {"fail": "TP", "unknown": "U+"}.get(state, "FN")
    return {"fail": "FP", "unknown": "U-"}.get(state, "TN")


def _related(findings: list[Finding], address: str, other: str) -> bool:
    """Whether the resource that failed names the labelled one, or the other way round."""
    for finding in findings:
        if plain(finding.address) == address and finding.resource is not None:
            text = finding.resource.written.range.text
            if re.search(rf"(?<![\w.-]){re.escape(other)}(?![\w-])", text):
                return True
            for written in finding.root.resources:
                if plain(written.address) == other and re.search(
                    rf"(?<![\w.-]){re.escape(address)}(?![\w-])", written.range.text
                ):
                    return True
    return False


def plain(address: str) -> str:
    """An address without instance keys and module path."""
    return re.sub(r"\[[^\]]*\]", "", address).rsplit("/", 1)[-1] if "." not in address else _without_modules(address)


def _without_modules(address: str) -> str:
    return re.sub(r"^(module\.[\w-]+\.)+", "", re.sub(r"\[[^\]]*\]", "", address))


def report(totals: dict[tuple[str, str], Counter[str]]) -> None:
    """The table, a line for each source and language and one for all."""
    print(
        f"{'':32}"
        + "".join(f"{name:>6}" for name in COUNTS)
        + f"{'precision':>11}{'rec(U)':>8}{'undecided passes':>18}"
    )
    everything: Counter[str] = Counter()
    for (source, language), counts in sorted(totals.items()):
        everything.update(counts)
        print(_line(f"{source} {language}", counts))
    print(_line("all", everything))


def _line(name: str, counts: Counter[str]) -> str:
    def share(part: int, whole: int) -> str:
        return f"{part / whole:.3f}" if whole else "-"

    true = counts["TP"]
    fails = true + counts["FN"] + counts["U+"]
    passes = counts["TN"] + counts["FP"] + counts["U-"]
    return (
        f"{name:32}"
        + "".join(f"{counts[count]:6}" for count in COUNTS)
        + f"{share(true, true + counts['FP']):>11}{share(true, fails):>8}{share(counts['U-'], passes):>18}"
    )


if __name__ == "__main__":
    sys.exit(main())

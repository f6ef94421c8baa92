"""Runs the examples of check files: each in a folder of its own, through loading, graph and engine, with that check only.

Used by `hipaalint test` and by the tests of the checks that come with hipaalint.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ..graph.graph import ResourceGraph, build_graph
from ..load.cloudformation import load_template
from ..load.options import LoadOptions
from ..load.terraform import load_module_root
from ..model.loader_hooks import identifier, nested_blocks
from ..source import Diagnostic
from .check import MISSING, Check, Example
from .engine import Settings, run
from .finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Finding

MARK = "# <-"
Place = tuple[str, int]  # path and line


class Case:
    """One example in one language. name: `pass 2 (terraform)`, numbered as in the file."""

    __slots__ = ("check", "example", "language", "name", "verdict")

    def __init__(self, check: Check, verdict: str, position: int, example: Example, language: str) -> None:
        self.check = check
        self.verdict = verdict
        self.example = example
        self.language = language
        self.name = f"{verdict} {position} ({language})"

    @property
    def marks(self) -> set[Place]:
        """The lines that must be reported."""
        return {
            (path, number)
            for path, text in self.example.texts[self.language].items()
            for number, line in enumerate(text.splitlines(), 1)
            if line.rstrip().endswith(MARK)
        }


def cases(check: Check) -> Iterator[Case]:
    """Every example of a check in every language that it is written in."""
    for verdict, examples in check.examples.items():
        for position, example in enumerate(examples, 1):
            for language in example.texts:
                yield Case(check, verdict, position, example, language)


class LoadedCase:
    """An example that was written to a folder, loaded and related; the folder is there until `close`."""

    __slots__ = ("_folder", "case", "diagnostics", "graph", "settings")

    def __init__(self, case: Case) -> None:
        self.case = case
        self._folder = TemporaryDirectory(prefix="hipaalint-")
        base = Path(self._folder.name).resolve()
        for name, text in case.example.texts[case.language].items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        options = LoadOptions(base, identifier=identifier, nested_blocks=nested_blocks)
        if case.language == "terraform":
            root = load_module_root(base, options)
        else:
            first = next(iter(case.example.texts[case.language]))
            root = load_template(base / first, options)
        self.diagnostics: list[Diagnostic] = [d for d in root.diagnostics if d.severity == "error"]
        self.graph: ResourceGraph = build_graph([root])
        baselines = {root.path: None} if case.check.kind == MISSING else {}
        self.settings = Settings({case.check.id: case.example.parameters}, baselines, strict=case.example.strict)

    def findings(self, check: Check) -> list[Finding]:
        """What a check (the case's own, or a mutant of it) says about the example; errors join the diagnostics."""
        found, problems = run(self.graph, [check], self.settings)
        self.diagnostics += problems
        return found

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()


def differences(case: Case) -> list[str]:
    """What an example gives that it should not, or the other way round; empty if all is as marked."""
    loaded = LoadedCase(case)
    try:
        return [f"{d.path}:{d.line}: {d.message}" for d in loaded.diagnostics] or compare(
            case, loaded.findings(case.check), loaded.diagnostics
        )
    finally:
        loaded.close()


def compare(case: Case, findings: list[Finding], diagnostics: list[Diagnostic] | None = None) -> list[str]:
    """Findings against the verdict and the marks of a case."""
    wrong = [f"{d.path}:{d.line}: {d.message}" for d in diagnostics or ()]
    marks = case.marks
    reported: dict[Place, Finding] = {}
    for finding in findings:
        if finding.verdict in (FAIL, UNKNOWN):
            place = (finding.range.file.path, finding.range.line)
            reported[place] = finding
            if finding.verdict != case.verdict:
                wrong.append(f"{_shown(finding)}: {finding.verdict}, not {case.verdict}: {finding.message}")
            elif place not in marks:
                wrong.append(f"{_shown(finding)}: {finding.verdict} is reported here, where no {MARK} is")
            elif (case.verdict == FAIL or case.example.when) and finding.when != case.example.when:
                wrong.append(f"{_shown(finding)}: `when` is {finding.when!r}, not {case.example.when!r}")
    if case.verdict in (FAIL, UNKNOWN):
        if not marks:
            wrong.append(f"mark the line that must be reported with {MARK}")
        others = ", ".join(f"{f.address}: {f.verdict}" for f in findings) or "the check was about no resource"
        wrong += [
            f"{path}:{line}: marked, but nothing is reported here ({others})"
            for path, line in sorted(marks - set(reported))
        ]
    else:
        verdicts = {finding.verdict for finding in findings}
        if marks:
            wrong.append(f"{MARK} marks what is reported; in an example for {case.verdict} nothing is")
        if case.verdict not in verdicts:
            wrong.append(f"no resource gets the verdict {case.verdict}")
        if case.verdict == NOT_APPLICABLE and PASS in verdicts:
            passing = next(finding for finding in findings if finding.verdict == PASS)
            wrong.append(f"{_shown(passing)}: pass, not not_applicable")
    return wrong


def _shown(finding: Finding) -> str:
    return f"{finding.range.file.path}:{finding.range.line} ({finding.address})"

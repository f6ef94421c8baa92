"""The engine: every check on every resource of its types, in the scenarios that matter, as findings with evidence.

After graph/, before judge/. One check that crashes on one resource is a diagnostic; everything else is still judged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..expression.convert import to_string
from ..expression.evaluator import evaluate
from ..expression.functions import TERRAFORM_FUNCTIONS
from ..expression.functions.function import CallContext
from ..expression.scope import Function
from ..expression.values import OUTSIDE, UNRESOLVED, EvaluationError, Known, Unknown, is_false, is_true
from ..expression.world import Reads, World
from ..graph.graph import ResourceGraph
from ..model.resource import Resource
from ..resource import Root
from ..source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ..syntax.yaml_json import Node
from ..syntax.yaml_json import parse as parse_yaml
from .check import MISSING, Check
from .evidence import MASKED, NOT_WRITTEN, Evidence, gather, narrowed
from .finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, VERDICTS, Finding
from .functions import DOMAIN_FUNCTIONS
from .masking import is_secret
from .phi import holds_phi, raised
from .program import CheckScope, Outcome, Program
from .scenarios import explore

FUNCTIONS: dict[str, Function] = {**TERRAFORM_FUNCTIONS, **DOMAIN_FUNCTIONS}
ABSENCE = "missing"
DATA = "data."


class Settings:
    """How checks are run.

    parameters: check id → name → value, what a configuration says instead of the defaults.
    baselines: path of a root → where the configuration declares it an account baseline (None: no place is known).
    strict: a safe default of the service does not count; it must be written.
    explained: verdicts whose findings get evidence; the others stand at the resource's header, which is quicker.
    """

    __slots__ = ("baselines", "explained", "parameters", "strict")

    def __init__(
        self,
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
        baselines: Mapping[str, SourceRange | None] | None = None,
        strict: bool = False,
        explained: Collection[str] = VERDICTS,
    ) -> None:
        self.explained = frozenset(explained) | {FAIL, UNKNOWN} | ({PASS} if strict else set())
        self.parameters = parameters or {}
        self.baselines = baselines or {}
        self.strict = strict


def run(
    graph: ResourceGraph, checks: Iterable[Check], settings: Settings | None = None
) -> tuple[list[Finding], list[Diagnostic]]:
    """Findings of every verdict, by check and then in the order of the graph; and what went wrong on the way."""
    engine = _Engine(graph, settings or Settings())
    for check in checks:
        engine.check(check)
    _number(engine.findings)
    return engine.findings, engine.diagnostics


def _yaml(text: str) -> Node:
    return parse_yaml(SourceFile("<text>", text), as_written=True)


class _Engine:
    __slots__ = ("contexts", "diagnostics", "findings", "graph", "settings")

    def __init__(self, graph: ResourceGraph, settings: Settings) -> None:
        self.graph = graph
        self.settings = settings
        self.contexts: dict[World, CallContext] = {}
        self.findings: list[Finding] = []
        self.diagnostics: list[Diagnostic] = []

    def check(self, check: Check) -> None:
        """Run one check on all that it is about."""
        for part in (check, *check.also):
            self.part(part)

    def part(self, check: Check) -> None:
        """Run a check on the types that share a condition. Its expressions are parsed only if there is anything."""
        if check.kind == MISSING:
            subjects: list[Resource | Root] = [
                one.root for one in self.graph.roots if one.root.path in self.settings.baselines
            ]
        else:
            subjects = [resource for type in check.resources for resource in self.resources(type)]
        if not subjects:
            return
        try:
            program = compile_check(check, self.settings.parameters.get(check.id, {}))
        except SyntaxFault as fault:
            self.diagnostics.append(Diagnostic("error", f"{check.id}: {fault.message}", fault.range))
            return
        for subject in subjects:
            try:
                if isinstance(subject, Root):
                    self.findings.append(self.missing(program, subject))
                else:
                    self.findings.append(self.judge(program, subject))
            except Exception as error:  # noqa: BLE001 - the boundary: one crash must not lose its neighbours
                self.diagnostics.append(_crash(check, subject, error))

    def resources(self, type: str) -> list[Resource]:
        """The managed resources of a type, or with `data.` before it the data sources; `AWS::*` means all that begin so."""
        data = type.startswith(DATA)
        name = type.removeprefix(DATA)
        if name.endswith("*"):
            found = [resource for resource in self.graph.resources if resource.type.startswith(name[:-1])]
        else:
            found = self.graph.of_type(name)
        return [resource for resource in found if resource.written.data is data]

    def scope(self, program: Program, resource: Resource) -> CheckScope:
        world = resource.root.world
        context = self.contexts.get(world)
        if context is None:
            context = self.contexts[world] = CallContext(world, parse_yaml=_yaml)
        view = self.graph.view(resource)
        return CheckScope(world, FUNCTIONS, context, view, resource.address, resource.type, program.parameters)

    def judge(self, program: Program, resource: Resource) -> Finding:
        """One check on one resource."""
        scope = self.scope(program, resource)
        world = scope.world
        judgement = explore(world, lambda: _in_scenario(program, resource, scope))
        with world.scenario(judgement.assignment):
            outcome = judgement.outcome
            if not judgement.alone and judgement.verdict in (FAIL, UNKNOWN):
                # Evaluated again so that what was looked up belongs to this scenario; a pass needs no path.
                scope.looked_up.clear()
                _in_scenario(program, resource, scope)
            if judgement.verdict in self.settings.explained:
                evidence = gather(outcome.value, resource, scope.looked_up, program.texts)
            else:
                evidence = Evidence(narrowed(resource.written.call or resource.header))
            finding = Finding(program.check.whole, resource.root, resource, judgement.verdict, evidence.range)
            finding.when = judgement.when
            self.describe(finding, program, scope, outcome, evidence)
        return finding

    def describe(
        self, finding: Finding, program: Program, scope: CheckScope, outcome: Outcome, evidence: Evidence
    ) -> None:
        """Put the evidence and the words into a finding."""
        finding.related = evidence.related
        finding.sensitive = evidence.sensitive
        if evidence.value and finding.resource is not None and is_secret(finding.resource.type, evidence.path or ""):
            evidence.value = MASKED
        title = program.check.title
        if finding.verdict == PASS and evidence.default is not None:
            since = getattr(evidence.default, "since", "")
            finding.note = f"by service default since {since}" if since else "by service default"
            if self.settings.strict:
                finding.verdict, finding.note = FAIL, f"safe {finding.note}, but not written"
        if finding.verdict == FAIL:
            finding.path, finding.value = evidence.path, evidence.value
            finding.reason = evidence.reason or NOT_WRITTEN
            if self.graph.scope.raise_severity and finding.resource is not None:
                finding.severity = raised(finding.severity, holds_phi(self.graph, finding.resource))
            finding.message = message(program, scope)
        elif finding.verdict == UNKNOWN:
            finding.path, finding.value = evidence.path, evidence.value
            finding.reason = outcome.reason
            detail = outcome.detail or "its value is not known before it is deployed"
            finding.message = f"{finding.address}: undecided whether {_lowered(title)}: {detail}"
        elif finding.verdict == PASS:
            finding.path = evidence.path
            finding.message = f"{finding.address}: {title}"
        else:
            finding.message = f"{finding.address}: not concerned"
        construct = _construct(finding.resource)
        if construct is not None:
            finding.message += f" ({construct})"

    def missing(self, program: Program, root: Root) -> Finding:
        """Whether a root that is an account's baseline contains what it should."""
        candidates = [
            resource for type in program.check.resources for resource in self.resources(type) if resource.root is root
        ]
        judgement = explore(root.world, lambda: self.present(program, root, candidates))
        place = self.settings.baselines.get(root.path) or _first_line(root)
        finding = Finding(program.check, root, None, judgement.verdict, place)
        finding.when = judgement.when
        types = " or ".join(program.check.resources)
        if judgement.verdict == FAIL:
            finding.reason = ABSENCE
            finding.message = _plain_message(program, types) or f"nothing here declares {types}"
        elif judgement.verdict == UNKNOWN:
            finding.reason = judgement.outcome.reason
            finding.message = f"undecided whether anything declares {types}: {judgement.outcome.detail}"
        else:
            finding.message = f"{types} is declared"
            if judgement.outcome.value is not None and judgement.outcome.value.range is not None:
                finding.range = narrowed(judgement.outcome.value.range)
        return finding

    def present(self, program: Program, root: Root, candidates: list[Resource]) -> Outcome:
        """In the scenario in force: pass if a candidate certainly exists, unknown if one may."""
        possible: Outcome | None = None
        for resource in candidates:
            exists = resource.exists.force()
            if is_false(exists):
                continue
            scope = self.scope(program, resource)
            applies = program.applies(scope)
            if is_false(applies):
                continue
            if is_true(exists) and is_true(applies):
                return Outcome(PASS, scope.view)
            unknown = next(value for value in (exists, applies) if isinstance(value, Unknown))
            possible = possible or Outcome(
                UNKNOWN, unknown, unknown.reason, f"{resource.address} may or may not be it: {unknown.detail}"
            )
        if possible is None and root.unjudged:
            possible = Outcome(UNKNOWN, None, "module-not-loaded", f"{', '.join(root.unjudged)} may declare it")
        return possible or Outcome(FAIL)


def compile_check(check: Check, overrides: Mapping[str, Any] | None = None) -> Program:
    """A check ready to run. Raises SyntaxFault where one of its expressions cannot be read."""
    from ..syntax.hcl import parse_expression, parse_template

    return Program(check, overrides or {}, parse_expression, parse_template)


def _in_scenario(program: Program, resource: Resource, scope: CheckScope) -> Outcome:
    """The outcome in the scenario in force; a resource of which nobody knows whether it exists is taken to exist."""
    world = scope.world
    outer, world.reads = world.reads, {}
    try:
        exists = resource.exists.force()
    finally:
        reads, world.reads = world.reads, outer
    if is_false(exists):
        # Only now do these inputs matter: with other values it may exist.
        _merge(world, reads)
        return Outcome(NOT_APPLICABLE, exists, detail="it does not exist")
    outcome = program.judge(scope)
    if outcome.verdict == FAIL:
        # It fails because it exists, and that may be refused together with what makes it fail.
        _merge(world, reads)
    if resource.partial and outcome.reason in (OUTSIDE, UNRESOLVED):
        return Outcome(NOT_APPLICABLE, outcome.value, detail="it is declared outside this root")
    return outcome


def _merge(world: World, reads: Reads) -> None:
    for input, constants in reads.items():
        world.reads.setdefault(input, {}).update(constants)


def message(program: Program, scope: CheckScope) -> str:
    """The check's message for a resource, in one line; `…` where a part of it is not known."""
    if program.message is None:
        return program.check.title
    try:
        value = to_string(evaluate(program.message, scope))
    except EvaluationError as error:
        raise ValueError(f"the message cannot be put together: {error.message}") from error
    if value.sensitive:
        return program.check.title
    if isinstance(value, Known):
        text = str(value.data)
    else:
        text = "".join("…" if part is None else part for part in getattr(value, "parts", None) or (None,))
    return " ".join(text.split())


def _plain_message(program: Program, types: str) -> str:
    return " ".join((program.check.message or "").replace("${type}", types).split())


def _construct(resource: Resource | None) -> str | None:
    """The path of the CDK construct that a resource was made of, which its author knows better than the logical id."""
    metadata = resource.written.meta.get("Metadata", None) if resource is not None else None
    path = (
        metadata.data.get("aws:cdk:path") if isinstance(metadata, Known) and isinstance(metadata.data, dict) else None
    )
    return path.data if isinstance(path, Known) and isinstance(path.data, str) else None


def _lowered(title: str) -> str:
    """A title inside a sentence: a first word such as `EBS`, `S3` or `CloudTrail` keeps its capitals."""
    return title if re.match(r"\S+[A-Z0-9]", title) else title[:1].lower() + title[1:]


def _first_line(root: Root) -> SourceRange:
    if not root.files:
        raise ValueError(f"{root.path} has no file to point at")
    file = root.files[0]
    return SourceRange(file, 0, len(file.line_text(1)))


def _crash(check: Check, subject: Resource | Root, error: Exception) -> Diagnostic:
    name = subject.path if isinstance(subject, Root) else subject.address
    place = None if isinstance(subject, Root) else narrowed(subject.header)
    text = f"{check.id} crashed on {name} ({type(error).__name__}: {error}); it was not judged. Please report this"
    return Diagnostic("error", text, place, subject.path if isinstance(subject, Root) else None)


def _number(findings: list[Finding]) -> None:
    """Tell findings with the same fingerprint apart."""
    seen: dict[str, int] = {}
    for finding in findings:
        name = finding.fingerprint
        finding.ordinal = seen.get(name, 0)
        seen[name] = finding.ordinal + 1

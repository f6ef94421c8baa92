"""The whole way of a run, from paths to a report, in one function: discover → load → graph → check → judge → report.

Above every layer but cli/, which calls it, as does whoever imports `hipaalint.scan`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from fnmatch import fnmatchcase
from pathlib import Path

from .expression.evaluator import deep_recursion
from .graph.graph import ResourceGraph, build_graph
from .judge.assumptions import Assumed
from .judge.baseline import Entries, apply_baseline, entries_of, leftover_entries
from .judge.configuration import Configuration, Deployment
from .judge.gate import exit_code
from .judge.overrides import overridden
from .judge.revisions import relocated, tree_of
from .judge.selection import STRICT
from .judge.suppressions import Suppressions
from .judge.surroundings import Given, configuration_for, repository_of, run_date
from .judge.terms import Terms
from .judge.touching import touching
from .load.cloudformation import load_assembly, load_template, without_nested
from .load.discover import Discovery, discover
from .load.options import LoadOptions
from .load.terraform import load_module_root
from .load.terraform.plan import load_plan
from .load.users import with_users
from .model.loader_hooks import identifier, nested_blocks
from .model.template_validation import validation
from .policy.engine import Settings, run
from .policy.finding import Finding
from .policy.masking import mask_texts
from .report.report import Report
from .report.revision import revision_of
from .resource import Root
from .source import Diagnostic, SourceRange

Loader = Callable[[Path, LoadOptions], Root]
Progress = Callable[[str], None]
Baselines = dict[str, SourceRange | None]  # path of a root → where it is declared an account's baseline


def scan(paths: Sequence[str | Path] | str | Path, config: Given = None, *, progress: Progress | None = None) -> Report:
    """Judge everything below the paths.

    config: a Configuration, a configuration file, or a mapping with the keys of one; None looks for a file upwards from
    the first path. progress: is told what comes next. Raises ConfigurationError. What cannot be read or judged is an
    error among the report's diagnostics.
    """
    targets = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths] or [Path()]
    repository = repository_of(targets[0])
    given = configuration_for(config, targets, repository)
    date = run_date(given.date)
    terms = Terms(given, repository)
    configuration = terms.configuration
    known = _findings_at(configuration.since, targets, repository, terms, date) if configuration.since else {}
    run = _judged(targets, repository, terms, date, progress or _silent)
    apply_baseline(run.findings, known, f"as it was at {configuration.since}")
    met = apply_baseline(run.findings, terms.known)
    diagnostics = [*run.diagnostics, *terms.refused]
    whole = _covers(targets, configuration.folder) and not configuration.only_touching
    diagnostics += run.suppressions.leftovers(terms.checks, whole=whole)
    if whole:
        diagnostics += leftover_entries(terms.known, met, terms.known_path)
    findings = run.findings
    if configuration.only_touching:
        files = {_shown(target, repository) for target in targets}
        findings = touching(findings, files)
        diagnostics = [each for each in diagnostics if each.severity == "error" or each.path in files]
    return Report(
        findings,
        diagnostics,
        terms.checks,
        run.roots,
        date=date,
        exit_code=exit_code(
            findings,
            diagnostics,
            fail_on=configuration.fail_on,
            fail_on_unknown=configuration.fail_on_unknown,
            assume_nothing=configuration.assume_nothing,
            unloaded=any(root.unjudged for root in run.roots),
        ),
        gate=configuration.fail_on,
        fail_on_unknown=configuration.fail_on_unknown,
        include=configuration.include,
        assume_nothing=configuration.assume_nothing,
        profile=configuration.profile,
        controls=terms.catalogue.controls,
        revision=revision_of(repository),
        catalogue=terms.catalogue,
        configuration=configuration,
        graph=run.graph,
    )


class _Run:
    """What was found in one tree, with the suppressions that are written there."""

    __slots__ = ("diagnostics", "findings", "graph", "roots", "suppressions")

    def __init__(
        self,
        findings: list[Finding],
        diagnostics: list[Diagnostic],
        roots: list[Root],
        suppressions: Suppressions,
        graph: ResourceGraph,
    ) -> None:
        self.findings = findings
        self.diagnostics = diagnostics
        self.roots = roots
        self.suppressions = suppressions
        self.graph = graph


def _judged(targets: Sequence[Path], repository: Path, terms: Terms, date: str, progress: Progress) -> _Run:
    """One tree: discover → load → graph → check → suppress."""
    configuration = terms.configuration
    with deep_recursion(), _without_collector() as freeze:
        roots, baselines, diagnostics = _load(
            targets, repository, configuration, ignored_too=terms.platform is not None, progress=progress
        )
        assumed = Assumed(roots, configuration.assumptions)
        progress(f"relating {len(roots)} roots")
        graph = _graph(roots, diagnostics)
        graph.scope = configuration.phi
        mask_texts(graph.resources)
        freeze()
        progress(f"judging {len(graph.resources)} resources by {len(terms.checks)} checks")
        strict = configuration.profile == STRICT
        settings = Settings(terms.parameters, baselines, strict=strict, explained=configuration.include)
        findings, problems = run(graph, terms.checks, settings)
    findings = overridden(assumed.withdraw(findings), configuration)
    # Values are made when they are asked for: only now has everything been said.
    diagnostics += [*terms.catalogue.diagnostics, *problems, *(each for root in roots for each in root.diagnostics)]
    diagnostics += [_exceeded(root, message, place) for root in roots for place, message in root.world.exceeded.items()]
    if configuration.validate:
        progress("validating templates")
        diagnostics += validation(roots)
    suppressions = Suppressions(
        roots,
        configuration.suppressions,
        terms.catalogue,
        today=date[:10],
        rules=configuration.suppression_rules,
        platform=terms.platform,
    )
    suppressions.apply(findings)
    return _Run(findings, diagnostics + suppressions.diagnostics, roots, suppressions, graph)


def _findings_at(revision: str, targets: Sequence[Path], repository: Path, terms: Terms, date: str) -> Entries:
    """What was live at a revision, by fingerprint: its tree is judged by the configuration that holds now."""
    with tree_of(repository, revision) as tree:
        there = copy(terms)
        there.configuration = relocated(terms.configuration, repository.resolve(), tree)
        there.configuration.validate = False
        moved = [tree / target.resolve().relative_to(repository.resolve()) for target in targets]
        present = [path for path in moved if path.exists()]
        if not present:
            return {}
        run = _judged(present, tree, there, date, _silent)
    return entries_of(run.findings, with_unknown=True)


def _silent(text: str) -> None:
    """Nobody wants to know."""


def understand(paths: Sequence[Path], config: Given = None) -> tuple[ResourceGraph, list[Diagnostic]]:
    """The first half of a run: the graph of what stands below the paths, unjudged. Raises ConfigurationError."""
    repository = repository_of(paths[0])
    roots, _, diagnostics = _load(paths, repository, configuration_for(config, paths, repository))
    graph = _graph(roots, diagnostics)
    return graph, [*diagnostics, *(each for root in roots for each in root.diagnostics)]


@contextmanager
def _without_collector() -> Iterator[Callable[[], None]]:
    """Python's collector of cycles off; the function that is handed out turns it on again over a frozen heap.

    Loading makes many objects that all stay: collecting while it does would double its time.
    """
    was_on = gc.isenabled()
    gc.disable()

    def freeze() -> None:
        gc.freeze()
        if was_on:
            gc.enable()

    try:
        yield freeze
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def _load(
    targets: Sequence[Path],
    repository: Path,
    configuration: Configuration,
    *,
    ignored_too: bool = False,
    progress: Progress = _silent,
) -> tuple[list[Root], Baselines, list[Diagnostic]]:
    """Every root in each of its deployments; those that are an account's baseline; what went wrong on the way."""
    options = LoadOptions(
        repository,
        variables=configuration.variables,
        parameters=configuration.parameter_files,
        assume_nothing=configuration.assume_nothing,
        identifier=identifier,
        nested_blocks=nested_blocks,
    )
    discovery = _discover(targets, repository, configuration, ignored_too)
    diagnostics = list(discovery.diagnostics)
    roots: list[Root] = []
    baselines: Baselines = {}
    loaders: list[tuple[Path, Loader]] = [(path, load_module_root) for path in discovery.modules]
    loaders += [(path, load_template) for path in discovery.templates]
    loaders += [(path, load_assembly) for path in discovery.assemblies]
    loaders += [(path, load_plan) for path in discovery.plans]
    for number, (path, load) in enumerate(loaders, 1):
        progress(f"reading {number} of {len(loaders)}: {options.display(path)}")
        for deployment in configuration.roots.get(path) or [Deployment("")]:
            variables = [*deployment.variables, *configuration.variables]
            inputs = options.for_deployment(deployment.name, variables)
            inputs.parameters = [*deployment.parameters, *configuration.parameter_files]
            try:
                root = load(path, inputs)
            except Exception as error:  # noqa: BLE001 - the boundary: one file must not lose its neighbours
                diagnostics.append(_crash(options.display(path), "reading", error))
                continue
            roots.append(root)
            baseline = deployment.account_baseline or configuration.account_baseline
            if baseline is not None:
                baselines[root.path] = baseline
            if deployment.holds_phi:
                configuration.phi.roots.add((root.path, root.deployment))
            if deployment.environment:
                configuration.phi.environments[root.path, root.deployment] = deployment.environment
    named = [options.display(target.resolve()) for target in targets]
    return without_nested(roots, named), baselines, diagnostics


def _discover(targets: Sequence[Path], repository: Path, configuration: Configuration, ignored_too: bool) -> Discovery:
    """What is to be loaded; what the configuration excludes is left out unless it was named."""
    outside = [target for target in targets if not target.resolve().is_relative_to(repository)]
    inside = [target for target in targets if target not in outside]
    changed = configuration.only_touching
    if changed:
        files = {target.resolve() for target in inside}
        inside = with_users(inside, repository) + [
            path
            for path, deployments in configuration.roots.items()
            if any(file.resolve() in files for each in deployments for file in _files_of(each))
        ]
    discovery = discover(inside, repository, quiet=changed, ignored_too=ignored_too)
    for target in outside:
        message = "not judged: it lies outside of the repository of the first path; scan it in a run of its own"
        discovery.diagnostics.append(Diagnostic("error", message, path=str(target)))
    named = {target.resolve() for target in targets}
    if configuration.exclude and configuration.folder is not None:
        base = configuration.folder.resolve()

        def kept(path: Path) -> bool:
            return path in named or not _excluded(path, base, configuration.exclude)

        discovery.modules = [path for path in discovery.modules if kept(path)]
        discovery.templates = [path for path in discovery.templates if kept(path)]
        discovery.plans = [path for path in discovery.plans if kept(path)]
        discovery.assemblies = [path for path in discovery.assemblies if kept(path)]
        discovery.diagnostics = [
            each for each in discovery.diagnostics if each.path is None or kept(repository / each.path)
        ]
    found = discovery.modules or discovery.templates or discovery.plans or discovery.assemblies
    if not (found or discovery.diagnostics or changed):
        message = "nothing to judge: neither Terraform nor a CloudFormation template below the given paths"
        discovery.diagnostics.append(Diagnostic("warning", message))
    return discovery


def _files_of(deployment: Deployment) -> list[Path]:
    return [*deployment.parameters, *(value for _, value in deployment.variables if isinstance(value, Path))]


def _shown(path: Path, repository: Path) -> str:
    path, repository = path.resolve(), repository.resolve()
    return path.relative_to(repository).as_posix() if path.is_relative_to(repository) else str(path)


def _excluded(path: Path, base: Path, patterns: Sequence[str]) -> bool:
    """Whether a pattern (with *, which crosses folders too) means the path or a folder above it."""
    if not path.is_relative_to(base):
        return False
    relative = path.relative_to(base)
    names = [each.as_posix() for each in (relative, *relative.parents)]
    return any(fnmatchcase(name, pattern.rstrip("/")) for pattern in patterns for name in names)


def _graph(roots: list[Root], diagnostics: list[Diagnostic]) -> ResourceGraph:
    """The graph of all roots; one that cannot be understood is left out of it, with an error."""
    graphs = []
    for root in roots:
        try:
            graphs += build_graph([root]).roots
        except Exception as error:  # noqa: BLE001 - the boundary: one root must not lose its neighbours
            diagnostics.append(_crash(root.path, "understanding", error))
    return ResourceGraph(graphs)


def _crash(path: str, doing: str, error: Exception) -> Diagnostic:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    message = f"hipaalint failed at {doing} this ({what}); it was not judged. Please report this with the file"
    return Diagnostic("error", message, path=path)


def _exceeded(root: Root, message: str, place: SourceRange | None) -> Diagnostic:
    return Diagnostic("error", f"not evaluated: {message}", place, None if place else root.path)


def _covers(targets: Sequence[Path], folder: Path | None) -> bool:
    """Whether everything below a folder was scanned."""
    return folder is not None and any(folder.resolve().is_relative_to(target.resolve()) for target in targets)

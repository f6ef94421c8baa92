"""The whole way of a run, from paths to a report, in one function: discover → load → graph → check → judge → report.

Above every layer but cli/, which calls it, as does whoever imports `hipaalint.scan`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .graph.graph import ResourceGraph, build_graph
from .judge.configuration import (
    Configuration,
    ConfigurationError,
    Deployment,
    configuration_of,
    find_configuration,
    read_configuration,
)
from .judge.gate import exit_code
from .judge.selection import STRICT, given_parameters, select_checks
from .judge.suppressions import Suppressions
from .load.cloudformation import load_template
from .load.discover import Discovery, discover
from .load.options import LoadOptions
from .load.terraform import load_module_root
from .model.provider_schema import provider_schema
from .model.registry import registry
from .policy.catalogue import Catalogue, builtin_folder, load_catalogue
from .policy.engine import Settings, run
from .report.report import Report
from .resource import Root
from .source import Diagnostic

Given = Configuration | Mapping[str, Any] | str | Path | None


def scan(paths: Sequence[str | Path] | str | Path, config: Given = None) -> Report:
    """Judge everything below the paths.

    config: a Configuration, a configuration file, or a mapping with the keys of one; None looks for a file upwards from
    the first path. Raises ConfigurationError. What cannot be read or judged is an error among the report's diagnostics.
    """
    targets = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths] or [Path()]
    repository = repository_of(targets[0])
    configuration = configuration_for(config, targets, repository)
    date = run_date(configuration.date)
    catalogue = catalogue_for(configuration)
    checks = select_checks(catalogue, configuration)
    parameters = given_parameters(catalogue, configuration)
    with _without_collector() as freeze:
        options = _load_options(configuration, repository)
        discovery, diagnostics = _discover(targets, repository, configuration)
        diagnostics += catalogue.diagnostics
        roots, baselines = _load(discovery, configuration, options, diagnostics)
        graph = _graph(roots, diagnostics)
        freeze()
        findings, problems = run(graph, checks, Settings(parameters, baselines, strict=configuration.profile == STRICT))
    diagnostics += problems
    suppressions = Suppressions(roots, configuration.suppressions, catalogue, today=date[:10])
    suppressions.apply(findings)
    diagnostics += suppressions.diagnostics
    diagnostics += suppressions.leftovers(checks, whole=_covers(targets, configuration.folder))
    return Report(
        findings,
        diagnostics,
        checks,
        roots,
        date=date,
        exit_code=exit_code(
            findings,
            diagnostics,
            fail_on=configuration.fail_on,
            fail_on_unknown=configuration.fail_on_unknown,
            unloaded=any(root.unjudged for root in roots),
        ),
        gate=configuration.fail_on,
        fail_on_unknown=configuration.fail_on_unknown,
        include=configuration.include,
        profile=configuration.profile,
        controls=catalogue.controls,
    )


def repository_of(path: Path) -> Path:
    """What paths in reports are relative to: the folder with the nearest `.git` above, else the working directory.

    A path outside the working directory and of no repository is its own: the folder itself, or that of the file.
    """
    resolved = path.resolve()
    folder = resolved if resolved.is_dir() else resolved.parent
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    here = Path.cwd().resolve()
    return here if folder.is_relative_to(here) else folder


def configuration_for(config: Given, targets: Sequence[Path], repository: Path) -> Configuration:
    """The configuration of a run: as given, or found upwards from the first target. Raises ConfigurationError."""
    if isinstance(config, Configuration):
        return config
    if isinstance(config, Mapping):
        return configuration_of(config, Path.cwd())
    found = Path(config) if config is not None else find_configuration(targets[0].resolve(), repository)
    if found is None:
        return Configuration()
    found = found.resolve()
    shown = found.relative_to(repository).as_posix() if found.is_relative_to(repository) else str(found)
    return read_configuration(found, shown)


def catalogue_for(configuration: Configuration) -> Catalogue:
    """The checks that come with hipaalint and those of the configuration. Raises ConfigurationError."""
    for folder in configuration.checks:
        if not folder.is_dir():
            message = f'"checks" names no folder: {folder}'
            raise ConfigurationError([Diagnostic("error", message, configuration.ranges.get("checks"))])
    return load_catalogue([builtin_folder(), *configuration.checks])


def run_date(given: str | None) -> str:
    """The time of the run in UTC, as `2027-01-31T00:00:00Z`: as given, by SOURCE_DATE_EPOCH, or now.

    Raises ConfigurationError for what is no date.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if given is not None:
            moment = datetime.fromisoformat(given)
        elif epoch:
            moment = datetime.fromtimestamp(int(epoch), UTC)
        else:
            moment = datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        wrong = f'"{given}" is no date' if given is not None else f'SOURCE_DATE_EPOCH="{epoch}" is no time'
        message = f"{wrong}; write 2027-01-31 or 2027-01-31T12:00:00Z, or seconds since 1970 in SOURCE_DATE_EPOCH"
        raise ConfigurationError([Diagnostic("error", message)]) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


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


def _load_options(configuration: Configuration, repository: Path) -> LoadOptions:
    return LoadOptions(
        repository,
        variables=configuration.variables,
        parameters=configuration.parameter_files,
        assume_nothing=configuration.assume_nothing,
        identifier=_identifier,
        nested_blocks=_nested_blocks,
    )


def _identifier(type: str) -> str | None:
    """The property whose value `Ref` gives, where the author writes it."""
    schema = registry().type(type)
    if schema is None or len(schema.primary_identifier) != 1 or schema.primary_identifier[0] in schema.read_only:
        return None
    return schema.primary_identifier[0]


def _nested_blocks(type: str, path: str) -> frozenset[str]:
    """The names that are blocks, not arguments, in a Terraform type or in the block of it at a path."""
    schema = provider_schema().type(type)
    block = schema.argument(path.split(".")) if schema is not None and path else schema
    names = (block.arguments or {}) if block is not None else {}
    return frozenset(name for name, entry in names.items() if not isinstance(entry, str))


def _discover(
    targets: Sequence[Path], repository: Path, configuration: Configuration
) -> tuple[Discovery, list[Diagnostic]]:
    """What is to be loaded; what the configuration excludes is left out unless it was named."""
    diagnostics = [
        Diagnostic("error", "there is no such file or folder", path=str(target))
        for target in targets
        if not target.exists()
    ]
    discovery = discover([target for target in targets if target.exists()], repository)
    if configuration.exclude and configuration.folder is not None:
        named = {target.resolve() for target in targets}
        base = configuration.folder.resolve()

        def kept(path: Path) -> bool:
            return path in named or not _excluded(path, base, configuration.exclude)

        discovery.modules = [path for path in discovery.modules if kept(path)]
        discovery.templates = [path for path in discovery.templates if kept(path)]
        discovery.diagnostics = [
            each for each in discovery.diagnostics if each.path is None or kept(repository / each.path)
        ]
    return discovery, [*diagnostics, *discovery.diagnostics]


def _excluded(path: Path, base: Path, patterns: Sequence[str]) -> bool:
    """Whether a pattern (with *, which crosses folders too) means the path or a folder above it."""
    if not path.is_relative_to(base):
        return False
    relative = path.relative_to(base)
    names = [each.as_posix() for each in (relative, *relative.parents)]
    return any(fnmatchcase(name, pattern.rstrip("/")) for pattern in patterns for name in names)


def _load(
    discovery: Discovery, configuration: Configuration, options: LoadOptions, diagnostics: list[Diagnostic]
) -> tuple[list[Root], dict[str, Any]]:
    """Every root in each of its deployments; and the paths of those that are an account's baseline."""
    roots: list[Root] = []
    baselines: dict[str, Any] = {}
    sources = [(path, load_module_root) for path in discovery.modules]
    sources += [(path, load_template) for path in discovery.templates]
    for path, load in sources:
        for deployment in configuration.roots.get(path.resolve()) or [Deployment("")]:
            variables = [*deployment.variables, *configuration.variables]
            inputs = options.for_deployment(deployment.name, variables)
            inputs.parameters = [*deployment.parameters, *configuration.parameter_files]
            try:
                root = load(path, inputs)
            except Exception as error:  # noqa: BLE001 - the boundary: one file must not lose its neighbours
                diagnostics.append(_crash(options.display(path), "reading", error))
                continue
            roots.append(root)
            diagnostics += root.diagnostics
            baseline = deployment.baseline or configuration.baseline
            if baseline is not None:
                baselines[root.path] = baseline
    return roots, baselines


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


def _covers(targets: Sequence[Path], folder: Path | None) -> bool:
    """Whether everything below a folder was scanned."""
    return folder is not None and any(folder.resolve().is_relative_to(target.resolve()) for target in targets)

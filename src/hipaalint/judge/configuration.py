"""What a run is told: `hipaalint.yaml` or `[tool.hipaalint]`, found upwards from the target, and the options of the caller.

First in judge/; every mistake in it names file, line, key and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..graph.scope_settings import ScopeSettings
from ..policy.check import SEVERITIES
from ..policy.check_file import Fields, Reader
from ..policy.finding import FAIL, VERDICTS
from ..source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ..syntax.yaml_json import MapNode, Node, ScalarNode, parse, read_text
from .attestations import Attestation, read_attestations
from .plain_nodes import plain_table, toml_table
from .rules import (
    Assumption,
    Override,
    Severities,
    SuppressionRules,
    read_assumptions,
    read_overrides,
    read_severities,
    read_suppression_rules,
)
from .scope_rules import flag_of, read_phi

FILE_NAME = "hipaalint.yaml"
PROJECT_FILE, PROJECT_TABLE = "pyproject.toml", ("tool", "hipaalint")
KEYS = (
    "extends", "profile", "select", "ignore", "fail_on", "fail_on_unknown", "include", "exclude", "checks", "parameters",
    "severity", "overrides", "scope", "assume", "attest", "roots", "suppressions", "suppression_rules", "baseline",
    "phi",
)  # fmt: skip
EXTENDS_LIMIT = 8  # files that build on one another
SUPPRESSION_KEYS = ("check", "address", "path", "reason", "until")
DEPLOYMENT_KEYS = ("var_files", "variables", "parameters", "scope", "phi", "environment")
ACCOUNT_BASELINE = "account-baseline"


class ConfigurationError(Exception):
    """The configuration or an option cannot be followed; `diagnostics` say where, what, and what would be right."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(repr(each) if each.path else each.message for each in diagnostics))
        self.diagnostics = list(diagnostics)


class Deployment:
    """One set of inputs of a root: `variables` as LoadOptions takes them, CloudFormation parameter files, its scope.

    holds_phi: everything in it counts as holding PHI. environment: its name, "" for the deployment's own.
    """

    __slots__ = ("account_baseline", "environment", "holds_phi", "name", "parameters", "variables")

    def __init__(
        self,
        name: str,
        variables: Sequence[tuple[str, str | Path]] = (),
        parameters: Sequence[Path] = (),
        account_baseline: SourceRange | None = None,
    ) -> None:
        self.name = name
        self.variables = list(variables)
        self.parameters = list(parameters)
        self.account_baseline = account_baseline
        self.holds_phi = False
        self.environment = ""


class AddressSuppression:
    """Findings on addresses that match a pattern do not count, for a reason, perhaps until a date.

    trusted: the platform says so, whose word no rule about suppressions limits.
    """

    __slots__ = ("address", "checks", "path", "range", "reason", "trusted", "until")

    def __init__(
        self, checks: tuple[str, ...], address: str, path: str, reason: str, until: str | None, range: SourceRange
    ) -> None:
        self.checks = checks
        self.address = address
        self.path = path
        self.reason = reason
        self.until = until
        self.range = range
        self.trusted = False


class Configuration:
    """Every setting of a run. The first part can stand in the file; the second comes from the caller alone.

    folder: what relative paths refer to. checks: folders of the user's own. parameters: check → name → (value, place).
    account_baseline: where the scope `account-baseline` is declared for all roots, None if it is not.
    roots: path of a root → its deployments. known_findings: the baseline's file. ranges: key → where it is written.
    only_touching: only what has to do with the files among the paths is reported.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.ranges: dict[str, SourceRange] = {}
        self.profile = "default"
        self.select: tuple[str, ...] = ()
        self.ignore: tuple[str, ...] = ()
        self.fail_on = "medium"
        self.fail_on_unknown = False
        self.include: frozenset[str] = frozenset({FAIL})
        self.exclude: tuple[str, ...] = ()
        self.checks: tuple[Path, ...] = ()
        self.parameters: dict[str, dict[str, tuple[Any, SourceRange]]] = {}
        self.severities: Severities = []
        self.overrides: list[Override] = []
        self.account_baseline: SourceRange | None = None
        self.assumptions: list[Assumption] = []
        self.attestations: list[Attestation] = []
        self.roots: dict[Path, list[Deployment]] = {}
        self.suppressions: list[AddressSuppression] = []
        self.suppression_rules: SuppressionRules = []
        self.phi = ScopeSettings()
        self.known_findings: Path | None = None

        self.variables: list[tuple[str, str | Path]] = []
        self.parameter_files: list[Path] = []
        self.assume_nothing = False
        self.date: str | None = None
        self.policy: Path | None = None
        self.since: str | None = None
        self.only_touching = False
        self.validate = False


def find_configuration(start: Path, top: Path) -> Path | None:
    """The nearest `hipaalint.yaml` or `pyproject.toml` with our table, from `start` up to `top`; None if there is none."""
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        own = candidate / FILE_NAME
        if own.is_file():
            return own
        project = candidate / PROJECT_FILE
        # A look at the text is enough here, and cheaper; reading it as TOML comes next.
        if project.is_file() and "[tool.hipaalint" in project.read_text(encoding="utf-8", errors="replace"):
            return project
        if candidate == top or candidate == candidate.parent:
            return None
    return None


def read_configuration(path: Path, display: str, seen: tuple[Path, ...] = ()) -> Configuration:
    """The configuration of a file; `display` is its path as people see it. Raises ConfigurationError."""
    reader, node = read_node(path, display)
    if node is None or (isinstance(node, ScalarNode) and not node.text):
        return Configuration(path.parent)
    return configuration_from(reader, node, path.parent, (*seen, path.resolve()))


def read_node(path: Path, display: str) -> tuple[Reader, Node | None]:
    """A file's content, taken out of its table where that is TOML. Raises ConfigurationError."""
    file = SourceFile(display, "")
    try:
        file = SourceFile(display, read_text(path.read_bytes(), display))
        return Reader(file), toml_table(file, PROJECT_TABLE) if path.suffix == ".toml" else parse(file)
    except SyntaxFault as fault:
        raise ConfigurationError([Diagnostic("error", fault.message, fault.range)]) from None
    except OSError as error:
        message = f"the configuration cannot be read: {error.strerror}"
        raise ConfigurationError([Diagnostic("error", message, path=display)]) from None


def configuration_of(data: Mapping[str, Any], folder: Path) -> Configuration:
    """The configuration that a caller gives as plain data, with the keys of the file. Raises ConfigurationError."""
    file = SourceFile("config", "")
    return configuration_from(Reader(file), plain_table(data, file), folder, ())


def configuration_from(reader: Reader, node: Node, folder: Path, seen: tuple[Path, ...]) -> Configuration:
    """The configuration that a map says, on top of the one that it extends. seen: the files that led here."""
    fields = reader.fields(_underscored(node), KEYS)
    configuration = _extended(reader, fields, folder, seen)
    configuration.folder = folder
    configuration.ranges |= {name: field.range for name, field in fields.items()}
    if "profile" in fields:
        configuration.profile = reader.text(fields, "profile") or "default"
    for listed in ("select", "ignore", "exclude"):
        if listed in fields:
            setattr(configuration, listed, reader.texts(fields, listed))
    if "fail_on" in fields:
        configuration.fail_on = reader.choice(fields, "fail_on", SEVERITIES, "medium")
    if "fail_on_unknown" in fields:
        configuration.fail_on_unknown = flag_of(reader, fields, "fail_on_unknown")
    if "checks" in fields:
        configuration.checks = tuple(folder / text for text in reader.texts(fields, "checks"))
    if "scope" in fields:
        configuration.account_baseline = _account_baseline(reader, fields)
    if "include" in fields:
        verdicts = reader.texts(fields, "include")
        for verdict in verdicts:
            if verdict not in VERDICTS:
                reader.error(f'"include" has no "{verdict}"{nearest(verdict, VERDICTS)}', fields["include"].range)
        configuration.include = frozenset({FAIL, *verdicts})  # failures are always shown
    for check, values in reader.entries(fields, "parameters"):
        given: dict[str, tuple[Any, SourceRange]] = {}
        for name, value in reader.entries({check.text: values}, check.text):
            given[name.text] = (reader.data(value), name.range)
        configuration.parameters[check.text] = {**configuration.parameters.get(check.text, {}), **given}
    for root, deployments in reader.entries(fields, "roots"):
        configuration.roots[(folder / root.text).resolve()] = [
            _deployment(reader, name.text, inputs, folder)
            for name, inputs in reader.entries({root.text: deployments}, root.text)
        ]
    configuration.severities += read_severities(reader, fields)
    configuration.overrides += read_overrides(reader, fields)
    configuration.assumptions += read_assumptions(reader, fields)
    configuration.attestations += read_attestations(reader, fields)
    configuration.suppressions += [_suppression(reader, each) for each in reader.items(fields, "suppressions")]
    read_phi(reader, fields, configuration.phi)
    configuration.suppression_rules += read_suppression_rules(reader, fields)
    if reader.text(fields, "baseline"):
        configuration.known_findings = folder / reader.text(fields, "baseline")
    if reader.diagnostics:
        raise ConfigurationError(reader.diagnostics)
    return configuration


def _extended(reader: Reader, fields: Fields, folder: Path, seen: tuple[Path, ...]) -> Configuration:
    """The configuration that `extends` names, or an empty one."""
    name = reader.text(fields, "extends")
    if not name:
        return Configuration(folder)
    path = (folder / name).resolve()
    if path in seen or len(seen) > EXTENDS_LIMIT:
        reader.error(f'"{name}" leads back here; a configuration cannot build on itself', fields["extends"].range)
        return Configuration(folder)
    try:
        return read_configuration(path, (Path(reader.file.path).parent / name).as_posix(), seen)
    except ConfigurationError as error:
        reader.diagnostics += error.diagnostics
        return Configuration(folder)


def _deployment(reader: Reader, name: str, node: Node, folder: Path) -> Deployment:
    fields = reader.fields(_underscored(node), DEPLOYMENT_KEYS)
    variables: list[tuple[str, str | Path]] = [("file", folder / text) for text in reader.texts(fields, "var_files")]
    for key, value in reader.entries(fields, "variables"):
        if isinstance(value, ScalarNode):
            variables.append(("var", f"{key.text}={value.text}"))
        else:
            reader.error(
                f'"{key.text}" must be a text; what is no plain text belongs into a file of var_files', value.range
            )
    parameters = [folder / text for text in reader.texts(fields, "parameters")]
    deployment = Deployment(name, variables, parameters, _account_baseline(reader, fields))
    deployment.holds_phi = flag_of(reader, fields, "phi")
    deployment.environment = reader.text(fields, "environment")
    return deployment


def _suppression(reader: Reader, node: Node) -> AddressSuppression:
    fields = reader.fields(node, SUPPRESSION_KEYS, ("check", "reason"))
    if fields and "address" not in fields and "path" not in fields:
        reader.error("name the `address` (a pattern with *) or the `path` that this is about", node.range)
    until = reader.text(fields, "until") or None
    if until is not None and not is_date(until):
        reader.error(f'"{until}" is no date; write it as 2027-01-31', fields["until"].range)
    return AddressSuppression(
        reader.texts(fields, "check"),
        reader.text(fields, "address") or "*",
        reader.text(fields, "path") or "*",
        reader.text(fields, "reason"),
        until,
        node.range,
    )


def _account_baseline(reader: Reader, fields: Fields) -> SourceRange | None:
    return fields["scope"].range if reader.choice(fields, "scope", ("", ACCOUNT_BASELINE), "") else None


def _underscored(node: Node) -> Node:
    """The same map; its keys may be written with `-` instead of `_`, as TOML's users do."""
    if isinstance(node, MapNode):
        for key, _ in node.entries:
            key.text = key.text.replace("-", "_")
    return node


def is_date(text: str) -> bool:
    """Whether a text is a day: 2027-01-31."""
    from datetime import date  # only where dates are written

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def nearest(name: str, allowed: Sequence[str]) -> str:
    """`; did you mean "x"?`, for the end of a message; empty where nothing comes near."""
    near = get_close_matches(name, allowed, 1)
    return f'; did you mean "{near[0]}"?' if near else ""

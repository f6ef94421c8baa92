"""What a run is told: `hipaalint.yaml` or `[tool.hipaalint]`, found upwards from the target, and the options of the caller.

First in judge/; every mistake in it names file, line, key and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..policy.check import SEVERITIES
from ..policy.check_file import Fields, Reader
from ..policy.finding import FAIL, VERDICTS
from ..source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ..syntax.yaml_json import MapNode, Node, ScalarNode, parse, read_text
from .plain_nodes import plain_table, toml_table

FILE_NAME = "hipaalint.yaml"
PROJECT_FILE, PROJECT_TABLE = "pyproject.toml", ("tool", "hipaalint")
KEYS = (
    "profile", "select", "ignore", "fail_on", "fail_on_unknown", "include", "exclude", "checks", "parameters", "scope",
    "roots", "suppressions",
)  # fmt: skip
DEPLOYMENT_KEYS = ("var_files", "variables", "parameters", "scope")
ACCOUNT_BASELINE = "account-baseline"


class ConfigurationError(Exception):
    """The configuration or an option cannot be followed; `diagnostics` say where, what, and what would be right."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(repr(each) if each.path else each.message for each in diagnostics))
        self.diagnostics = list(diagnostics)


class Deployment:
    """One set of inputs of a root: `variables` as LoadOptions takes them, CloudFormation parameter files, its scope."""

    __slots__ = ("baseline", "name", "parameters", "variables")

    def __init__(
        self,
        name: str,
        variables: Sequence[tuple[str, str | Path]] = (),
        parameters: Sequence[Path] = (),
        baseline: SourceRange | None = None,
    ) -> None:
        self.name = name
        self.variables = list(variables)
        self.parameters = list(parameters)
        self.baseline = baseline


class AddressSuppression:
    """Findings on addresses that match a pattern do not count, for a reason, perhaps until a date."""

    __slots__ = ("address", "checks", "path", "range", "reason", "until")

    def __init__(
        self, checks: tuple[str, ...], address: str, path: str, reason: str, until: str | None, range: SourceRange
    ) -> None:
        self.checks = checks
        self.address = address
        self.path = path
        self.reason = reason
        self.until = until
        self.range = range


class Configuration:
    """Every setting of a run. The first part can stand in the file; the second comes from the caller alone.

    folder: what relative paths refer to. checks: folders of the user's own. parameters: check → name → (value, place).
    baseline: where the scope `account-baseline` is declared for all roots, None if it is not.
    roots: path of a root → its deployments. ranges: key → where it is written.
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
        self.baseline: SourceRange | None = None
        self.roots: dict[Path, list[Deployment]] = {}
        self.suppressions: list[AddressSuppression] = []

        self.variables: list[tuple[str, str | Path]] = []
        self.parameter_files: list[Path] = []
        self.assume_nothing = False
        self.date: str | None = None


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


def read_configuration(path: Path, display: str) -> Configuration:
    """The configuration of a file; `display` is its path as people see it. Raises ConfigurationError."""
    file = SourceFile(display, "")
    try:
        file = SourceFile(display, read_text(path.read_bytes(), display))
        node = toml_table(file, PROJECT_TABLE) if path.suffix == ".toml" else parse(file)
    except SyntaxFault as fault:
        raise ConfigurationError([Diagnostic("error", fault.message, fault.range)]) from None
    except OSError as error:
        message = f"the configuration cannot be read: {error.strerror}"
        raise ConfigurationError([Diagnostic("error", message, path=display)]) from None
    if node is None or (isinstance(node, ScalarNode) and not node.text):
        return Configuration(path.parent)
    return _configuration(Reader(file), node, path.parent)


def configuration_of(data: Mapping[str, Any], folder: Path) -> Configuration:
    """The configuration that a caller gives as plain data, with the keys of the file. Raises ConfigurationError."""
    file = SourceFile("config", "")
    return _configuration(Reader(file), plain_table(data, file), folder)


def _configuration(reader: Reader, node: Node, folder: Path) -> Configuration:
    configuration = Configuration(folder)
    fields = reader.fields(_underscored(node), KEYS)
    configuration.ranges = {name: field.range for name, field in fields.items()}
    configuration.profile = reader.text(fields, "profile") or "default"
    configuration.select = reader.texts(fields, "select")
    configuration.ignore = reader.texts(fields, "ignore")
    configuration.fail_on = reader.choice(fields, "fail_on", SEVERITIES, "medium")
    configuration.fail_on_unknown = _flag(reader, fields, "fail_on_unknown")
    configuration.exclude = reader.texts(fields, "exclude")
    configuration.checks = tuple(folder / text for text in reader.texts(fields, "checks"))
    configuration.baseline = _baseline(reader, fields)
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
        configuration.parameters[check.text] = given
    for root, deployments in reader.entries(fields, "roots"):
        configuration.roots[(folder / root.text).resolve()] = [
            _deployment(reader, name.text, inputs, folder)
            for name, inputs in reader.entries({root.text: deployments}, root.text)
        ]
    configuration.suppressions = [_suppression(reader, each) for each in reader.items(fields, "suppressions")]
    if reader.diagnostics:
        raise ConfigurationError(reader.diagnostics)
    return configuration


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
    return Deployment(name, variables, parameters, _baseline(reader, fields))


def _suppression(reader: Reader, node: Node) -> AddressSuppression:
    fields = reader.fields(node, ("check", "address", "path", "reason", "until"), ("check", "reason"))
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


def _baseline(reader: Reader, fields: Fields) -> SourceRange | None:
    return fields["scope"].range if reader.choice(fields, "scope", ("", ACCOUNT_BASELINE), "") else None


def _flag(reader: Reader, fields: Fields, name: str) -> bool:
    value = reader.data(fields[name]) if name in fields else False
    if not isinstance(value, bool):
        reader.error(f'"{name}" must be true or false', fields[name].range)
    return value is True


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

"""Files that give parameters their values: CloudFormation's own forms, CodePipeline's, and SAM's configuration.

Used by loader.py. A value for `AWS::StackName`, `AWS::Region` and the like fixes that pseudo parameter.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, entry_range, parse
from ..options import LoadOptions
from .parameters import texts_of
from .shapes import plain_text

Given = dict[str, tuple[str | list[str], SourceRange]]
TAG = "Tag "  # in front of the key of a tag of the stack: no parameter has a blank in its name

# Of SAM's configuration: what an environment says for all commands, then for deploying.
_TABLES = ("global", "deploy")
_DEFAULT_ENVIRONMENT = "default"
_PSEUDO = {"stack_name": "AWS::StackName", "region": "AWS::Region"}


def read_parameter_files(options: LoadOptions) -> tuple[Given, list[Diagnostic]]:
    """The values in the parameter files of the options, later files before earlier ones.

    Tags of the stack are among them under `Tag KEY`. The forms: [{ParameterKey, ParameterValue}] or ["name=value"],
    {"Parameters": {name: value}, "Tags": {…}}, {name: value}, in JSON or YAML; samconfig.toml or .yaml, of which the
    environment `default` counts.
    """
    given: Given = {}
    diagnostics: list[Diagnostic] = []
    for path in options.parameters:
        try:
            _read(path, options, given)
        except SyntaxFault as fault:
            diagnostics.append(Diagnostic("error", fault.message, fault.range))
        except OSError as error:
            message = f"cannot read the parameter file: {error.strerror}"
            diagnostics.append(Diagnostic("error", message, path=options.display(path)))
    return given, diagnostics


def _read(path: Path, options: LoadOptions, given: Given) -> None:
    file = options.read(path)
    if path.suffix == ".toml":
        _read_sam(_toml(file), file, given)
        return
    root = parse(file)
    if isinstance(root, ListNode):
        for item in root.items:
            _read_item(item, given)
        return
    if not isinstance(root, MapNode):
        raise SyntaxFault("a parameter file holds a list of {ParameterKey, ParameterValue} or a map", root.range)
    if isinstance(root.get("version"), ScalarNode) and all(isinstance(v, MapNode) for _, v in root.entries[1:]):
        _read_sam(_plain(root), file, given)
        return
    inner, tags = root.get("Parameters"), root.get("Tags")
    if isinstance(inner, MapNode) and isinstance(tags, MapNode):
        for name, value in tags.entries:
            given[TAG + name.text] = (texts_of(value), entry_range(name, value))
    for name, value in (inner if isinstance(inner, MapNode) else root).entries:
        if isinstance(value, MapNode):
            raise SyntaxFault(f"the parameter {name.text} has a map for its value; give a text", value.range)
        given[name.text] = (texts_of(value), entry_range(name, value))


def _read_item(item: Node, given: Given) -> None:
    if isinstance(item, ScalarNode) and "=" in item.text:
        name, _, value = item.text.partition("=")
        given[name.strip()] = (value, item.range)
        return
    key = item.get("ParameterKey") if isinstance(item, MapNode) else None
    if not isinstance(item, MapNode) or not isinstance(key, ScalarNode):
        raise SyntaxFault("expected {ParameterKey: …, ParameterValue: …}", item.range)
    value_node = item.get("ParameterValue")
    if value_node is not None:  # else UsePreviousValue: nobody here knows it
        given[key.text] = (texts_of(value_node), item.range)


# ---------------------------------------------------------------------------------------------------------------------
# samconfig.toml and samconfig.yaml


def _read_sam(data: Mapping[str, Any], file: SourceFile, given: Given) -> None:
    environment = data.get(_DEFAULT_ENVIRONMENT)
    for name in _TABLES:
        table = environment.get(name) if isinstance(environment, dict) else None
        parameters = table.get("parameters") if isinstance(table, dict) else None
        if not isinstance(parameters, dict):
            continue
        for key, pseudo in _PSEUDO.items():
            if isinstance(parameters.get(key), str):
                given[pseudo] = (parameters[key], _place(file, key, parameters[key]))
        for key, value in _pairs(parameters.get("parameter_overrides"), file):
            given[key] = (value, _place(file, key, value))
        for key, value in _pairs(parameters.get("tags"), file):
            given[TAG + key] = (value, _place(file, key, value))


def _pairs(written: Any, file: SourceFile) -> Iterator[tuple[str, str]]:
    """`Name=Value Other="a b"`, the same as a list, `ParameterKey=Name,ParameterValue=Value`, or a table."""
    if isinstance(written, dict):
        yield from ((str(name), _said(value)) for name, value in written.items())
        return
    for text in written if isinstance(written, list) else [written] if isinstance(written, str) else []:
        try:
            pieces = shlex.split(str(text))
        except ValueError as error:
            raise SyntaxFault(f"{text!r} cannot be read: {error}", SourceRange(file, 0, 0)) from error
        for piece in pieces:
            if piece.startswith("ParameterKey=") and ",ParameterValue=" in piece:
                name, _, value = piece.removeprefix("ParameterKey=").partition(",ParameterValue=")
            else:
                name, _, value = piece.partition("=")
            yield name, value


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _place(file: SourceFile, name: str, value: str) -> SourceRange:
    """Where a name with its value stands: the readers of TOML keep no places."""
    for text in (f"{name}={value}", f"{name}=", name):
        start = file.text.find(text)
        if start >= 0:
            return SourceRange(file, start, start + len(text))
    return SourceRange(file, 0, 0)


def _toml(file: SourceFile) -> Mapping[str, Any]:
    import tomllib  # most parameter files are JSON

    try:
        return tomllib.loads(file.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SyntaxFault(f"no valid TOML: {error}", SourceRange(file, 0, 0)) from None


def _plain(node: Node) -> Any:
    if isinstance(node, MapNode):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    return plain_text(node) if isinstance(node, ScalarNode) else None

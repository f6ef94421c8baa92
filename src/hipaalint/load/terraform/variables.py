"""The variables of a root module: values given by files and options, in Terraform's order; inputs for all others.

Used by root.py. What is given is fixed; what only has a default, or nothing, is an Input of the root.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...expression.convert import convert
from ...expression.evaluator import evaluate
from ...expression.scope import Scope
from ...expression.values import (
    BOOL,
    DYNAMIC,
    ERROR,
    NUMBER,
    STRING,
    EvaluationError,
    Lazy,
    Unknown,
    Value,
    known,
    plain,
)
from ...expression.world import Constant, Deferred, Input, World
from ...source import Diagnostic, SourceFile, SyntaxFault
from ...syntax.hcl import AttributeDefinition, parse_expression
from ..options import LoadOptions
from .files import read_body
from .variable_text import VariableText

# A value from a file, or the text after `--var NAME=` or in TF_VAR_NAME.
Given = AttributeDefinition | str


def given_values(
    folder: Path, options: LoadOptions, files: list[SourceFile], diagnostics: list[Diagnostic]
) -> dict[str, Given]:
    """The values that files and options give, by name; later ones win. Adds the files read and what is wrong."""
    given: dict[str, Given] = {
        name.removeprefix("TF_VAR_"): text
        for name, text in sorted(options.environment.items())
        if name.startswith("TF_VAR_")
    }
    for path in automatic_files(folder):
        _read_file(path, options, given, files, diagnostics)
    for kind, value in options.variables:
        if kind == "file":
            _read_file(Path(value), options, given, files, diagnostics)
        else:
            name, _, text = str(value).partition("=")
            given[name.strip()] = text
    return given


def automatic_files(folder: Path) -> list[Path]:
    """terraform.tfvars, its JSON form, then all *.auto.tfvars and *.auto.tfvars.json in one order of names."""
    names = sorted(entry.name for entry in folder.iterdir() if ".tfvars" in entry.name and entry.is_file())
    fixed = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return [
        folder / name for name in (*fixed, *(n for n in names if n.endswith((".auto.tfvars", ".auto.tfvars.json"))))
    ]


def _read_file(
    path: Path, options: LoadOptions, given: dict[str, Given], files: list[SourceFile], diagnostics: list[Diagnostic]
) -> None:
    parsed = read_body(path, options)
    diagnostics.extend(parsed.diagnostics)
    if parsed.file is not None:
        files.append(parsed.file)
    if parsed.body is not None:
        given.update(parsed.body.attributes)
        for block in parsed.body.blocks:
            message = "a file of variable values has no blocks, only `name = value`"
            diagnostics.append(Diagnostic("error", message, block.header_range))


class RootVariables:
    """The values of a root module's variables. inputs: those that are open."""

    def __init__(
        self,
        variables: Mapping[str, VariableText],
        given: Mapping[str, Given],
        world: World,
        assume_nothing: bool,
        diagnostics: list[Diagnostic],
    ) -> None:
        self.inputs: list[Input] = []
        self.values: dict[str, Deferred] = {}
        self._constants = Scope(world, {})
        for name, variable in variables.items():
            if name in given:
                self.values[name] = Deferred.of(world, self._given(variable, given[name], diagnostics))
            else:
                input = self._input(variable, assume_nothing, diagnostics)
                self.inputs.append(input)
                self.values[name] = _deferred_input(world, input)

    def _given(self, variable: VariableText, given: Given, diagnostics: list[Diagnostic]) -> Value:
        range = given.range if isinstance(given, AttributeDefinition) else None
        try:
            default = variable.default_value(self._constants)
            return variable.converted(self._written(variable, given), default)
        except (EvaluationError, SyntaxFault) as error:
            message = f"the value given for var.{variable.name} cannot be used: {error.message}"
            diagnostics.append(Diagnostic("error", message, range or variable.header))
            return Unknown(ERROR, message, variable.type, range=range, sensitive=variable.sensitive)

    def _written(self, variable: VariableText, given: Given) -> Value:
        if isinstance(given, AttributeDefinition):
            return evaluate(given.expression, self._constants).at(given.range)
        type = variable.type
        if type in (STRING, NUMBER, BOOL) or (type == DYNAMIC and variable.type_text is None):
            return known(given)
        # A literal of any other type is written as in HCL. The place of an option is no place in a file.
        try:
            return known(plain(evaluate(parse_expression(given), self._constants)))
        except ValueError as error:
            raise EvaluationError(f"{error}") from error

    def _input(self, variable: VariableText, assume_nothing: bool, diagnostics: list[Diagnostic]) -> Input:
        default = variable.default_value(self._constants)
        if isinstance(default, Unknown):
            message = f"the default of var.{variable.name} cannot be used: {default.detail}"
            diagnostics.append(Diagnostic("error", message, default.range))
        open_default = None if assume_nothing or isinstance(default, (Unknown, Lazy)) else default
        label = f"var.{variable.name}"
        detail = f"{label} has no value and no default" if default is None else f"{label} may have any value"
        return Input(
            label,
            variable.no_value(detail),
            lambda constant: _constant(constant, variable),
            variable.domain(),
            open_default,
            variable.default.range if open_default is not None and variable.default is not None else variable.header,
        )


def _constant(constant: Constant, variable: VariableText) -> Value:
    value = convert(known(constant), variable.type)
    value.sensitive = variable.sensitive
    return value


def _deferred_input(world: World, input: Input) -> Deferred:
    return Deferred(world, lambda: world.value_of(input))

"""A variable as declared: its type, default, marks, and the values that its validation lists.

Made by module_body.py; variables.py and module_instance.py give it values.
"""

from __future__ import annotations

from ...expression.convert import convert
from ...expression.evaluator import evaluate
from ...expression.scope import Scope
from ...expression.tree import Attribute, Binary, Call, Expression, Literal, Name, Tuple
from ...expression.types import Defaults, parse_type
from ...expression.values import (
    DYNAMIC,
    ERROR,
    NO_VALUE,
    OBJECT,
    EvaluationError,
    Known,
    Lazy,
    Type,
    Unknown,
    Value,
    is_null,
    known,
)
from ...expression.world import Constant
from ...source import SourceRange
from ...syntax.hcl import AttributeDefinition, Block


class VariableText:
    """A variable block; type and domain are read when they are first asked for."""

    __slots__ = ("_block", "_type", "default", "header", "name", "nullable", "range", "sensitive", "type_text")

    def __init__(self, block: Block) -> None:
        attributes = block.body.attributes
        self.name = block.labels[0]
        self.header = block.header_range
        self.range = block.range
        self.default = attributes.get("default")
        self.type_text = attributes.get("type")
        self.nullable = not _is(attributes.get("nullable"), False)
        self.sensitive = _is(attributes.get("sensitive"), True) or _is(attributes.get("ephemeral"), True)
        self._block = block
        self._type: tuple[Type, Defaults | None, EvaluationError | None] | None = None

    @property
    def type(self) -> Type:
        return self._typed()[0]

    @property
    def type_problem(self) -> EvaluationError | None:
        """What is wrong with the type constraint."""
        return self._typed()[2]

    def _typed(self) -> tuple[Type, Defaults | None, EvaluationError | None]:
        """The type constraint. One that cannot be read counts as `any`: Terraform would stop, we go on."""
        if self._type is None:
            self._type = (DYNAMIC, None, None)
            if self.type_text is not None:
                try:
                    self._type = (*parse_type(self.type_text.expression), None)
                except EvaluationError as error:
                    self._type = (DYNAMIC, None, error)
        return self._type

    def domain(self) -> tuple[Constant, ...] | None:
        """The values that a `validation` allows, where it lists them: `contains([…], var.x)`."""
        for block in self._block.body.blocks:
            condition = block.body.attributes.get("condition") if block.type == "validation" else None
            members = _listed(condition.expression, self.name) if condition is not None else None
            if members is not None:
                constants: dict[Constant, None] = {}
                for member in members:
                    try:
                        value = convert(known(member), self.type)
                    except EvaluationError:
                        return None
                    if isinstance(value, Known) and isinstance(value.data, (bool, int, str)):
                        constants[value.data] = None
                return tuple(constants) or None
        return None

    def converted(self, value: Value, default: Value | None) -> Value:
        """A given value as one of this variable: null replaced, converted, marked. Raises EvaluationError."""
        if is_null(value) and not self.nullable and default is not None:
            return default
        type, defaults, _ = self._typed()
        if isinstance(value, Lazy) and not isinstance(type, str) and type[0] == OBJECT:
            # A whole resource or module: the type says which of its attributes are meant, computed ones among them.
            value = Known({name: value.get(name, value.range) for name, _, _ in type[1]}, OBJECT, value.range)
        converted = convert(value, type, defaults)
        if self.sensitive and not converted.sensitive and not isinstance(converted, Lazy):
            converted = converted.copy()
            converted.sensitive = True
        return converted

    def default_value(self, scope: Scope) -> Value | None:
        """The default, converted; unknown where it cannot be evaluated; None if there is none."""
        if self.default is None:
            return None
        try:
            return self.converted(evaluate(self.default.expression, scope).at(self.default.range), None)
        except EvaluationError as error:
            return Unknown(ERROR, error.message, self.type, range=self.default.range)

    def no_value(self, detail: str, range: SourceRange | None = None) -> Unknown:
        """What is known of a value that nobody gave."""
        return Unknown(
            NO_VALUE, detail, self.type, not self.nullable, range=range or self.header, sensitive=self.sensitive
        )


def _is(attribute: AttributeDefinition | None, constant: bool) -> bool:
    if attribute is None or not isinstance(attribute.expression, Literal):
        return False
    return attribute.expression.value in (constant, "true" if constant else "false")


def _listed(condition: Expression, name: str) -> list[object] | None:
    """The constants that a condition allows for var.name: in `contains([…], var.name)`, or in one side of an `&&`."""
    if isinstance(condition, Binary) and condition.operator == "&&":
        return _listed(condition.left, name) or _listed(condition.right, name)
    if isinstance(condition, Binary) and condition.operator == "||":
        left, right = _listed(condition.left, name), _listed(condition.right, name)
        return left + right if left is not None and right is not None else None
    if isinstance(condition, Binary) and condition.operator == "==":
        for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
            if _is_variable(one, name) and isinstance(other, Literal):
                return [other.value]
        return None
    if not isinstance(condition, Call) or condition.name != "contains" or len(condition.arguments) != 2:
        return None
    members, value = condition.arguments
    if not isinstance(members, Tuple) or not _is_variable(value, name):
        return None
    constants = [item.value for item in members.items if isinstance(item, Literal)]
    return constants if len(constants) == len(members.items) else None


def _is_variable(expression: Expression, name: str) -> bool:
    return (
        isinstance(expression, Attribute)
        and expression.name == name
        and isinstance(expression.source, Name)
        and expression.source.name == "var"
    )

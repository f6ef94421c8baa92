"""Template parameters and pseudo parameters: given values, inputs with their domains, and what is known of the rest.

Used by stack.py; the files that give them values are read by parameter_files.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from ...expression.values import (
    DATA_SOURCE,
    LIST,
    NO_VALUE,
    STRING,
    TUPLE,
    Absent,
    EvaluationError,
    Known,
    Unknown,
    Value,
)
from ...expression.world import Constant, Input
from ...source import SourceRange
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, entry_range
from .functions import resolve
from .shapes import plain_text

_STRINGS = (LIST, STRING)
_SSM = "AWS::SSM::Parameter::Value<"


class Parameter:
    """A declared parameter. All values are texts, or lists of texts, as CloudFormation passes them on."""

    __slots__ = (
        "allowed", "bounds", "default", "is_list", "is_number", "name", "of_resources", "pattern", "range", "sensitive",
        "ssm",
    )  # fmt: skip

    def __init__(self, key: ScalarNode, node: Node) -> None:
        fields = {name.text: (name, value) for name, value in node.entries} if isinstance(node, MapNode) else {}

        def text(name: str) -> str | None:
            value = fields[name][1] if name in fields else None
            return plain_text(value) if isinstance(value, ScalarNode) else None

        type = text("Type") or "String"
        self.name = key.text
        self.range = entry_range(key, node)
        self.ssm = type.startswith(_SSM)
        inner = type.removeprefix(_SSM).removesuffix(">") if self.ssm else type
        self.is_list = inner == "CommaDelimitedList" or inner.startswith("List<")
        self.of_resources = inner.startswith("List<AWS::")
        self.sensitive = (text("NoEcho") or "").lower() == "true"
        self.is_number = inner == "Number"
        self.pattern = text("AllowedPattern")
        # Least and most: of the value of a number, else of the length of the text.
        limits = ("MinValue", "MaxValue") if self.is_number else ("MinLength", "MaxLength")
        self.bounds = tuple(_decimal(text(limit)) for limit in limits)
        self.default: Value | None = None
        if "Default" in fields:
            name, value = fields["Default"]
            self.default = self.value(texts_of(value), entry_range(name, value))
        self.allowed: tuple[Constant, ...] | None = None
        allowed = fields["AllowedValues"][1] if "AllowedValues" in fields else None
        if isinstance(allowed, ListNode) and allowed.items and not self.is_list:
            texts = [plain_text(item) for item in allowed.items if isinstance(item, ScalarNode)]
            if len(texts) == len(allowed.items):
                self.allowed = tuple(dict.fromkeys(texts))

    def value(self, text: str | list[str], range: SourceRange | None) -> Value:
        """A value of this parameter from the text of a default or of a parameter file."""
        if self.ssm:
            shown = text if isinstance(text, str) else ",".join(text)
            detail = f"{self.name} is the value of the SSM parameter {shown} when it is deployed"
            return self._unknown(DATA_SOURCE, detail, range)
        if not self.is_list:
            joined = text if isinstance(text, str) else ",".join(text)
            return resolve(Known(joined, STRING, range, sensitive=self.sensitive))
        if isinstance(text, str):
            text = [item.strip() for item in text.split(",")] if text.strip() else []
        items = [resolve(Known(item, STRING, range, sensitive=self.sensitive)) for item in text]
        return Known(items, TUPLE, range, sensitive=self.sensitive)

    def passed(self, value: Value, range: SourceRange | None) -> Value:
        """A value that a parent stack passes: texts become lists where this parameter is one."""
        if isinstance(value, Absent):
            return self.fixed(range)
        if isinstance(value, Known) and (self.is_list or value.kind != STRING):
            if isinstance(value.data, list) and self.is_list:
                result: Value = value.at(value.range)
            else:
                known = [_text_of(item) for item in (value.data if isinstance(value.data, list) else [value])]
                if None in known:
                    return self._unknown(NO_VALUE, f"{self.name} is known in part only", range, (value,))
                texts = [item for item in known if item is not None]
                result = self.value(texts if isinstance(value.data, list) else texts[0], value.range)
                result.sources = (value,)
                result.references = value.references
            result.sensitive = self.sensitive or value.sensitive
            return result
        if isinstance(value, Unknown) and self.is_list:
            items = _joined(value)
            if items is not None:
                sensitive = self.sensitive or value.sensitive
                return Known(items, TUPLE, value.range, (value,), sensitive=sensitive)
            return self._unknown(value.reason, value.detail, value.range, (value,))
        twin = value.at(value.range)
        twin.sensitive = self.sensitive or value.sensitive
        return twin

    def fixed(self, range: SourceRange | None) -> Value:
        """Its value in a nested stack whose parent passes none: nobody can choose another than the default."""
        if self.default is not None:
            return self.default.at(self.default.range)
        return self._unknown(NO_VALUE, f"the parameter {self.name} is not passed and has no default", range)

    def input(self, label: str, assume_nothing: bool) -> Input:
        """The input that this parameter of the outermost template is."""
        detail = f"the parameter {self.name} has no value and no default"
        if self.default is not None:
            detail = f"the parameter {self.name} may be given any value"
        default = self.default
        if assume_nothing and not self.ssm:
            default = None
        unknown = self._unknown(NO_VALUE, detail, self.range)
        return Input(label, unknown, self._make, self.allowed if not self.ssm else None, default, self.range)

    def _make(self, constant: Constant) -> Value:
        """A value for a scenario. Raises EvaluationError if CloudFormation refuses it."""
        text = str(constant)
        if not self.ssm and not self.is_list:
            least, most = self.bounds
            size = _decimal(text) if self.is_number else Decimal(len(text))
            within = size is not None and (least is None or least <= size) and (most is None or size <= most)
            if not within or not _matches(self.pattern, text):
                raise EvaluationError(f"{self.name} cannot be {text}")
        return self.value(text, None)

    def _unknown(self, reason: str, detail: str, range: SourceRange | None, sources: tuple[Value, ...] = ()) -> Unknown:
        type = _STRINGS if self.is_list else STRING
        length = (1, None) if self.of_resources else None  # each must exist, and so there is one
        return Unknown(reason, detail, type, True, None, length, range, sources, sensitive=self.sensitive)


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text) if text is not None else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _matches(pattern: str | None, text: str) -> bool:
    """Whether all of a text matches a pattern; also where nobody here can tell."""
    if pattern is None:
        return True
    # Imported here: few parameters have one, and the engine (whose work is bounded) is large.
    from ...expression.functions.re2 import Search, TooMuchWorkError
    from ...expression.functions.re2_classes import PatternError
    from ...expression.functions.re2_syntax import compile_pattern

    try:
        return Search(compile_pattern(rf"\A(?:{pattern})\z")).find(text) is not None
    except (PatternError, TooMuchWorkError):
        return True


def _text_of(value: Value) -> str | None:
    if not isinstance(value, Known) or value.data is None or isinstance(value.data, (list, dict)):
        return None
    if isinstance(value.data, bool):
        return "true" if value.data else "false"
    return str(value.data)


def texts_of(node: Node) -> str | list[str]:
    """The text, or list of texts, that a default or a given value is."""
    if isinstance(node, ListNode):
        return [plain_text(item) for item in node.items if isinstance(item, ScalarNode)]
    return plain_text(node) if isinstance(node, ScalarNode) else ""


# ---------------------------------------------------------------------------------------------------------------------
# Pseudo parameters


def pseudo_parameters(given: Mapping[str, tuple[str | list[str], SourceRange]] = {}) -> dict[str, Input | Known]:
    """What CloudFormation itself fills in, as inputs: unknown, but of a known shape; the values of those given."""

    def input(name: str, detail: str, domain: tuple[Constant, ...] | None = None, **shape: object) -> Input:
        unknown = Unknown(NO_VALUE, f"{name} is {detail}", shape.get("type", STRING), True)
        parts = shape.get("parts")
        if isinstance(parts, tuple):
            unknown.parts = parts
        return Input(name, unknown, lambda constant: Known(constant, STRING), domain)

    partitions = ("aws", "aws-cn", "aws-us-gov")
    stack_arn = ("arn:", None, ":cloudformation:", None, ":stack/", None)
    inputs = [
        input("AWS::AccountId", "the number of the account (12 digits) it is deployed to"),
        input("AWS::NotificationARNs", "given when it is deployed", type=_STRINGS),
        input("AWS::Partition", "that of the region it is deployed to", partitions),
        input("AWS::Region", "the region it is deployed to"),
        input("AWS::StackId", "given when it is deployed", parts=stack_arn),
        input("AWS::StackName", "given when it is deployed"),
        input("AWS::URLSuffix", "that of the region it is deployed to", ("amazonaws.com", "amazonaws.com.cn")),
    ]
    found: dict[str, Input | Known] = {entry.label: entry for entry in inputs}
    for name, (text, range) in given.items():
        if name in found and isinstance(text, str):
            found[name] = Known(text, STRING, range)
    return found


def of_nested(outer: Mapping[str, Input | Known]) -> dict[str, Input | Known]:
    """The pseudo parameters of a nested stack: its own name and id, all else as around it."""
    own = pseudo_parameters()
    return {**outer, **{name: own[name] for name in ("AWS::StackId", "AWS::StackName")}}


def _joined(value: Unknown) -> list[Value] | None:
    """The elements of a text that was joined with commas, which a list parameter takes apart again.

    Only where each unknown piece stands alone between commas and is what a resource is called, which has no commas.
    """
    made: Value = value
    while len(made.sources) == 1:
        made = made.sources[0]
    unknown = [source for source in made.sources if isinstance(source, Unknown)]
    parts = value.parts or ()
    if parts.count(None) != len(unknown) or not all(source.references for source in unknown):
        return None
    items: list[Value | str] = [""]
    for part in parts:
        if part is None:
            if items[-1] != "":
                return None
            items[-1] = unknown.pop(0)
        else:
            first, *rest = (piece.strip() for piece in part.split(","))
            if first and isinstance(items[-1], Value):
                return None
            items[-1] = items[-1] if isinstance(items[-1], Value) else items[-1] + first
            items.extend(rest)
    return [item if isinstance(item, Value) else Known(item, STRING, value.range) for item in items]

"""What a function is: its signature, what it does with null, unknown and sensitive arguments, and the context it gets.

Used by the modules beside it, which hold the functions by family; functions/__init__.py puts them into one table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn

from ...source import SourceRange
from ..convert import convert
from ..members import text_of, unknown_from
from ..tree import Expression
from ..values import (
    BOOL,
    DYNAMIC,
    LIMIT,
    LIST,
    MAP,
    MAX_TEXT,
    NULL,
    NUMBER,
    SET,
    STRING,
    Absent,
    EvaluationError,
    Known,
    Lazy,
    LimitReached,
    Reference,
    Type,
    Unknown,
    Value,
    known,
    number,
)
from ..world import World

MAX_ELEMENTS = 100_000


class CallContext:
    """What functions need from outside.

    base: the folder that relative paths start from; None where no file may be read. root: the repository,
    above which nothing is read. parse_template, parse_yaml: text to tree, given in since the parsers lie above
    (they raise SyntaxFault). evaluate_template: a parsed template with its own variables to a value.
    rendering: a template is being rendered, inside which no other may be.
    """

    __slots__ = ("base", "evaluate_template", "parse_template", "parse_yaml", "rendering", "root", "world")

    def __init__(
        self,
        world: World,
        base: Path | None = None,
        root: Path | None = None,
        parse_template: Callable[[str], Expression] | None = None,
        parse_yaml: Callable[[str], Any] | None = None,
        evaluate_template: Callable[[Expression, Mapping[str, Value]], Value] | None = None,
    ) -> None:
        self.world = world
        self.base = base
        self.root = root
        self.parse_template = parse_template
        self.parse_yaml = parse_yaml
        self.evaluate_template = evaluate_template
        self.rendering = False


class Parameter:
    """One parameter; `null`: a null reaches the function instead of being refused."""

    __slots__ = ("name", "null", "type")

    def __init__(self, name: str, type: Type, null: bool) -> None:
        self.name = name
        self.type = type
        self.null = null


class Call:
    """One call under way: what an implementation asks for context, and makes its result with."""

    __slots__ = ("arguments", "context", "name", "range")

    def __init__(self, name: str, context: CallContext, arguments: list[Value], range: SourceRange | None) -> None:
        self.name = name
        self.context = context
        self.arguments = arguments
        self.range = range

    def fail(self, message: str) -> NoReturn:
        """Raise EvaluationError, named after the function."""
        raise EvaluationError(f'Call to function "{self.name}" failed: {message}.', self.range)

    def bad(self, parameter: str, message: str) -> NoReturn:
        """Raise EvaluationError about one argument."""
        raise EvaluationError(f'Invalid value for "{parameter}" parameter: {message}', self.range)

    def limit(self, elements: int = 0, text: int = 0) -> None:
        """Raise EvaluationError where a result would grow beyond every use."""
        if elements > MAX_ELEMENTS:
            self._refuse(f"the result would have {elements:,} elements, more than the limit of {MAX_ELEMENTS:,}")
        if text > MAX_TEXT:
            self._refuse(f"the result would have {text:,} characters, more than the limit of {MAX_TEXT:,}")

    def _refuse(self, message: str) -> NoReturn:
        raise LimitReached(f'Call to function "{self.name}" failed: {message}.', self.range)

    def result(self, data: Any, kind: str, element: Type | None = None, sensitive: bool | None = None) -> Known:
        """A known result; elements that are Values stay as they are."""
        if sensitive is None:
            sensitive = any(argument.sensitive for argument in self.arguments)
        return Known(data, kind, self.range, tuple(self.arguments), sensitive=sensitive, element=element)

    def plain(self, data: Any, type: Type, sensitive: bool | None = None) -> Value:
        """A result from plain Python data of a type."""
        value = build(data, type, self)
        if not isinstance(value, Known):
            return value
        value.range = self.range
        value.sources = tuple(self.arguments)
        value.sensitive = any(is_sensitive(a) for a in self.arguments) if sensitive is None else sensitive
        return value

    def plain_value(self, value: Known) -> Known:
        """A result that was built from all of the arguments."""
        value.range = self.range
        value.sources = tuple(self.arguments)
        value.sensitive = any(is_sensitive(argument) for argument in self.arguments)
        return value

    def unknown(
        self,
        type: Type = DYNAMIC,
        not_null: bool = True,
        because: Value | None = None,
        length: tuple[int, int | None] | None = None,
    ) -> Unknown:
        """An unknown result, for the reason of the first argument (or part of one) that is unknown."""
        cause = because if isinstance(because, Unknown) else None
        for argument in self.arguments if cause is None else ():
            cause = first_unknown(argument)
            if cause is not None:
                break
        result = unknown_from((cause,) if cause is not None else (), type, range=self.range, not_null=not_null)
        result.sources = tuple(self.arguments)
        result.references = references_of(self.arguments)
        result.sensitive = any(is_sensitive(argument) for argument in self.arguments)
        result.length = length
        return result

    def text(self, pieces: list[str | None]) -> Value:
        """A string from pieces, None where a piece is unknown."""
        self.limit(text=sum(len(piece) for piece in pieces if piece is not None))
        cause = next((u for u in map(first_unknown, self.arguments) if u is not None), None)
        sensitive = any(is_sensitive(argument) for argument in self.arguments)
        value = text_of(_runs(pieces), tuple(self.arguments), self.range, sensitive, cause)
        if isinstance(value, Unknown):
            value.references = references_of(self.arguments)
        return value


def _runs(pieces: list[str | None]) -> list[str | None]:
    """Pieces with the known ones between two holes joined, in one go."""
    runs: list[str | None] = []
    for unknown, run in groupby(pieces, key=lambda piece: piece is None):
        runs.append(None if unknown else normalized("".join(piece or "" for piece in run)))
    return runs


Implementation = Callable[..., Any]


class Function:
    """A function of the language; called with the context, its evaluated arguments and the range of the call.

    by_value: the implementation gets Values, unknown ones too; otherwise it gets plain data, and is not called
    while any part of an argument is unknown: then `partial` may say what is known of the result all the same.
    keeps: the first argument decides what the result refers to (its references and the input that it is).
    """

    __slots__ = ("by_value", "implementation", "keeps", "name", "parameters", "partial", "rest", "result", "takes_lazy")

    def __init__(
        self,
        signature: str,
        implementation: Implementation,
        by_value: bool,
        partial: Implementation | None,
        keeps: bool,
    ) -> None:
        self.name, self.parameters, self.rest, self.result = _signature(signature)
        self.implementation = implementation
        self.by_value = by_value
        self.partial = partial
        self.keeps = keeps
        self.takes_lazy = False

    def __call__(self, context: CallContext, arguments: list[Value], range: SourceRange | None) -> Value:
        """The result. Raises EvaluationError for what Terraform refuses."""
        call = Call(self.name, context, arguments, range)
        converted = self._converted(call, arguments)
        try:
            if self.by_value:
                return self._finish(self.implementation(call, *converted), arguments)
            secret = [False]
            try:
                data = [plain_data(value, secret) for value in converted]
            except _NotKnownError:
                value = None if self.partial is None else self.partial(call, *converted)
                return self._finish(call.unknown(self.result) if value is None else value, arguments)
            result = self.implementation(call, *data)
            if isinstance(result, Value):
                return self._finish(result, arguments)
            return self._finish(call.plain(result, self.result, secret[0]), arguments)
        except EvaluationError as error:
            if error.range is None:
                error.range = range
            raise
        except RecursionError:
            raise EvaluationError(f'Call to function "{self.name}" failed: nested too deeply.', range) from None

    def _finish(self, value: Value, arguments: list[Value]) -> Value:
        if self.keeps and arguments and value is not arguments[0] and not value.references:
            value.references = arguments[0].references
        return value

    def _converted(self, call: Call, arguments: list[Value]) -> list[Value]:
        wanted = len(self.parameters)
        if len(arguments) < wanted:
            missing = self.parameters[len(arguments)].name
            least = "at least " if self.rest else ""
            raise EvaluationError(
                f'Function "{self.name}" expects {least}{wanted} argument(s). Missing value for "{missing}".',
                call.range,
            )
        if len(arguments) > wanted and self.rest is None:
            raise EvaluationError(f'Function "{self.name}" expects only {wanted} argument(s).', call.range)
        converted: list[Value] = []
        for value, parameter in converted_pairs(self, arguments):
            if isinstance(value, Lazy):
                value = value.materialize()
            if isinstance(value, Absent):
                value = value.default if value.default is not None else Known(None, NULL, value.range, (value,))
            if isinstance(value, Known) and value.kind == NULL and not parameter.null:
                call.bad(parameter.name, "argument must not be null.")
            try:
                converted.append(convert(value, parameter.type))
            except EvaluationError as error:
                call.bad(parameter.name, error.message)
        return converted


def converted_pairs(function: Function, values: list[Value]) -> list[tuple[Value, Parameter]]:
    """Arguments with their parameters; the last parameter repeats where the function takes any number."""
    fixed = function.parameters
    rest = function.rest
    return [(value, fixed[index] if index < len(fixed) or rest is None else rest) for index, value in enumerate(values)]


_TABLE: dict[str, Function] = {}


def function(
    signature: str, partial: Implementation | None = None, keeps: bool = False
) -> Callable[[Implementation], Implementation]:
    """Register an implementation over plain data: str, int or Decimal, bool, list, dict, None."""

    def register(implementation: Implementation) -> Implementation:
        made = Function(signature, implementation, False, partial, keeps)
        _TABLE[made.name] = made
        return implementation

    return register


def value_function(signature: str, keeps: bool = False) -> Callable[[Implementation], Implementation]:
    """Register an implementation over Values, which deals with unknown parts itself."""

    def register(implementation: Implementation) -> Implementation:
        made = Function(signature, implementation, True, None, keeps)
        _TABLE[made.name] = made
        return implementation

    return register


def table() -> dict[str, Function]:
    """All functions registered so far, by name."""
    return _TABLE


_PARAMETER = re.compile(r"\s*(\w+)(\.\.\.)?(\?)?:\s*")


def _signature(text: str) -> tuple[str, list[Parameter], Parameter | None, Type]:
    """`name(a: string, b?: any, rest...: list(string)) -> type`; `?`: null is allowed."""
    head, _, result = text.partition(" -> ")
    name, _, inner = head.partition("(")
    parameters: list[Parameter] = []
    rest: Parameter | None = None
    position, inner = 0, inner[:-1]
    while position < len(inner):
        match = _PARAMETER.match(inner, position)
        assert match is not None, text
        type, position = _type(inner, match.end())
        parameter = Parameter(match[1], type, match[3] is not None)
        if match[2]:
            rest = parameter
        else:
            parameters.append(parameter)
        position += 1  # the comma
    return name, parameters, rest, _type(result, 0)[0]


def _type(text: str, position: int) -> tuple[Type, int]:
    match = re.compile(r"\w+").match(text, position)
    assert match is not None, text
    word, position = match[0], match.end()
    if word in (LIST, SET, MAP):
        inner, position = _type(text, position + 1)
        return (word, inner), position + 1
    return (DYNAMIC if word == "any" else word), position


class _NotKnownError(Exception):
    """Some part of an argument is unknown."""


def plain_data(value: Value, secret: list[bool]) -> Any:
    """Plain data of a value; notes in `secret` whether a part is sensitive. Raises where a part is unknown."""
    if value.sensitive:
        secret[0] = True
    if isinstance(value, Known):
        data = value.data
        if isinstance(data, list):
            return [plain_data(item, secret) for item in data]
        if isinstance(data, dict):
            return {name: plain_data(item, secret) for name, item in data.items()}
        return data
    if isinstance(value, Lazy):
        return plain_data(value.materialize(), secret)
    if isinstance(value, Absent):
        return None
    raise _NotKnownError


def is_sensitive(value: Value) -> bool:
    """The value or a part of it is sensitive."""
    if value.sensitive:
        return True
    if isinstance(value, Known):
        if isinstance(value.data, list):
            return any(is_sensitive(item) for item in value.data)
        if isinstance(value.data, dict):
            return any(is_sensitive(item) for item in value.data.values())
    return False


def first_unknown(value: Value) -> Unknown | None:
    """The first part of a value that is unknown."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Known):
        items = value.data if isinstance(value.data, list) else None
        if isinstance(value.data, dict):
            items = list(value.data.values())
        for item in items or ():
            found = first_unknown(item)
            if found is not None:
                return found
    return None


def references_of(values: list[Value]) -> tuple[Reference, ...]:
    """The references of unknown arguments: what the result still names."""
    found: tuple[Reference, ...] = ()
    for value in values:
        if isinstance(value, Unknown):
            found += value.references
    return found


def normalized(text: str) -> str:
    """Texts are kept in Unicode's composed form (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def build(data: Any, type: Type, call: Call | None = None) -> Value:
    """Plain data as a value of a type; Values inside stay."""
    if isinstance(data, Value):
        return data
    if data is None:
        return Known(None, NULL, element=None if type == DYNAMIC else type)
    if type == STRING:
        if call is not None:
            call.limit(text=len(data))
        return Known(normalized(data), STRING)
    if type == NUMBER:
        return Known(number(data) if isinstance(data, Decimal) else data, NUMBER)
    if type == BOOL:
        return Known(data, BOOL)
    if isinstance(type, str):
        return known(data)
    if type[0] in (LIST, SET):
        if call is not None:
            call.limit(elements=len(data))
        return Known([build(item, type[1], call) for item in data], type[0], element=type[1])
    if type[0] == MAP:
        return Known({name: build(item, type[1], call) for name, item in data.items()}, MAP, element=type[1])
    return known(data)


def pieces(value: Value) -> tuple[str | None, ...]:
    """What is known of a string: its parts in order, None for each hole."""
    if isinstance(value, Known):
        return (str(value.data),)
    if isinstance(value, Unknown) and value.parts is not None:
        return value.parts
    return (None,)


def over_limit(name: str, range: SourceRange | None) -> Unknown:
    """A result that was not computed because it would cost too much."""
    return Unknown(LIMIT, f"{name} was not computed: it would take too much work", range=range)

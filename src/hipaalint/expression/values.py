"""Values: known, unknown (with a reason and what is still known), absent, and objects that are read on demand.

Results of expression/evaluator.py and leaves of every resource. A value says where it is written (`range`) and what it
came from (`sources`), so that a finding can show how a property got its value. A *choice* between alternatives is not a
class here: it is a conditional left in the tree, which expression/world.py settles scenario by scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from ..source import SourceRange

if TYPE_CHECKING:
    from .world import Input

# A few lines can ask for values without end (lists in lists, texts doubled over and over): beyond these none is made.
MAX_SIZE = 200_000  # values in one value
MAX_TEXT = 1 << 20  # characters of a text

# Kinds of known data. Tuple and object are what literals make; list, set and map come from conversions.
NULL, BOOL, NUMBER, STRING = "null", "bool", "number", "string"
TUPLE, LIST, SET, OBJECT, MAP = "tuple", "list", "set", "object", "map"
SEQUENCES = (TUPLE, LIST, SET)
MAPPINGS = (OBJECT, MAP)

# A type: "bool" | "number" | "string" | "dynamic" | ("list" | "set" | "map", element type)
# | ("tuple", (types…)) | ("object", ((name, type, optional), …)).
Type = Any
DYNAMIC = "dynamic"

Reference = tuple[Any, str]  # (the resource as written that is referred to, attribute name or "")


class EvaluationError(Exception):
    """An expression that Terraform itself would refuse: message and place. `try` and `can` catch it."""

    def __init__(self, message: str, range: SourceRange | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.range = range


class LimitReached(EvaluationError):
    """Something that hipaalint alone refuses, since it would take too much time or memory."""


class Value:
    """What an expression evaluates to.

    range: where it is written in this place (attribute, list item, …); None for values nobody wrote.
    sources: the values it was made from, the deciding ones first.
    references: resources that it names (an edge for the graph).
    sensitive: it must never be shown.
    input: the input of the root that this value is, unchanged; lets a comparison split its domain.
    """

    __slots__ = ("input", "range", "references", "sensitive", "sources")
    range: SourceRange | None
    sources: tuple[Value, ...]
    references: tuple[Reference, ...]
    sensitive: bool
    input: Input | None

    def copy(self) -> Value:
        raise NotImplementedError

    def at(self, range: SourceRange | None) -> Value:
        """The same value, written at another place; this one becomes its source."""
        twin = self.copy()
        twin.range = range
        twin.sources = (self,)
        return twin


class Known(Value):
    """Data that is settled: None, bool, int, Decimal, str, a list of Values, or a dict of Values.

    `element` is the element type of a list, set or map where it is known to be converted; None otherwise.
    `size` is what weigh() has counted; 0 before.
    """

    __slots__ = ("data", "element", "kind", "size")

    def __init__(
        self,
        data: Any,
        kind: str,
        range: SourceRange | None = None,
        sources: tuple[Value, ...] = (),
        references: tuple[Reference, ...] = (),
        sensitive: bool = False,
        input: Input | None = None,
        element: Type | None = None,
    ) -> None:
        self.data = data
        self.kind = kind
        self.range = range
        self.sources = sources
        self.references = references
        self.sensitive = sensitive
        self.input = input
        self.element = element
        self.size = 0

    def copy(self) -> Known:
        twin = Known(
            self.data,
            self.kind,
            self.range,
            self.sources,
            self.references,
            self.sensitive,
            self.input,
            self.element,
        )
        twin.size = self.size
        return twin

    def __repr__(self) -> str:
        return f"Known({self.data!r}, {self.kind!r})"


# Codes of reasons: a closed list, since fingerprints and reports depend on it.
NO_VALUE = "no-value"  # a variable or parameter without value and default
COMPUTED = "computed"  # decided by the provider or the service when it is deployed
DATA_SOURCE = "data-source"
NOT_LOADED = "module-not-loaded"
IMPORTED = "imported"  # another stack, remote state
IMPURE = "impure-function"  # timestamp(), uuid(), provider functions
CONDITION = "condition"  # depends on a condition that cannot be decided
NOT_LIFTED = "not-lifted"  # the lifting table does not reach this argument
NO_DEFAULT = "no-documented-default"
ERROR = "evaluation-error"
LIMIT = "limit"
MACRO = "macro"
UNRESOLVED = "unresolved-reference"
OUTSIDE = "outside-the-root"  # a relation that leads to something that this root does not declare
SECRET_REFERENCE = "secret-reference"  # {{resolve:secretsmanager:…}} and the like
GIVEN = "given-as-unknown"  # hipaalint.UNKNOWN
REASONS = frozenset(
    {
        NO_VALUE,
        COMPUTED,
        DATA_SOURCE,
        NOT_LOADED,
        IMPORTED,
        IMPURE,
        CONDITION,
        NOT_LIFTED,
        NO_DEFAULT,
        ERROR,
        LIMIT,
        MACRO,
        UNRESOLVED,
        OUTSIDE,
        SECRET_REFERENCE,
        GIVEN,
    }
)


class Unknown(Value):
    """A value that cannot be known from the text.

    reason: a code of REASONS; detail: for people, in the user's names ("var.encrypt has no default").
    type: what type it must have; not_null: it is certainly there; parts: of a string the known pieces in
    order, None for each hole (`arn:aws:s3:::${x}/*` → ("arn:aws:s3:::", None, "/*")).
    length: (at least, at most or None) elements of a collection, characters of a string.
    """

    __slots__ = ("detail", "length", "not_null", "parts", "reason", "type")

    def __init__(
        self,
        reason: str,
        detail: str = "",
        type: Type = DYNAMIC,
        not_null: bool = False,
        parts: tuple[str | None, ...] | None = None,
        length: tuple[int, int | None] | None = None,
        range: SourceRange | None = None,
        sources: tuple[Value, ...] = (),
        references: tuple[Reference, ...] = (),
        sensitive: bool = False,
        input: Input | None = None,
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.type = type
        self.not_null = not_null
        self.parts = parts
        self.length = length
        self.range = range
        self.sources = sources
        self.references = references
        self.sensitive = sensitive
        self.input = input

    def copy(self) -> Unknown:
        return Unknown(
            self.reason,
            self.detail,
            self.type,
            self.not_null,
            self.parts,
            self.length,
            self.range,
            self.sources,
            self.references,
            self.sensitive,
            self.input,
        )

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r}, {self.detail!r})"


class Absent(Value):
    """A property that nobody wrote. `range` is the nearest thing that is written: the parent block or the header.

    path: dotted, as in the schema; default: what the service or provider takes instead, where that is documented.
    inner: gives what is absent with it, one level below, by name.
    """

    __slots__ = ("default", "inner", "path", "spelled")

    def __init__(
        self,
        path: str,
        default: Value | None = None,
        range: SourceRange | None = None,
        spelled: str = "",
        sources: tuple[Value, ...] = (),
        inner: Callable[[str], Absent] | None = None,
    ) -> None:
        self.path = path
        self.default = default
        self.inner = inner
        self.spelled = spelled or path
        self.range = range
        self.sources = sources
        self.references = ()
        self.sensitive = False
        self.input = None

    def copy(self) -> Absent:
        return Absent(self.path, self.default, self.range, self.spelled, self.sources, self.inner)

    def __repr__(self) -> str:
        return f"Absent({self.path!r})"


class Lazy(Value):
    """An object whose attributes are evaluated when they are asked for: a resource, `var`, `local`, a module.

    many: it stands for any number of objects, so that a splat over it is a list of unknown length; get("*") is any one.
    """

    __slots__ = ()
    many: ClassVar[bool] = False

    def __init__(self, range: SourceRange | None = None) -> None:
        self.range = range
        self.sources = ()
        self.references = ()
        self.sensitive = False
        self.input = None

    def get(self, name: str, range: SourceRange | None) -> Value:
        """The attribute; Absent or EvaluationError where there is none, as the kind of object demands."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """The attributes that can be listed, in the order of the text."""
        raise NotImplementedError

    def materialize(self) -> Value:
        """The whole object as a Known one, for functions and iteration."""
        return Known({name: self.get(name, self.range) for name in self.names()}, OBJECT, self.range)

    def at(self, range: SourceRange | None) -> Value:
        """A lazy object is shared, not copied: its attributes have ranges of their own."""
        return self


class Namespace(Lazy):
    """A lazy object made of a function: `var`, `local`, `module`, `path`, …"""

    __slots__ = ("_get", "_names")

    def __init__(
        self,
        get: Callable[[str, SourceRange | None], Value],
        names: Callable[[], list[str]] = list,
        range: SourceRange | None = None,
    ) -> None:
        super().__init__(range)
        self._get = get
        self._names = names

    def get(self, name: str, range: SourceRange | None) -> Value:
        return self._get(name, range)

    def names(self) -> list[str]:
        return self._names()


def known(data: Any, range: SourceRange | None = None) -> Known:
    """Plain Python data as a Known value, recursively; Values inside stay. Lists become tuples, dicts objects."""
    if data is None:
        return Known(None, NULL, range)
    if isinstance(data, bool):
        return Known(data, BOOL, range)
    if isinstance(data, (int, Decimal)):
        return Known(data, NUMBER, range)
    if isinstance(data, float):
        return Known(number(Decimal(repr(data))), NUMBER, range)
    if isinstance(data, str):
        return Known(data, STRING, range)
    if isinstance(data, Mapping):
        return Known({str(k): v if isinstance(v, Value) else known(v, range) for k, v in data.items()}, OBJECT, range)
    if isinstance(data, (list, tuple)):
        return Known([v if isinstance(v, Value) else known(v, range) for v in data], TUPLE, range)
    raise TypeError(f"no value for {type(data).__name__}")


def number(data: Decimal) -> int | Decimal:
    """int where the number is integral, else the Decimal."""
    return int(data) if data == data.to_integral_value() else data


def weigh(value: Value) -> int:
    """How many values a value holds, itself included and shared ones as often as they are there; counted once."""
    if not isinstance(value, Known):
        return 1
    if value.size == 0:
        data = value.data
        if isinstance(data, list):
            value.size = 1 + sum(map(weigh, data))
        elif isinstance(data, dict):
            value.size = 1 + sum(map(weigh, data.values()))
        else:
            value.size = 1
    return value.size


def bounded(value: Known) -> Known:
    """The value. Raises EvaluationError if it is so large that whoever walks through it would not come back."""
    if weigh(value) > MAX_SIZE:
        raise LimitReached(
            f"the value would hold more than {MAX_SIZE:,} values, which is the limit; make it smaller", value.range
        )
    return value


def is_null(value: Value) -> bool:
    """Known to be null."""
    return isinstance(value, Known) and value.kind == NULL


def is_true(value: Value) -> bool:
    """Known to be true."""
    return isinstance(value, Known) and value.data is True


def is_false(value: Value) -> bool:
    """Known to be false."""
    return isinstance(value, Known) and value.data is False


def plain(value: Value) -> Any:
    """Plain Python data of a wholly known value (int, Decimal, str, list, dict, None).

    Raises ValueError where a part of it is unknown.
    """
    if isinstance(value, Lazy):
        value = value.materialize()
    if isinstance(value, Known):
        if isinstance(value.data, list):
            return [plain(item) for item in value.data]
        if isinstance(value.data, dict):
            return {name: plain(item) for name, item in value.data.items()}
        return value.data
    if isinstance(value, Absent):
        return None
    raise ValueError("not wholly known")


def wholly_known(value: Value) -> bool:
    """No part of it is unknown."""
    if isinstance(value, Known):
        if isinstance(value.data, list):
            return all(wholly_known(item) for item in value.data)
        if isinstance(value.data, dict):
            return all(wholly_known(item) for item in value.data.values())
        return True
    return isinstance(value, Absent) or (isinstance(value, Lazy) and wholly_known(value.materialize()))


def walk(value: Value) -> Iterator[Value]:
    """The value and all that it contains, outermost first."""
    yield value
    if isinstance(value, Known):
        if isinstance(value.data, list):
            for item in value.data:
                yield from walk(item)
        elif isinstance(value.data, dict):
            for item in value.data.values():
                yield from walk(item)


def all_references(value: Value) -> list[Reference]:
    """References of the value, of its parts and of what it was made from; each once, in order."""
    seen: dict[tuple[int, str], Reference] = {}
    done: set[int] = set()
    stack: list[Value] = [value]
    while stack:
        current = stack.pop()
        if id(current) in done:
            continue
        done.add(id(current))
        for reference in current.references:
            seen.setdefault((id(reference[0]), reference[1]), reference)
        stack.extend(reversed(current.sources))
        if isinstance(current, Known):
            if isinstance(current.data, list):
                stack.extend(reversed(current.data))
            elif isinstance(current.data, dict):
                stack.extend(reversed(list(current.data.values())))
    return list(seen.values())

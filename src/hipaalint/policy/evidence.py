"""Evidence: which text of the user decided a verdict, at which property, and how that text got its value.

Called by policy/engine.py inside the scenario that shows the verdict; reads nothing but values and their sources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from ..expression.values import BOOL, MAPPINGS, SEQUENCES, Absent, Known, Lazy, Unknown, Value, is_null
from ..graph.layers import Step
from ..model.resource import Resource
from ..resource import WrittenResource
from ..source import SourceFile, SourceRange
from .finding import Related

MASKED = "(sensitive)"
STEPS = 8  # of the trail, and of further places, that are shown
NODES = 20_000  # of sources that are looked at
NOT_WRITTEN, WRITTEN = "not-written", "written-value"


class Leaf:
    """A value that decided and that stands in a user's file, or is missing there. by_default: the service's value."""

    __slots__ = ("by_default", "value")

    def __init__(self, value: Value, by_default: Value | None = None) -> None:
        self.value = value
        self.by_default = by_default


class Evidence:
    """What a finding says about its reason; see the fields of Finding."""

    __slots__ = ("default", "path", "range", "reason", "related", "sensitive", "value")

    def __init__(self, range: SourceRange) -> None:
        self.range = range
        self.path = ""
        self.reason = ""
        self.value = ""
        self.related: list[Related] = []
        self.default: Value | None = None
        self.sensitive = False


class Traced(Known):
    """An answer with the path that shows it: a finding lists the path's steps as related places."""

    __slots__ = ("path",)

    def __init__(self, answer: Known, path: Sequence[Step]) -> None:
        super().__init__(answer.data, answer.kind, answer.range, answer.sources, sensitive=answer.sensitive)
        self.path = path


def gather(
    value: Value | None, resource: Resource, looked_up: Mapping[str, Value], own: Collection[SourceFile]
) -> Evidence:
    """The evidence for a decided (or undecided) value. own: the files of the check's expressions."""
    evidence = Evidence(narrowed(resource.written.call or resource.header))
    found = leaves(value, own) if value is not None else []
    evidence.default = next((leaf.by_default for leaf in found if leaf.by_default is not None), None)
    if not found:
        _add_path(evidence, value)
        return evidence
    main = min((leaf.value for leaf in found), key=lambda value: _remoteness(value, resource))
    evidence.reason = NOT_WRITTEN if isinstance(main, Absent) else WRITTEN
    evidence.path = main.path if isinstance(main, Absent) else path_of(main, looked_up) if looked_up else ""
    evidence.sensitive = main.sensitive
    evidence.value = spelled_value(main)
    owner = _owner(main, resource)
    if owner is not None and owner.call is not None:
        evidence.range = owner.call
    elif main.range is not None and (owner is not None or resource.written.call is None):
        evidence.range = main.range
    whole = evidence.range
    evidence.range = narrowed(whole)
    if owner is None and main.range is not None:
        evidence.related.append(Related(narrowed(resource.header), resource.address))
    evidence.related += _trail(main, whole, own)
    _add_path(evidence, value)
    others = (
        narrowed(other.value.range)
        for other in found
        if other.value.range is not None and not isinstance(other.value, Absent)
    )
    seen = {evidence.range, *(related.range for related in evidence.related)}
    for other in list(dict.fromkeys(others))[: STEPS + 1]:
        if other not in seen:
            evidence.related.append(Related(other, "this decides as well"))
    return evidence


def _add_path(evidence: Evidence, value: Value | None) -> None:
    """Put the steps of the first path that decided before what else is related."""
    steps = _path(value) if value is not None else ()
    places = [(narrowed(step.range), step) for step in steps if step.range is not None]
    if not places:
        return
    named = [
        Related(place, f"{step.resource.address}: {step.reason}" if step.resource else step.reason)
        for place, step in places
    ]
    shown = {place for place, _ in places}
    evidence.related = [*named, *(related for related in evidence.related if related.range not in shown)]


def _path(value: Value) -> Sequence[Step]:
    """The path of the first answer that a value was made from; of a list, an element that decided."""
    stack, done = [value], set[int]()
    while stack and len(done) < NODES:
        current = stack.pop()
        if id(current) in done:
            continue
        done.add(id(current))
        if isinstance(current, Traced):
            return current.path
        if isinstance(current, Known) and current.kind in SEQUENCES:
            stack.extend(reversed(current.data))
        stack.extend(reversed(current.sources))
    return ()


def _remoteness(value: Value, resource: Resource) -> int:
    """What is written in the resource goes before what is missing there, and that before what stands elsewhere."""
    if _owner(value, resource) is None:
        return 2
    return 1 if isinstance(value, Absent) else 0


def leaves(value: Value, own: Collection[SourceFile]) -> list[Leaf]:
    """The values that decided, first ones first: what a check's expression computes is followed to what users wrote."""
    return _leaves(value, None, own, set())


def _leaves(value: Value, truth: bool | None, own: Collection[SourceFile], done: set[int]) -> list[Leaf]:
    if id(value) in done or len(done) > NODES:
        return []
    done.add(id(value))
    if value.range is not None and value.range.file not in own:
        return [_behind(value)]
    if isinstance(value, Absent) and value.range is None:
        return [Leaf(value)]
    if isinstance(value, Known) and value.kind == BOOL:
        truth = value.data
    if isinstance(value, Known) and value.kind in SEQUENCES:
        found = [leaf for item in _deciding(value.data, truth) for leaf in _leaves(item, truth, own, done)]
        if found:
            return found
    children = list(value.sources)
    if isinstance(value, Unknown):
        children = [part for source in value.sources for part in _unknown_parts(source)] or children
    return [leaf for child in children for leaf in _leaves(child, truth, own, done)]


def _deciding(items: list[Value], truth: bool | None) -> list[Value]:
    """The elements of a list of conditions that made alltrue false, anytrue true and so on; of another list all."""
    same: list[Value] = [item for item in items if isinstance(item, Known) and item.kind == BOOL and item.data is truth]
    return same or items


def _behind(value: Value) -> Leaf:
    """A value that users wrote; or, where it is what the service takes instead of it, the property nobody wrote."""
    current = value
    if isinstance(value, Absent):
        return Leaf(value)
    while current.sources:
        source = current.sources[0]
        if isinstance(source, Absent):
            by_default = current if isinstance(current, Known) and not is_null(current) else None
            return Leaf(source, source.default if by_default is not None else None)
        if source.range != value.range or source is current:
            break
        current = source
    return Leaf(value)


def _unknown_parts(value: Value) -> Iterator[Value]:
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Known) and isinstance(value.data, (list, dict)):
        for item in value.data.values() if isinstance(value.data, dict) else value.data:
            yield from _unknown_parts(item)
    elif isinstance(value, Known):
        for source in value.sources:
            if isinstance(source, Unknown):
                yield source


def _owner(value: Value, resource: Resource) -> WrittenResource | None:
    """The resource itself or its side-car, if the value stands in one of them."""
    if value.range is None:
        return resource.written
    for written in (resource.written, *resource.folded):
        if _within(value.range, written.range) or _within(value.range, written.header):
            return written
    return None


def _within(inner: SourceRange, outer: SourceRange) -> bool:
    return inner.file is outer.file and outer.start <= inner.start and inner.end <= outer.end


def narrowed(range: SourceRange) -> SourceRange:
    """The first line of a range that spans several: the key or header, so that an alert lies in few changed lines."""
    text = range.text
    line = text.split("\n", 1)[0].rstrip()
    if line and len(line) < len(text.rstrip()):
        return SourceRange(range.file, range.start, range.start + len(line))
    return range


def path_of(value: Value, looked_up: Mapping[str, Value]) -> str:
    """The dotted path at which a value stands below the properties that were looked at; list positions left out."""
    for name, property in looked_up.items():
        found = _search(property, value, name, set())
        if found is not None:
            return found
    return next(iter(looked_up), "")


def _search(here: Value, wanted: Value, path: str, done: set[int]) -> str | None:
    if here is wanted:
        return path
    if id(here) in done or len(done) > NODES:
        return None
    done.add(id(here))
    members: list[tuple[str, Value]] = []
    if isinstance(here, Known) and here.kind in MAPPINGS:
        members = [(f"{path}.{name}", item) for name, item in here.data.items()]
    elif isinstance(here, Known) and here.kind in SEQUENCES:
        members = [(path, item) for item in here.data]
    elif isinstance(here, Lazy) and path.count(".") < 12:
        members = [(f"{path}.{name}", here.get(name, None)) for name in here.names()]
    for name, item in members:
        found = _search(item, wanted, name, done)
        if found is not None:
            return found
    if here.range is not None and here.range == wanted.range:
        return path
    return None


def spelled_value(value: Value) -> str:
    """A scalar as one would write it; "" for anything else."""
    if value.sensitive:
        return MASKED
    if not isinstance(value, Known):
        return ""
    data: object = value.data
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        text = data if len(data) <= 80 else data[:79] + "…"
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(data, Decimal):
        return f"{data:f}"
    return f"{data}" if isinstance(data, int) else ""


def _trail(value: Value, shown: SourceRange, own: Collection[SourceFile]) -> list[Related]:
    """The places through which a value came, nearest first; what lies inside a place already shown is left out."""
    ranges = [shown]
    trail: list[Related] = []
    done: set[int] = set()
    stack = list(reversed(value.sources))
    while stack and len(trail) < STEPS and len(done) < NODES:
        current = stack.pop()
        if id(current) in done:
            continue
        done.add(id(current))
        place = current.range
        if place is not None and place.file not in own and not any(_within(place, known) for known in ranges):
            ranges.append(place)
            trail.append(Related(narrowed(place), _step(current, value.sensitive)))
        stack.extend(reversed(current.sources))
    return trail


def _step(value: Value, sensitive: bool) -> str:
    if value.input is not None:
        return f"{value.input.label} by default" if value is value.input.default else value.input.label
    if sensitive or value.sensitive or value.range is None:
        return "its value comes from here"
    return f"its value comes from `{' '.join(narrowed(value.range).text.split())[:60]}`"

"""Which events a CloudTrail trail records, by its selectors in both dialects.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..expression.evaluator import operand
from ..expression.values import Unknown, Value
from .decisions import Decision, all_of, any_of, domain_function, elements, member, nothing, text
from .log_filters import Event, flat

MANAGEMENT, DATA = "Management", "Data"


@domain_function("trail_records", 2, 2)
def trail_records(trail: Value, event: Value) -> Decision:
    """Whether a trail records all events of a sort.

    event: what they have in common, by the names of advanced event selectors: `{eventCategory = "Data",
    "resources.type" = "AWS::S3::Object", readOnly = "false"}`. A trail for some resources only (ARNs) counts.
    """
    wanted = flat(event)
    basic, advanced = member(trail, "EventSelectors"), member(trail, "AdvancedEventSelectors")
    if nothing(basic) and nothing(advanced):
        return Decision(wanted["eventCategory"] == MANAGEMENT, trail)
    decisions = [_basic(selector, wanted) for selector in elements(basic)]
    decisions += [_advanced(selector, wanted) for selector in elements(advanced)]
    return any_of(decisions)


def _basic(selector: Value, event: Event) -> Decision:
    if isinstance(selector, Unknown):
        return Decision(None, selector)
    half = {"true": "WriteOnly", "false": "ReadOnly"}.get(event.get("readOnly", ""), "")
    fits = _negated(_is(member(selector, "ReadWriteType"), half))
    if event["eventCategory"] == MANAGEMENT:
        included = _negated(_is(member(selector, "IncludeManagementEvents"), "false"))
        excluded = member(selector, "ExcludeManagementEventSources")
        left_out = any_of([_is(source, event.get("eventSource", "")) for source in elements(excluded)], excluded)
        return all_of([included, fits, _negated(left_out)])
    recorded = (
        all_of([_is(member(one, "Type"), event.get("resources.type", "")), _some(member(one, "Values"))])
        for one in elements(member(selector, "DataResources"))
    )
    return all_of([any_of(recorded), fits])


def _advanced(selector: Value, event: Event) -> Decision:
    if isinstance(selector, Unknown):
        return Decision(None, selector)
    return all_of(list(_fields(selector, event)), selector)


def _fields(selector: Value, event: Event) -> Iterator[Decision]:
    for field in elements(member(selector, "FieldSelectors")):
        name = member(field, "Field")
        written = text(name)
        if written is None:
            yield Decision(None, name)
        elif written != "resources.ARN":
            actual = event.get(written)
            if actual is None:
                yield Decision(False, name)  # it narrows the sort of events to some of them
            else:
                yield from _tests(field, actual)


def _tests(field: Value, actual: str) -> Iterator[Decision]:
    comparisons: dict[str, Callable[[str], bool]] = {
        "Equals": actual.__eq__,
        "StartsWith": actual.startswith,
        "EndsWith": actual.endswith,
    }
    for operator, compare in comparisons.items():
        for prefix in ("", "Not"):
            values = elements(member(field, prefix + operator))
            if not values:
                continue
            found = [Decision(None if (known := text(value)) is None else compare(known), value) for value in values]
            yield any_of(found) if not prefix else _negated(any_of(found))


def _is(value: Value, wanted: str) -> Decision:
    if nothing(value):
        return Decision(False, value)
    written = text(value)
    return Decision(None if written is None and isinstance(operand(value), Unknown) else written == wanted, value)


def _some(values: Value) -> Decision:
    return Decision(None if isinstance(operand(values), Unknown) else bool(elements(values)), values)


def _negated(decision: Decision) -> Decision:
    return Decision(None if decision.holds is None else not decision.holds, *decision.because)

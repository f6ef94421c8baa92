"""Where the subnets of a network lead to, and over how many zones they are spread.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from ..expression.evaluator import operand
from ..expression.values import DYNAMIC, SEQUENCES, Absent, Known, Unknown, Value, is_null
from ..graph import routes
from .decisions import Decision, domain_function, nothing, text

is_internet_gateway = domain_function("is_internet_gateway", 1, 1)(routes.is_internet_gateway)
leads_to_internet = domain_function("leads_to_internet", 1, 1)(routes.leads_to_internet)
is_public_subnet = domain_function("is_public_subnet", 1, 1)(routes.is_public_subnet)


@domain_function("have_different", 1, 1)
def have_different(values: Value) -> Decision:
    """Whether at least two values of a list differ; with the zones of a region, which all differ, also by their indexes.

    Of `names[0]` and `names[1]` nobody knows what they are, yet they are two; all zones of a region are more than one.
    """
    if nothing(values):
        return Decision(False, values)
    whole = operand(values)
    if isinstance(whole, Unknown):
        return Decision(True if _all_zones(whole) else None, whole)
    found: list[Value] = list(whole.data) if isinstance(whole, Known) and whole.kind in SEQUENCES else [whole]
    signs = [_sign(operand(value)) for value in found]
    for position, sign in enumerate(signs):
        for other in signs[position + 1 :]:
            if sign is not None and other is not None and sign[0] == other[0] and sign[1] != other[1]:
                return Decision(True, *found)
    # One that nobody knows may stand for several: a list from outside, resources of unknown number.
    alone = len(found) == 1 and (signs[0] is not None or isinstance(found[0], Absent) or is_null(found[0]))
    same = len(set(signs)) == 1 and signs[0] is not None and signs[0][2]
    return Decision(False if not found or alone or same else None, *(found or (values,)))


def _all_zones(zones: Unknown) -> bool:
    """Whether it is the whole list of a region's zones: no region has less than two."""
    if zones.length is not None and zones.length[0] >= 2:
        return True
    return any(written.type == "aws_availability_zones" for written, _attribute in zones.references) and (
        isinstance(zones.type, tuple) or zones.type == DYNAMIC
    )


def _sign(value: Value) -> tuple[str, str, bool] | None:
    """(what it is drawn from, which one of these, whether that is all): it tells values apart that nobody knows.

    Values that are drawn from the same differ if the second parts do; if they do not, they agree where that is all.
    """
    written = text(value)
    if written is not None:
        return "", written, True
    if not isinstance(value, Unknown):
        return None
    origins: list[str] = []
    choices: list[str] = []
    stack: list[Value] = [value]
    seen: set[int] = set()
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, Unknown) and not any(isinstance(source, Unknown) for source in current.sources):
            if origins:
                return None  # of more than one origin
            origins.append(f"{current.reason} {current.detail}")
        elif isinstance(current, Known) and not current.sources:
            choices.append(text(current) or "")
        stack.extend(reversed(current.sources))
    if len(origins) != 1 or not choices:
        return None
    return origins[0], " ".join(sorted(choices)), len(choices) == 1

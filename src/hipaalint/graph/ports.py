"""Sets of ports, TCP's and UDP's in one: what is left of them after lists of rules decides who reaches what.

Lowest of the network modules; graph/layers.py puts such sets together.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..expression.convert import to_number
from ..expression.decision import nothing, text
from ..expression.evaluator import operand
from ..expression.values import EvaluationError, Known, Value

Range = tuple[int, int]
HIGHEST = 65535
_UDP = HIGHEST + 1  # UDP's port 0 follows TCP's last
_TCP_NAMES, _UDP_NAMES, _EVERY_PROTOCOL = ("tcp", "6"), ("udp", "17"), ("-1", "all")


class Ports:
    """A set of ports as ascending ranges that do not touch; UDP's stand above TCP's."""

    __slots__ = ("ranges",)

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        merged: list[Range] = []
        for low, high in sorted(ranges):
            if merged and low <= merged[-1][1] + 1 and low != _UDP:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        self.ranges: tuple[Range, ...] = tuple(merged)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __or__(self, other: Ports) -> Ports:
        return Ports(self.ranges + other.ranges)

    def __and__(self, other: Ports) -> Ports:
        found: list[Range] = []
        mine, theirs = list(self.ranges), list(other.ranges)
        while mine and theirs:
            low, high = max(mine[0][0], theirs[0][0]), min(mine[0][1], theirs[0][1])
            if low <= high:
                found.append((low, high))
            (mine if mine[0][1] < theirs[0][1] else theirs).pop(0)
        return Ports(found)

    def __sub__(self, other: Ports) -> Ports:
        left: list[Range] = []
        for low, high in self.ranges:
            for taken_low, taken_high in other.ranges:
                if taken_high < low or taken_low > high:
                    continue
                if taken_low > low:
                    left.append((low, taken_low - 1))
                low = taken_high + 1
                if low > high:
                    break
            if low <= high:
                left.append((low, high))
        return Ports(left)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ports) and self.ranges == other.ranges

    def __hash__(self) -> int:
        return hash(self.ranges)

    def spelled(self) -> list[str]:
        """The ranges for people: `22`, `8000-8080`, `53/udp`; one word where everything is in."""
        if self == EVERY_PORT:
            return ["all"]
        return [
            _spelled(low, high) if low < _UDP else f"{_spelled(low - _UDP, high - _UDP)}/udp"
            for low, high in self.ranges
        ]

    def __repr__(self) -> str:
        return f"Ports({', '.join(self.spelled())})"


def _spelled(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


NO_PORT = Ports()
EVERY_PORT = Ports([(0, HIGHEST), (_UDP, _UDP + HIGHEST)])
# From which clients of the internet send, so that answers go there.
ANSWERS = Ports([(1024, HIGHEST), (_UDP + 1024, _UDP + HIGHEST)])


def ports_of(low: int, high: int, protocol: str = "") -> Ports:
    """The ports from `low` to `high` of TCP or of UDP, or of both where no protocol is named."""
    low, high = max(low, 0), min(high, HIGHEST)
    if low > high:
        return NO_PORT
    kept = [(low, high)] if protocol != "udp" else []
    return Ports(kept + ([(low + _UDP, high + _UDP)] if protocol != "tcp" else []))


class RulePorts:
    """The ports of a rule. sure: certainly meant; maybe: perhaps, these included; unknown: why that is not the same."""

    __slots__ = ("maybe", "sure", "unknown")

    def __init__(self, sure: Ports, maybe: Ports | None = None, *unknown: Value) -> None:
        self.sure = sure
        self.maybe = sure if maybe is None else maybe
        self.unknown = unknown


def rule_ports(first: Value, last: Value, protocol: Value) -> RulePorts:
    """What a rule with these ports and this protocol is about; ports that are left out mean all, ICMP has none."""
    kind = (text(protocol) or "").lower()
    if kind in _EVERY_PROTOCOL or nothing(protocol):
        return RulePorts(EVERY_PORT)
    if kind and kind not in _TCP_NAMES + _UDP_NAMES:
        return RulePorts(NO_PORT)
    name = "" if not kind else "tcp" if kind in _TCP_NAMES else "udp"
    low, high = whole_number(first), whole_number(last)
    if -1 in (low, high) or (nothing(first) and nothing(last)):
        found = ports_of(0, HIGHEST, name)
    elif low is None or high is None:
        maybe = ports_of(low or 0, HIGHEST if high is None else high, name)
        return RulePorts(NO_PORT, maybe, first if low is None else last)
    else:
        found = ports_of(low, high, name)
    # An unknown protocol may be the one that admits everything, or one without ports.
    return RulePorts(found) if kind else RulePorts(NO_PORT, EVERY_PORT, protocol)


def whole_number(value: Value) -> int | None:
    """A known integer, written as a number or as a text; None for all else."""
    try:
        value = to_number(operand(value))
    except EvaluationError:
        return None
    return value.data if isinstance(value, Known) and isinstance(value.data, int) else None

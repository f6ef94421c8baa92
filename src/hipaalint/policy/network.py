"""What an address range, a port range or a rule admits, for the conditions of checks on security groups and network ACLs.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from ..expression.convert import to_number
from ..expression.evaluator import operand
from ..expression.values import EvaluationError, Known, Unknown, Value
from ..graph import addresses
from .decisions import Decision, domain_function, nothing, text

_ALL = ("-1", "all")
_WITH_PORTS = ("tcp", "6", "udp", "17")

is_open_cidr = domain_function("is_open_cidr", 1, 1)(addresses.is_open_cidr)
is_public_cidr = domain_function("is_public_cidr", 1, 1)(addresses.is_public_cidr)


@domain_function("port_range_includes", 4, 4)
def port_range_includes(first: Value, last: Value, port: Value, protocol: Value) -> Decision:
    """Whether a rule from port `first` to `last` with this protocol admits TCP or UDP traffic to a port.

    Protocol `-1` admits everything; ICMP has types where others have ports. Ports that are left out mean all.
    """
    kind = (text(protocol) or "").lower()
    if kind in _ALL:
        return Decision(True, protocol)
    if kind and kind not in _WITH_PORTS:
        return Decision(False, protocol)
    decision = _within(first, last, port)
    # An unknown protocol may be the one that admits everything, or one without ports.
    return decision if kind else Decision(None, protocol, *decision.because)


def _within(first: Value, last: Value, port: Value) -> Decision:
    low, high, wanted = _number(first), _number(last), _number(port)
    if -1 in (low, high) or (nothing(first) and nothing(last)):
        return Decision(True, first)
    if wanted is None:
        return Decision(None, port)
    if low is not None and wanted < low:
        return Decision(False, first)
    if high is not None and wanted > high:
        return Decision(False, last)
    if low is None or high is None:
        # Whatever the other end is, a range holds the one that is known.
        known, missing = (last, first) if low is None else (first, last)
        return Decision(True, known) if wanted in (low, high) else Decision(None, missing)
    return Decision(True, first, last)


def _number(value: Value) -> int | None:
    try:
        value = to_number(operand(value))
    except EvaluationError:
        return None
    if isinstance(value, Unknown) or not isinstance(value, Known) or not isinstance(value.data, int):
        return None
    return value.data

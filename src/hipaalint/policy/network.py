"""What an address range or a port range admits, for the conditions of checks on security groups and network ACLs.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

import ipaddress

from ..expression.convert import to_number
from ..expression.evaluator import operand
from ..expression.values import EvaluationError, Known, Unknown, Value
from .decisions import Decision, domain_function, nothing, pieces, text

# Half of all IPv4 addresses or more, and with IPv6 all that is routed (2000::/3): nobody's own network.
OPEN_IPV4, OPEN_IPV6 = 1, 3
_ALL = ("-1", "all")
_WITH_PORTS = ("tcp", "6", "udp", "17")


@domain_function("is_open_cidr", 1, 1)
def is_open_cidr(cidr: Value) -> Decision:
    """Whether a range takes in the whole internet: `0.0.0.0/0`, `::/0` in every spelling, and the halves (`/1`)."""
    if nothing(cidr):
        return Decision(False, cidr)
    known = text(cidr)
    if known is None:
        # The end of the text may be known: `${address}/32` is one address whatever the hole holds.
        last = pieces(cidr)[-1] or ""
        length = last.rpartition("/")[2]
        narrow = "/" in last and length.isdecimal() and int(length) > OPEN_IPV6
        return Decision(False if narrow else None, cidr)
    try:
        network = ipaddress.ip_network(known.strip(), strict=False)
    except ValueError:
        return Decision(False, cidr)  # a prefix list, a security group
    return Decision(network.prefixlen <= (OPEN_IPV4 if network.version == 4 else OPEN_IPV6), cidr)


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
        return Decision(None, first if low is None else last)
    return Decision(True, first, last)


def _number(value: Value) -> int | None:
    try:
        value = to_number(operand(value))
    except EvaluationError:
        return None
    if isinstance(value, Unknown) or not isinstance(value, Known) or not isinstance(value.data, int):
        return None
    return value.data

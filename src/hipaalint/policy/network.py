"""What an address range, a port range or a rule admits, for the conditions of checks on security groups and network ACLs.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

import ipaddress

from ..expression.convert import to_number
from ..expression.evaluator import operand
from ..expression.values import EvaluationError, Known, Unknown, Value
from .decisions import Decision, any_of, domain_function, elements, member, nothing, pieces, text

# Half of all IPv4 addresses or more, and with IPv6 all that is routed (2000::/3): nobody's own network.
OPEN_IPV4, OPEN_IPV6 = 1, 3
_ALL = ("-1", "all")
_WITH_PORTS = ("tcp", "6", "udp", "17")
_PREFIX_LISTS = {
    "aws_ec2_managed_prefix_list": ("entry", "cidr"),
    "aws_prefix_list": ("entry", "cidr"),
    "AWS::EC2::PrefixList": ("Entries", "Cidr"),
}
# What nobody routes on the internet: private use, carriers' own, loopback, link-local, unique local.
_NOT_ROUTED = [
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
]


@domain_function("is_open_cidr", 1, 1)
def is_open_cidr(cidr: Value) -> Decision:
    """Whether a range takes in the whole internet: `0.0.0.0/0`, `::/0` in every spelling, and the halves (`/1`).

    A prefix list does if one of its ranges does; what a list holds that is declared elsewhere nobody knows.
    """
    if nothing(cidr):
        return Decision(False, cidr)
    decision = _prefix_list(cidr)
    if decision is not None:
        return decision
    known = text(cidr)
    if known is None:
        # The end of the text may be known: `${address}/32` is one address whatever the hole holds.
        last = pieces(cidr)[-1] or ""
        length = last.rpartition("/")[2]
        narrow = "/" in last and length.isdecimal() and int(length) > OPEN_IPV6
        return Decision(False if narrow or _of_a_network(cidr) else None, cidr)
    network = _network(known)
    if network is None:
        return Decision(False, cidr)  # a security group
    return Decision(network.prefixlen <= (OPEN_IPV4 if network.version == 4 else OPEN_IPV6), cidr)


@domain_function("is_public_cidr", 1, 1)
def is_public_cidr(cidr: Value) -> Decision:
    """Whether a range holds addresses of the internet: any that is not wholly private, link-local or loopback."""
    if nothing(cidr):
        return Decision(False, cidr)
    known = text(cidr)
    if known is None:
        return Decision(False if _of_a_network(cidr) else None, cidr)
    network = _network(known)
    if network is None:
        return Decision(False, cidr)
    own = any(network.version == one.version and network.subnet_of(one) for one in _NOT_ROUTED)  # type: ignore[arg-type]
    return Decision(not own, cidr)


def _prefix_list(value: Value) -> Decision | None:
    """Whether a prefix list holds an open range, where a value names one: those of AWS do not, others may be here."""
    for written, _attribute in value.references:
        kind, cidr = _PREFIX_LISTS.get(written.type, ("", ""))
        if not kind:
            continue
        if written.data:
            name = text(written.body.get("name", None)) or ""
            return Decision(False if name.startswith("com.amazonaws.") else None, value)
        found = elements(written.body.get(kind, None))
        return any_of([is_open_cidr(member(entry, cidr)) for entry in found]) if found else Decision(None, value)
    return Decision(None, value) if (text(value) or "").startswith("pl-") else None


def _of_a_network(cidr: Value) -> bool:
    """Whether a value that is not known names the range of a VPC or of a subnet, which is never the internet."""
    return any(
        written.type in ("aws_vpc", "aws_default_vpc", "aws_subnet", "AWS::EC2::VPC", "AWS::EC2::Subnet")
        for written, _attribute in cidr.references
    )


def _network(written: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(written.strip(), strict=False)
    except ValueError:
        return None


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

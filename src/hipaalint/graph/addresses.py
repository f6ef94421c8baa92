"""Which ranges of addresses take in the internet, or some of it; prefix lists included.

Used by the filters of graph/filters.py and, as functions of conditions, by policy/network.py.
"""

from __future__ import annotations

import ipaddress

from ..expression.decision import Decision, any_of, elements, member, nothing, pieces, text
from ..expression.values import Value

# Half of all IPv4 addresses or more, and with IPv6 all that is routed (2000::/3): nobody's own network.
OPEN_IPV4, OPEN_IPV6 = 1, 3
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

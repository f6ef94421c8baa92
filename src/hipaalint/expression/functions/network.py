"""Functions over address blocks in CIDR notation.

Part of functions/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .function import Call, function

if TYPE_CHECKING:  # imported where it is used, as few configurations compute addresses
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network


def _network(call: Call, text: str) -> Network:
    from ipaddress import ip_network

    address, slash, prefix = text.partition("/")
    if slash and prefix.isascii() and prefix.isdigit() and len(prefix) <= 3 and "%" not in address:
        if ":" not in address:
            address = re.sub(r"\b0+(?=\d)", "", address)  # leading zeros are decimal here, not octal
        try:
            return ip_network(f"{address}/{prefix}", strict=False)
        except ValueError:
            pass
    call.fail(f"invalid CIDR expression: invalid CIDR address: {text[:80]}")


def _whole(call: Call, data: object) -> int:
    if not isinstance(data, int):
        call.fail("value must be a whole number")
    return data


def _text(network: Network) -> str:
    length = network.prefixlen - (_MAPPED_BITS if _is_mapped(network) else 0)
    return f"{_address(network, int(network.network_address))}/{length}"


_MAPPED_BITS = 96  # of an IPv6 address that stands for an IPv4 address


def _is_mapped(network: Network) -> bool:
    return network.version == 6 and network.network_address.ipv4_mapped is not None


def _address(network: Network, number: int) -> str:
    from ipaddress import IPv4Address, IPv6Address

    if network.version == 4:
        return str(IPv4Address(number))
    mapped = IPv6Address(number).ipv4_mapped
    return str(mapped) if mapped is not None else str(IPv6Address(number))


@function("cidrhost(prefix: string, hostnum: number) -> string")
def _cidrhost(call: Call, prefix: str, host: int) -> str:
    network = _network(call, prefix)
    index = _whole(call, host)
    size = network.num_addresses
    if index >= size or index < -size:
        call.fail(f"prefix of {network.prefixlen} does not accommodate a host numbered {index}")
    # Terraform sees an IPv4 address in a mapped one only here, and puts the number where that would end.
    shift = _MAPPED_BITS if _is_mapped(network) else 0
    return _address(network, int(network.network_address) | (index % size) << shift)


@function("cidrnetmask(prefix: string) -> string")
def _cidrnetmask(call: Call, prefix: str) -> str:
    network = _network(call, prefix)
    if network.version == 6 and not _is_mapped(network):
        call.fail(f"IPv6 addresses cannot have a netmask: {prefix}")
    return str(network.netmask)


@function("cidrsubnet(prefix: string, newbits: number, netnum: number) -> string")
def _cidrsubnet(call: Call, prefix: str, new_bits: int, index: int) -> str:
    network = _network(call, prefix)
    _whole(call, new_bits)
    _whole(call, index)
    bits = network.max_prefixlen
    length = network.prefixlen + new_bits
    if length > bits:
        call.fail(f"insufficient address space to extend prefix of {network.prefixlen} by {new_bits}")
    # Terraform compares 64 bits without a sign, so that negative numbers pass; what it makes of them is kept here.
    most = (1 << new_bits) - 1 if 0 <= new_bits < 64 else _LOW
    start = int(network.network_address) | index << (bits - length)
    if abs(index) & _LOW > most or abs(start) >> bits:
        call.fail(f"prefix extension of {new_bits} does not accommodate a subnet numbered {index}")
    if length < 0:
        return "<nil>"
    shown = length - (_MAPPED_BITS if _is_mapped(network) else 0)
    return f"{_address(network, abs(start))}/{shown}"


_LOW = (1 << 64) - 1


@function("cidrsubnets(prefix: string, newbits...: number) -> list(string)")
def _cidrsubnets(call: Call, prefix: str, *new_bits: int) -> list[str]:
    network = _network(call, prefix)
    if _is_mapped(network):
        call.bad("prefix", "an IPv4 address within IPv6 cannot be divided.")
    start = int(network.network_address)
    end = start + network.num_addresses
    results: list[str] = []
    for bits in new_bits:
        if _whole(call, bits) < 1:
            call.bad("newbits", "must extend prefix by at least one bit.")
        if bits > 32:
            call.bad("newbits", "may not extend prefix by more than 32 bits.")
        length = network.prefixlen + bits
        if length > network.max_prefixlen:
            most = network.max_prefixlen
            call.bad("newbits", f"would extend prefix to {length} bits, which is too long for an address of {most}.")
        size = 1 << (network.max_prefixlen - length)
        start = -(-start // size) * size
        if start + size > end:
            after = f" after {results[-1]}" if results else ""
            problem = f"not enough remaining address space for a subnet with a prefix of {length} bits{after}."
            call.bad("newbits", problem)
        results.append(_text(type(network)((start, length))))
        start += size
    return results


@function("cidrcontains(containing_prefix: string, contained_ip_or_prefix: string) -> bool")
def _cidrcontains(call: Call, outer: str, inner: str) -> bool:
    from ipaddress import ip_address, ip_network

    network = _network(call, outer)
    if "/" in inner:
        contained = _network(call, inner)
    else:
        try:
            contained = ip_network(ip_address(inner))
        except ValueError:
            call.fail(f"invalid IP address or prefix: {inner[:80]}")
    if network.version != contained.version:
        call.fail(f"address family mismatch: {outer} vs. {inner}")
    first = int(contained.network_address)
    start = int(network.network_address)
    return start <= first and first + contained.num_addresses <= start + network.num_addresses

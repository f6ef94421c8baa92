"""Where the subnets of a network lead to, and over how many zones they are spread.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from ..expression.evaluator import operand
from ..expression.values import DYNAMIC, SEQUENCES, Absent, Known, Unknown, Value, is_null, is_true
from .decisions import Decision, any_of, domain_function, elements, member, nothing, text
from .network import is_open_cidr

_INTERNET_GATEWAYS = ("aws_internet_gateway", "AWS::EC2::InternetGateway")


@domain_function("is_internet_gateway", 1, 1)
def is_internet_gateway(gateway: Value) -> Decision:
    """Whether a route's gateway is an internet gateway, and not a virtual private one, an endpoint or `local`."""
    if nothing(gateway):
        return Decision(False, gateway)
    types = {written.type for written, _attribute in gateway.references}
    if types:
        return Decision(bool(types & set(_INTERNET_GATEWAYS)), gateway)
    written = text(gateway)
    return Decision(None if written is None else written.startswith("igw-"), gateway)


@domain_function("leads_to_internet", 1, 1)
def leads_to_internet(route: Value) -> Decision:
    """Whether a route sends everything, in either address family, to an internet gateway."""
    if isinstance(route, Unknown):
        return Decision(None, route)
    gateway: Decision = is_internet_gateway(member(route, "GatewayId"))
    if gateway.holds is False:
        return gateway
    ranges = [member(route, name) for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock")]
    everything: Decision = any_of(
        [is_open_cidr(one) for one in ranges if not nothing(one)] or [Decision(False, ranges[0])],
    )
    if gateway.holds is None and everything.holds is not False:
        return gateway
    return everything


@domain_function("is_public_subnet", 1, 1)
def is_public_subnet(subnet: Value) -> Decision:
    """Whether the route table of a subnet (its own, else its VPC's main one) leads to an internet gateway.

    A subnet of the default VPC does: AWS sets that VPC up with such a route.
    """
    if nothing(subnet):
        return Decision(False, subnet)
    if isinstance(subnet, Unknown):
        return Decision(None, subnet)
    tables = [
        association if isinstance(association, Unknown) else member(association, "route_table")
        for association in elements(member(subnet, "route_table_associations"))
    ]
    if tables:
        return any_of([_public_table(table) for table in tables])
    if is_true(operand(member(subnet, "DefaultForAz"))):
        return Decision(True, subnet)
    vpc = member(subnet, "vpc")
    if isinstance(vpc, Unknown):
        return Decision(None, vpc)
    return _public_main_table(vpc)


def _public_main_table(vpc: Value) -> Decision:
    if nothing(vpc) or is_true(operand(member(vpc, "IsDefault"))):
        return Decision(True, vpc)
    associations = elements(member(vpc, "main_route_table_associations"))
    if associations:
        return any_of(
            [_public_table(one if isinstance(one, Unknown) else member(one, "route_table")) for one in associations]
        )
    own = [table for table in elements(member(vpc, "route_tables")) if _is_main(table)]
    routes = elements(member(vpc, "main_routes"))
    # The main table that a VPC comes with routes inside the VPC only.
    return any_of([*(_public_table(table) for table in own), *(leads_to_internet(route) for route in routes)], vpc)


def _is_main(table: Value) -> bool:
    return not isinstance(table, Unknown) and is_true(operand(member(table, "Main")))


def _public_table(table: Value) -> Decision:
    if isinstance(table, Unknown) or nothing(table):
        return Decision(None, table)
    routes = [*elements(member(table, "Routes")), *elements(member(table, "routes"))]
    return any_of([leads_to_internet(route) for route in routes], table)


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
            origins.append(f"{current.reason} {current.detail}")
        elif isinstance(current, Known) and not current.sources:
            choices.append(text(current) or "")
        stack.extend(reversed(current.sources))
    if len(origins) != 1 or not choices:
        return None
    return origins[0], " ".join(sorted(choices)), len(choices) == 1

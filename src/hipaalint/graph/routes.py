"""Where the route table of a subnet leads: its own, else its VPC's main one, else what the default VPC comes with.

Between graph/graph.py, whose relations it follows, and graph/reachability.py; policy/routing.py asks it for conditions.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..expression.decision import Decision, any_of, elements, lacking, member, nothing, pieces, text
from ..expression.evaluator import operand
from ..expression.values import UNRESOLVED, Unknown, Value, is_true
from .addresses import is_open_cidr
from .graph import ResourceView
from .layers import Layer, Step

IPV4, IPV6 = "IPv4", "IPv6"
_INTERNET_GATEWAYS = ("aws_internet_gateway", "AWS::EC2::InternetGateway")
_DESTINATIONS = {IPV4: "DestinationCidrBlock", IPV6: "DestinationIpv6CidrBlock"}
# Where else a route may lead, and what that is for people.
_OTHER_TARGETS = (
    ("NatGatewayId", "a NAT gateway, which lets nothing in"),
    ("EgressOnlyInternetGatewayId", "an egress-only gateway, which lets nothing in"),
    ("EgressOnlyGatewayId", "an egress-only gateway, which lets nothing in"),
    ("TransitGatewayId", "a transit gateway, which hands on nothing from the internet"),
    ("VpcPeeringConnectionId", "a peered network, which hands on nothing from the internet"),
    ("InstanceId", "an instance that translates addresses"),
    ("NetworkInterfaceId", "an appliance that translates addresses"),
    ("CarrierGatewayId", "a carrier's network"),
    ("LocalGatewayId", "an outpost's own network"),
    ("CoreNetworkArn", "a core network"),
    ("GatewayId", "a gateway that is none of the internet"),
)


def is_internet_gateway(gateway: Value) -> Decision:
    """Whether a route's gateway is an internet gateway, and not a virtual private one, an endpoint or `local`."""
    if nothing(gateway):
        return Decision(False, gateway)
    types = {written.type for written, _attribute in gateway.references}
    if types:
        return Decision(bool(types & set(_INTERNET_GATEWAYS)), gateway)
    beginning = pieces(gateway)[0] or ""
    if text(gateway) is None and len(beginning) < len("igw-"):
        return Decision(None, gateway)
    return Decision(beginning.startswith("igw-"), gateway)


def leads_to_internet(route: Value) -> Decision:
    """Whether a route sends everything, in either address family, to an internet gateway."""
    return _leads_out(route, (IPV4, IPV6))


def is_public_subnet(subnet: Value) -> Decision:
    """Whether the route table of a subnet (its own, else its VPC's main one) leads to an internet gateway.

    A subnet of the default VPC does: AWS sets that VPC up with such a route.
    """
    if nothing(subnet):
        return Decision(False, subnet)
    routes = routes_of(subnet)
    if isinstance(routes, Decision):
        return routes
    return any_of([leads_to_internet(route) for route in routes], _blamed(subnet))


def route_layer(subnet: Value, family: str) -> Layer:
    """What the routes of a subnet let in from the internet, in one address family. No subnet: one of the default VPC."""
    if nothing(subnet):
        return Layer.decided(family == IPV4, Step(f"the default VPC has an internet gateway for {IPV4} alone"))
    own = subnet.resource if isinstance(subnet, ResourceView) else None
    routes = routes_of(subnet)
    if isinstance(routes, Decision):
        why = "nobody knows its routes" if routes.holds is None else "the default VPC routes to an internet gateway"
        holds = family == IPV4 if routes.holds else routes.holds  # the default VPC has no IPv6
        return Layer.decided(holds, Step(why, own, *routes.because[:1]))
    undecided: Step | None = None
    elsewhere: Step | None = None
    for route in routes:
        place = route.resource if isinstance(route, ResourceView) else own
        decision = _leads_out(route, (family,))
        if decision.holds:
            return Layer.decided(True, Step("a route leads to an internet gateway", place, decision.because[0]))
        if decision.holds is None:
            undecided = undecided or Step("nobody knows where this route leads", place, decision.because[0])
        elif not isinstance(route, Unknown) and _is_default(route, family).holds:
            target = _other_target(route)
            if isinstance(target, Unknown):
                undecided = undecided or Step("behind this endpoint a firewall decides", place, target)
            elif target is not None:
                elsewhere = elsewhere or Step(target[0], place, target[1])
    if undecided is not None:
        return Layer.decided(None, undecided)
    table = _blamed(subnet)
    where = table.resource if isinstance(table, ResourceView) else own
    return Layer.decided(False, elsewhere or Step(f"no route leads to the internet by {family}", where, table))


def leads_to_network(subnet: Value, ranges: Iterable[Value]) -> Decision:
    """Whether a subnet has a route into a peered network, or one behind a transit gateway, with these ranges."""
    routes = routes_of(subnet)
    if isinstance(routes, Decision):
        return Decision(None if routes.holds is None else False, subnet)
    wanted = {text(range) for range in ranges}
    found: list[Decision] = []
    for route in routes:
        if isinstance(route, Unknown):
            found.append(Decision(None, route))
            continue
        target = next((t for n in _NETWORKS if not lacking(t := member(route, n))), None)
        if target is None:
            continue
        destinations = [t for t in (member(route, name) for name in _DESTINATIONS.values()) if not nothing(t)]
        for destination in destinations:
            written = text(destination)
            if written is None or None in wanted:
                same = {id(r) for r, _ in destination.references} & {id(r) for t in ranges for r, _ in t.references}
                found.append(Decision(True if same else None, destination))
            else:
                found.append(Decision(any(_contains(written, one or "") for one in wanted), destination))
    return any_of(found, subnet)


_NETWORKS = ("VpcPeeringConnectionId", "TransitGatewayId")


def _contains(outer: str, inner: str) -> bool:
    from ipaddress import ip_network  # only where networks are joined

    try:
        large, small = ip_network(outer, strict=False), ip_network(inner, strict=False)
    except ValueError:
        return False
    return large.version == small.version and small.subnet_of(large)  # type: ignore[arg-type]


def routes_of(subnet: Value) -> list[Value] | Decision:
    """The routes that hold for a subnet, unknown ones among them; a decision where that settles all of them."""
    if isinstance(subnet, Unknown):
        return Decision(None, subnet)
    tables = [
        association if isinstance(association, Unknown) else member(association, "route_table")
        for association in elements(member(subnet, "route_table_associations"))
    ]
    if tables:
        return _routes(tables)
    if is_true(operand(member(subnet, "DefaultForAz"))):
        return Decision(True, subnet)
    vpc = member(subnet, "vpc")
    if isinstance(vpc, Unknown):
        return Decision(None, vpc)
    if nothing(vpc) or is_true(operand(member(vpc, "IsDefault"))):
        return Decision(True, vpc)
    if isinstance(vpc, ResourceView):
        kept = vpc.graph.kept("main routes", vpc.resource, lambda: _main_routes(vpc))
        return kept if isinstance(kept, list) else Decision(None, vpc)
    return _main_routes(vpc)


def _main_routes(vpc: Value) -> list[Value]:
    """The routes of a VPC's main table; the one that it comes with routes inside the VPC only."""
    associations = elements(member(vpc, "main_route_table_associations"))
    if associations:
        return _routes([one if isinstance(one, Unknown) else member(one, "route_table") for one in associations])
    own = [table for table in elements(member(vpc, "route_tables")) if _is_main(table)]
    return [*_routes(own), *elements(member(vpc, "main_routes"))]


def _is_main(table: Value) -> bool:
    return not isinstance(table, Unknown) and is_true(operand(member(table, "Main")))


def _routes(tables: list[Value]) -> list[Value]:
    found: list[Value] = []
    for table in tables:
        if isinstance(table, Unknown):
            found.append(table)
        elif nothing(table):
            found.append(Unknown(UNRESOLVED, "nobody knows the route table", sources=(table,)))
        else:
            found += [*elements(member(table, "Routes")), *elements(member(table, "routes"))]
    return found


def _leads_out(route: Value, families: Iterable[str]) -> Decision:
    if isinstance(route, Unknown):
        return Decision(None, route)
    gateway = is_internet_gateway(member(route, "GatewayId"))
    if gateway.holds is False:
        return gateway
    everything = any_of([_is_default(route, family) for family in families])
    if gateway.holds is None and everything.holds is not False:
        return gateway
    return everything


def _is_default(route: Value, family: str) -> Decision:
    """Whether a route is for all addresses of a family."""
    ranges = [member(route, name) for name in (_DESTINATIONS[family], "DestinationPrefixListId")]
    return any_of([is_open_cidr(one) for one in ranges if not nothing(one)] or [Decision(False, ranges[0])])


def _other_target(route: Value) -> tuple[str, Value] | Unknown | None:
    endpoint = member(route, "VpcEndpointId")
    if not lacking(endpoint):
        detail = "the default route leads through an endpoint, whose firewall decides"
        return Unknown(UNRESOLVED, detail, range=endpoint.range, sources=(endpoint,))
    for name, words in _OTHER_TARGETS:
        target = member(route, name)
        if not lacking(target):
            return f"the default route leads to {words}", target
    return None


def _blamed(subnet: Value) -> Value:
    """Where a route is missing: the table of the subnet, else its VPC."""
    for association in elements(member(subnet, "route_table_associations")):
        return member(association, "route_table") if not isinstance(association, Unknown) else association
    return member(subnet, "vpc")

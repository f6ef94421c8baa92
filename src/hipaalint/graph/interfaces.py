"""The interfaces of what has several, or several places to describe them: instances, what launches them, load balancers.

Beside graph/placements.py, which reads all other types from a table; both are asked by graph/reachability.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from ..expression.decision import elements, lacking, member, nothing, text
from ..expression.evaluator import operand
from ..expression.values import Lazy, Unknown, Value
from ..model.resource import Resource
from .graph import ResourceGraph, ResourceView
from .layers import Layer, Step, Way
from .placements import GROUP, SUBNET, Placement, public_address, rows, said, subnets_of
from .ports import EVERY_PORT, ports_of, whole_number
from .routes import IPV4

INTERFACE = "AWS::EC2::NetworkInterface"
_GROUP_NAMES = ("SecurityGroupIds", "SecurityGroups")


def instance(graph: ResourceGraph, resource: Resource) -> list[Placement]:
    """Those of an instance: its own settings, its interfaces, those attached to it, and its launch template's."""
    view = graph.view(resource)
    data = [member(template, "LaunchTemplateData") for template in _views(member(view, "launch_template"))]
    subnets = _named(graph, resource, [member(view, "SubnetId")], SUBNET)
    groups = _named(graph, resource, [member(view, name) for name in _GROUP_NAMES], GROUP)
    addresses = elements(member(view, "addresses"))
    found: list[Placement] = []
    for attachment in elements(member(view, "interface_attachments")):
        found += _attached(
            graph, attachment if isinstance(attachment, Unknown) else member(attachment, "network_interface")
        )
    for interface in elements(member(view, "NetworkInterfaces")):
        other = _named(graph, resource, [member(interface, "NetworkInterfaceId")], INTERFACE)
        if other:
            found += [placed for one in other for placed in _attached(graph, one)]
            continue
        own = _named(graph, resource, [member(interface, "SubnetId")], SUBNET)
        mine = _named(graph, resource, [member(interface, "GroupSet")], GROUP)
        found.append(_of_template(graph, resource, own or subnets, mine or groups, [interface, view], data, addresses))
    if not any(True for _ in elements(member(view, "NetworkInterfaces"))):
        found.append(_of_template(graph, resource, subnets, groups, [view], data, addresses))
    return found


def interface(graph: ResourceGraph, resource: Resource) -> list[Placement]:
    """That of an interface which is a resource of its own: it has public addresses only if somebody gives it one."""
    view = graph.view(resource)
    subnets = _named(graph, resource, [member(view, "SubnetId")], SUBNET)
    groups = _named(graph, resource, [member(view, "GroupSet")], GROUP)
    addresses = elements(member(view, "addresses"))

    def address(subnet: Value, family: str) -> Layer:
        if family == IPV4:
            return _elastic(addresses, resource) or Layer.decided(
                False, Step("it has private addresses alone", resource)
            )
        return _ipv6([view], subnet, resource)

    return [Placement(subnets, groups, address)]


def scaling_group(graph: ResourceGraph, resource: Resource) -> list[Placement]:
    """That of the instances of an Auto Scaling group, which its launch template or configuration describes."""
    view = graph.view(resource)
    subnets = elements(member(view, "subnets"))
    launched: list[Value] = []
    for template in elements(member(view, "launch_template")):
        launched.append(template if isinstance(template, Unknown) else member(template, "LaunchTemplateData"))
    launched += elements(member(view, "launch_configuration"))
    found = []
    for data in launched:
        if not isinstance(data, Lazy):
            unknown = Layer.decided(None, Step("nobody knows what it launches", resource, data))
            found.append(Placement(subnets, [data], lambda subnet, family, layer=unknown: layer))  # type: ignore[misc]
            continue
        found.append(_of_template(graph, resource, subnets, [], [], [data], []))
    return found


def load_balancer(graph: ResourceGraph, resource: Resource) -> list[Placement]:
    """That of a load balancer: public by its scheme, open where it listens."""
    row = rows()[resource.type]
    view = graph.view(resource)
    public = public_address(resource, row)
    groups = elements(graph.follow(resource, row.groups))
    kind = text(member(view, "Type")) if resource.type != "AWS::ElasticLoadBalancing::LoadBalancer" else "classic"
    if kind == "gateway":
        public = Layer.decided(False, Step("it takes nothing from the internet", resource))

    def address(subnet: Value, family: str) -> Layer:
        if family == IPV4 or not public.maybe:
            return public
        stack = text(member(view, "IpAddressType")) if kind != "classic" else "ipv4"
        if (stack or "").startswith("dualstack"):
            return public
        return Layer.decided(False, Step("it has no IPv6 address", resource))

    listens = _listeners(view, resource)
    return [
        Placement(
            subnets_of(graph, resource, row), groups, address, listens, filtered=kind != "network" or bool(groups)
        )
    ]


def _listeners(view: ResourceView, resource: Resource) -> Layer:
    own = [(member(one, "LoadBalancerPort"), one) for one in elements(member(view, "Listeners"))]
    apart = [
        (one if isinstance(one, Unknown) else member(one, "Port"), one) for one in elements(member(view, "listeners"))
    ]
    ways = []
    for port, listener in (*own, *apart):
        number = whole_number(port)
        place = listener.resource if isinstance(listener, ResourceView) else resource
        if number is None:
            ways.append(Way(EVERY_PORT, Step("nobody knows on which port it listens", place, port), False))
        else:
            ways.append(Way(ports_of(number, number), Step(f"it listens on port {number}", place, port)))
    if not ways:
        ways = [Way(EVERY_PORT, Step("its listeners are not declared here", resource), False)]
    return Layer(ways, Step("it does not listen there", resource))


def _attached(graph: ResourceGraph, other: Value) -> list[Placement]:
    if isinstance(other, ResourceView):
        return interface(graph, other.resource)
    unknown = Layer.decided(None, Step("nobody knows this interface", None, other))
    return [Placement([other], [other], lambda subnet, family: unknown)]


def _of_template(
    graph: ResourceGraph,
    resource: Resource,
    subnets: Sequence[Value],
    groups: Sequence[Value],
    own: Sequence[Value],
    data: Sequence[Value],
    addresses: Sequence[Value],
) -> Placement:
    """An interface that takes from a launch template what it does not say itself. own: the narrowest objects first."""
    described = list(data)
    for one in data:
        described = [*elements(member(one, "NetworkInterfaces")), *described]
    if not subnets:
        subnets = _named(graph, resource, [member(one, "SubnetId") for one in described], SUBNET)
    if not groups:
        named = [member(one, name) for one in described for name in ("Groups", *_GROUP_NAMES)]
        groups = _named(graph, resource, named, GROUP)
    described = [*own, *described]

    def address(subnet: Value, family: str) -> Layer:
        if family != IPV4:
            return _ipv6(described, subnet, resource)
        elastic = _elastic(addresses, resource)
        if elastic is not None and elastic.sure:
            return elastic
        for one in described:
            value = member(one, "AssociatePublicIpAddress")
            if not lacking(value):
                return said(value, True, resource, "it is given a public address")
        return elastic or _by_subnet(subnet, "MapPublicIpOnLaunch", resource, "public address")

    return Placement(subnets, groups, address)


def _elastic(addresses: Sequence[Value], resource: Resource) -> Layer | None:
    for sure in (True, False):
        for one in addresses:
            if isinstance(one, ResourceView) is sure:
                place = one.resource if isinstance(one, ResourceView) else resource
                return Layer.decided(sure or None, Step("an Elastic IP belongs to it", place, None if sure else one))
    return None


def _ipv6(described: Sequence[Value], subnet: Value, resource: Resource) -> Layer:
    for one in described:
        given = [member(one, name) for name in ("Ipv6AddressCount", "Ipv6Addresses", "Ipv6PrefixCount", "Ipv6Prefixes")]
        for value in given:
            if lacking(value):
                continue
            number = whole_number(value)
            known = operand(value)
            if isinstance(known, Unknown):
                return Layer.decided(None, Step("nobody knows whether it has an IPv6 address", resource, known))
            return Layer.decided(
                bool(number) or (bool(elements(value)) and number is None),
                Step("it has an IPv6 address", resource, value),
            )
    return _by_subnet(subnet, "AssignIpv6AddressOnCreation", resource, "IPv6 address")


def _by_subnet(subnet: Value, property: str, resource: Resource, words: str) -> Layer:
    if nothing(subnet):
        given = property == "MapPublicIpOnLaunch"
        return Layer.decided(given, Step(f"subnets of the default VPC give {'a' if given else 'no'} {words}", resource))
    if isinstance(subnet, Unknown):
        return Layer.decided(None, Step(f"nobody knows whether its subnet gives a {words}", resource, subnet))
    place = subnet.resource if isinstance(subnet, ResourceView) else resource
    value = member(subnet, property)
    found = operand(value)
    if isinstance(found, Unknown):
        return Layer.decided(None, Step(f"nobody knows whether its subnet gives a {words}", place, found))
    given = text(value) == "true"
    return Layer.decided(given, Step(f"its subnet gives {'a' if given else 'no'} {words}", place, value))


def _named(graph: ResourceGraph, resource: Resource, values: Sequence[Value], type: str) -> list[Value]:
    return list(chain.from_iterable(graph.named(resource, value, (type,)) for value in values if not lacking(value)))


def _views(related: Value) -> list[Value]:
    return [one for one in elements(related) if not isinstance(one, Unknown)]

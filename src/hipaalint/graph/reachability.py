"""Whether the internet reaches a resource, on which ports and by which path: the walk over the network of one root.

Above graph/placements.py, interfaces.py, routes.py and filters.py, which each say one part; policy/reachable.py asks it for
conditions. An answer looks at the interfaces of one resource and at what stands before them, never at all of a network.

What counts as the internet is everybody: a rule for one office's addresses admits nobody else. A load balancer hands on what
reaches it; an instance hands on nothing, so that whom it may connect to is not thereby reached. Peered networks and transit
gateways route nothing from another network's internet gateway, but a load balancer's targets may lie behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..expression.decision import elements, member, nothing
from ..expression.values import UNRESOLVED, Absent, Unknown, Value
from ..model.resource import Resource
from . import interfaces
from .filters import Source, acl_layer, group_layer
from .graph import ResourceGraph, ResourceView
from .layers import Answer, Layer, Step, Way, best, through
from .placements import CLASSIC, TARGET_GROUP, Placement, placement, rows
from .ports import EVERY_PORT, Ports, ports_of, whole_number
from .routes import IPV4, IPV6, leads_to_network, route_layer

_READERS: dict[str, Callable[[ResourceGraph, Resource], list[Placement]]] = {
    "AWS::EC2::Instance": interfaces.instance,
    "AWS::EC2::NetworkInterface": interfaces.interface,
    "AWS::AutoScaling::AutoScalingGroup": interfaces.scaling_group,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": interfaces.load_balancer,
    CLASSIC: interfaces.load_balancer,
}
_ATTACHED_BY = {"aws_lb_target_group_attachment": "target_group", "aws_elb_attachment": "load_balancer"}


def internet_reach(graph: ResourceGraph, resource: Resource, asked: Ports = EVERY_PORT) -> Answer:
    """Whether somebody on the internet reaches one of these ports of a resource, in the scenario in force."""
    answers: list[Answer] = []
    found = placements(graph, resource)
    if isinstance(found, Layer):
        return through([found], asked)
    for one in found:
        answers += [
            through(_direct(one, subnet, family, resource), asked, Step("the internet"))
            for subnet in (one.subnets or [Absent("SubnetId", range=resource.header)])
            for family in (IPV4, IPV6)
        ]
    answers += [
        answer for front in _fronts(graph, resource) for answer in _behind(graph, resource, front, found, asked)
    ]
    return best(answers, Step("it has no interface in a network", resource))


def placements(graph: ResourceGraph, resource: Resource) -> list[Placement] | Layer:
    """Where a resource has its interfaces; a layer where that settles the question."""
    reader = _READERS.get(resource.type)
    if reader is not None:
        return reader(graph, resource)
    row = rows().get(resource.type)
    if row is None:
        unknown = Unknown(UNRESOLVED, f"nothing is known of interfaces of {resource.type}", range=resource.header)
        return Layer.decided(None, Step("nothing is known of its interfaces", resource, unknown))
    found = placement(graph, resource, row)
    return found if isinstance(found, Layer) else [found]


def _direct(one: Placement, subnet: Value, family: str, resource: Resource) -> Iterator[Layer]:
    """What stands between the internet and an interface in a subnet, from the cheapest question to the dearest."""
    yield one.address(subnet, family)
    yield route_layer(subnet, family)
    yield from _filters(one, subnet, Source(family), resource)


def _filters(one: Placement, subnet: Value, source: Source, resource: Resource) -> Iterator[Layer]:
    yield acl_layer(subnet, source)
    if one.filtered:
        yield group_layer(one.groups, lambda: member(subnet, "vpc"), source, resource)
    if one.listens is not None:
        yield one.listens


class _Front:
    """What hands requests on to a resource. balancer: a view or an unknown value; listens: its port, target: the resource's."""

    __slots__ = ("balancer", "listens", "step", "target")

    def __init__(self, balancer: Value, listens: Value | None, target: Value, step: Step) -> None:
        self.balancer = balancer
        self.listens = listens
        self.target = target
        self.step = step


def _fronts(graph: ResourceGraph, resource: Resource) -> Iterator[_Front]:
    """The load balancers whose requests go to a resource."""
    targets = graph.related(resource, "targets")
    registered = elements(targets) if targets is not None else []
    row = rows().get(resource.type)
    if row is not None:
        registered += elements(graph.follow(resource, row.target_groups))
        registered += elements(graph.follow(resource, row.load_balancers))
    elif resource.type == "AWS::AutoScaling::AutoScalingGroup":
        for name, type in (("TargetGroupARNs", TARGET_GROUP), ("LoadBalancerNames", CLASSIC)):
            registered += graph.named(resource, member(graph.view(resource), name), (type,))
    for one in registered:
        port: Value | None = None
        target = one
        if isinstance(one, ResourceView) and one.resource.type in _ATTACHED_BY:
            target, port = member(one, _ATTACHED_BY[one.resource.type]), member(one, "port")
        if not isinstance(target, ResourceView):
            yield _Front(target, None, target, Step("nobody knows what hands requests on to it", resource, target))
        elif target.resource.type == CLASSIC:
            for listener in elements(member(target, "Listeners")):
                step = Step("the load balancer hands requests on to it", target.resource, listener)
                yield _Front(target, member(listener, "LoadBalancerPort"), member(listener, "InstancePort"), step)
        else:
            if port is None or nothing(port):
                port = member(target, "Port")
            yield from _listening(target, port)


def _listening(group: ResourceView, port: Value) -> Iterator[_Front]:
    listeners = elements(member(group, "listeners"))
    for rule in elements(member(group, "listener_rules")):
        listeners.append(rule if isinstance(rule, Unknown) else member(rule, "listener"))
    step = Step("the target group hands requests on to it", group.resource, port if port.range is not None else None)
    for listener in listeners:
        if isinstance(listener, ResourceView):
            yield _Front(member(listener, "load_balancer"), member(listener, "Port"), port, step)
        else:
            yield _Front(listener, None, port, step)


def _behind(
    graph: ResourceGraph, resource: Resource, front: _Front, found: Sequence[Placement], asked: Ports
) -> Iterator[Answer]:
    """The answers for a resource behind one listener of a load balancer."""
    balancer = front.balancer
    if not isinstance(balancer, ResourceView):
        if nothing(balancer):
            return
        yield through([Layer.decided(None, Step("nobody knows the load balancer", resource, balancer))], asked)
        return
    kept = graph.kept("internet", balancer.resource, lambda: internet_reach(graph, balancer.resource))
    if not isinstance(kept, Answer):
        return  # it is among its own targets
    listens = _ports(front.listens)
    sure, maybe = kept.sure & listens.sure, kept.maybe & listens.maybe
    if not maybe:
        yield Answer(False, sure, maybe, kept.path)
        return
    own = placements(graph, balancer.resource)
    assert not isinstance(own, Layer)  # load balancers have interfaces
    at = Step(f"{balancer.resource.address} is reached from the internet", balancer.resource)
    for one in found:
        for subnet in one.subnets or [Absent("SubnetId", range=resource.header)]:
            source = _sender(balancer, own[0])
            layers = [Layer.decided(True if sure else None, at), _joined(own[0].subnets, subnet, balancer.resource)]
            answer = through(
                [*layers, *_filters(one, subnet, source, resource), _ports(front.target, front.step)], asked
            )
            if answer.holds:
                answer.path = (*kept.path, *(step for step in answer.path if step is not at))
            yield answer


def _sender(balancer: ResourceView, own: Placement) -> Source:
    """A load balancer as the sender of what its targets get. One without groups keeps the addresses of its clients."""
    ranges: list[Value] = []
    for subnet in own.subnets:
        cidr = subnet if isinstance(subnet, Unknown) else member(subnet, "CidrBlock")
        ranges.append(cidr)
    ranges = ranges or [Unknown(UNRESOLVED, "the ranges of the default VPC")]
    name = f"the load balancer {balancer.resource.address}"
    return Source(IPV4, name, ranges, own.groups, open=not own.filtered)


def _joined(subnets: Iterable[Value], subnet: Value, balancer: Resource) -> Layer:
    """Whether a load balancer and its target are in one network, or in two that are peered."""
    there = member(subnet, "vpc") if isinstance(subnet, ResourceView) else None
    step = Step("the load balancer and it are in one network", balancer)
    if not isinstance(there, ResourceView):
        return Layer.decided(True, step)
    ways: list[Way] = []
    for one in subnets:
        here = member(one, "vpc") if isinstance(one, ResourceView) else None
        if not isinstance(here, ResourceView) or here.resource is there.resource:
            return Layer.decided(True, step)
        route = leads_to_network(one, [member(there, "CidrBlock")])
        if route.holds is not False:
            words = (
                "a route leads to its network" if route.holds else "nobody knows whether a route leads to its network"
            )
            ways.append(Way(EVERY_PORT, Step(words, here.resource, route.because[0]), route.holds is True))
    return Layer(ways, Step("no route leads from the load balancer's network to its own", balancer))


def _ports(port: Value | None, step: Step | None = None) -> Layer:
    """One port as a layer; every one perhaps where nobody knows it, or where each target has its own."""
    number = whole_number(port) if port is not None else None
    step = step or Step("it listens there", None, port)
    if number is None or number == 0:
        return Layer([Way(EVERY_PORT, step, False)] if number is None else [Way(EVERY_PORT, step)], step)
    return Layer([Way(ports_of(number, number), step)], step)

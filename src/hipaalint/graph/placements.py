"""Where a resource has its network interfaces: subnets, security groups, and whether it gets public addresses.

Read by graph/reachability.py. Most types are rows of model/tables/placements/*.yaml; instances and what launches them have
several interfaces and places to say so, and are read by graph/interfaces.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ..expression.decision import elements, member, nothing, text
from ..expression.evaluator import operand
from ..expression.values import Absent, EvaluationError, Known, Unknown, Value, is_null, is_true
from ..model.resource import Resource
from ..model.tables import read_yaml_folder
from .graph import ResourceGraph, ResourceView
from .layers import Layer, Step, Way
from .ports import ports_of, whole_number
from .relations import Relation, values_at
from .routes import IPV4, IPV6

SUBNET, GROUP = "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
_KEYS = {
    "subnets",
    "groups",
    "subnet_group",
    "public",
    "public_value",
    "port",
    "outside",
    "target_groups",
    "load_balancers",
}


class Placement:
    """One interface, or several alike. subnets: views and unknown values; empty: somewhere in the default VPC.

    address: whether it has an address of a family that the internet can name; asked with a subnet.
    filtered: security groups stand before it, if only the VPC's own one. listens: on which ports, as a layer.
    """

    __slots__ = ("address", "filtered", "groups", "listens", "subnets")

    def __init__(
        self,
        subnets: Sequence[Value],
        groups: Sequence[Value],
        address: Callable[[Value, str], Layer],
        listens: Layer | None = None,
        filtered: bool = True,
    ) -> None:
        self.subnets = subnets
        self.groups = groups
        self.address = address
        self.listens = listens
        self.filtered = filtered


class Row:
    """A row of the table: paths as tuples of names."""

    __slots__ = (
        "groups",
        "load_balancers",
        "outside",
        "port",
        "public",
        "public_value",
        "subnets",
        "target_groups",
        "type",
    )

    def __init__(self, type: str, raw: dict[str, Any]) -> None:
        if set(raw) - _KEYS or "subnets" not in raw:
            raise ValueError(f"placement of {type}: takes {', '.join(sorted(_KEYS))}")
        self.type = type
        self.subnets = Relation(type, "subnets", {"to": [SUBNET], "by": raw["subnets"], "many": True})
        if "subnet_group" in raw:
            self.subnets = Relation(type, "subnets", {"to": [raw["subnet_group"]], "by": raw["subnets"], "many": True})
        self.groups = Relation(type, "security groups", {"to": GROUP, "by": raw.get("groups", []), "many": True})
        self.public = tuple(raw["public"].split(".")) if "public" in raw else None
        self.public_value = raw.get("public_value", True)
        self.port = tuple(raw["port"].split(".")) if "port" in raw else None
        self.outside = raw.get("outside", "default")
        self.target_groups = Relation(
            type, "target_groups", {"to": TARGET_GROUP, "by": raw.get("target_groups", []), "many": True}
        )
        self.load_balancers = Relation(
            type, "load_balancers", {"to": CLASSIC, "by": raw.get("load_balancers", []), "many": True}
        )


_GROUP_SUBNETS = "SubnetIds"  # in every type of subnet group


@cache
def rows() -> dict[str, Row]:
    """The table. Raises ValueError where a row cannot be read."""
    return {type: Row(type, raw) for _file, content in read_yaml_folder("placements") for type, raw in content.items()}


def placement(graph: ResourceGraph, resource: Resource, row: Row) -> Placement | Layer:
    """Where a resource of the table is; a layer where its being in no VPC settles everything."""
    subnets = subnets_of(graph, resource, row)
    if not subnets and row.outside != "default":
        if row.outside == "private":
            return Layer.decided(False, Step("it lies in no VPC, and nothing can connect to it", resource))
        return Layer.decided(True, Step("it lies in no VPC: its endpoint is public", resource))
    listens = None
    if row.port is not None:
        listens = _listening(next(values_at(resource.properties, row.port), None), resource)
    address = public_address(resource, row)
    groups = elements(graph.follow(resource, row.groups))
    return Placement(
        subnets, groups, lambda _subnet, family: address if family == IPV4 else _no_ipv6(resource), listens
    )


def subnets_of(graph: ResourceGraph, resource: Resource, row: Row) -> list[Value]:
    """The subnets of a resource, through its group of subnets where there is one; unknown ones among them."""
    found = elements(graph.follow(resource, row.subnets))
    if row.subnets.targets == (SUBNET,):
        return found
    subnets: list[Value] = []
    for group in found:
        if isinstance(group, ResourceView):
            relation = _of_group(group.resource.type)
            subnets += elements(graph.follow(group.resource, relation))
        else:
            subnets.append(group)
    return subnets


@cache
def _of_group(type: str) -> Relation:
    return Relation(type, "subnets", {"to": SUBNET, "by": _GROUP_SUBNETS, "many": True})


def public_address(resource: Resource, row: Row) -> Layer:
    """Whether a resource of the table gets addresses of the internet."""
    if row.public is None:
        return Layer.decided(False, Step("it has private addresses alone", resource))
    *way, last = row.public
    value: Value = resource.properties
    for name in way:
        value = next(iter(elements(member(value, name))), Absent(name, range=resource.header))
    return said(member(value, last), row.public_value, resource, "it has a public address")


def said(value: Value, wanted: object, resource: Resource, words: str) -> Layer:
    """A layer that lets everything through if a property says what is wanted."""
    if is_null(value):
        return Layer.decided(False, Step("it has private addresses alone", resource, value))
    try:
        found = operand(value)
    except EvaluationError:
        found = Known(None, "null")
    if isinstance(found, Unknown):
        return Layer.decided(None, Step("nobody knows whether it has a public address", resource, found))
    holds = is_true(found) or text(found) == "true" if wanted is True else text(found) == wanted
    return Layer.decided(holds, Step(words if holds else "it has private addresses alone", resource, value))


def _no_ipv6(resource: Resource) -> Layer:
    return Layer.decided(False, Step(f"it has no {IPV6} address", resource))


def _listening(port: Value | None, resource: Resource) -> Layer | None:
    """The port that it listens on; nothing where that is the service's choice: then every port may be it."""
    number = whole_number(port) if port is not None else None
    if port is None or nothing(port) or number is None:
        return None
    return Layer(
        [Way(ports_of(number, number, "tcp"), Step(f"it listens on port {number}", resource, port))],
        Step("it listens on another port", resource, port),
    )

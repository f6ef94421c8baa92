"""Which assets there are, which hold PHI or receive it, and how data moves between them: the inventory and the map.

Read off the graph, in the scenario of the values given; drawn by map_svg.py, written by map_text.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..expression.decision import text
from ..expression.evaluator import deep_recursion
from ..expression.values import EvaluationError, Known, Value, is_false
from ..graph.flows import Flows
from ..graph.graph import ResourceGraph, ResourceView, RootGraph
from ..graph.layers import Layer
from ..graph.phi_scope import declaration, receives_phi
from ..graph.placements import Placement
from ..graph.reachability import internet_reach, placements
from ..graph.relations import relations, values_at
from ..model.resource import Resource
from .asset_roles import CONNECTORS, ENTRY, PROCESSOR, role_of
from .rows import printable

DECLARED, RECEIVED, UNDECIDED, DENIED, UNSAID = "declared", "received", "undecided", "declared not to", "not said"
HOLDS = (DECLARED, RECEIVED)  # PHI
INTERNET = "Internet"
GROUP = "AWS::EC2::SecurityGroup"
ENCRYPTED, PLAIN, NOT_TOLD = "encrypted", "not encrypted", "not told"
_SECURE = frozenset({"HTTPS", "TLS", "SSL"})
_REDIRECT = ("DefaultActions", "RedirectConfig", "Protocol")
_INSTANCE_KEY = re.compile(r"\[[^\[\]]*\]$")


class Asset:
    """A resource of the inventory. vpcs, subnets: addresses. internet: whether it is reached from there; None: undecided.

    behind: it is reached through an entry. phi: one of the words above; because: how it gets there.
    region: as written, "" where nothing says.
    """

    __slots__ = (
        "because",
        "behind",
        "internet",
        "phi",
        "ports",
        "region",
        "resource",
        "role",
        "subnets",
        "vpcs",
    )  # fmt: skip

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.role = role_of(resource.type)
        self.phi = UNSAID
        self.because = ""
        self.internet: bool | None = False
        self.behind = False
        self.ports = ""
        self.subnets: list[str] = []
        self.vpcs: list[str] = []
        self.region = ""


class Node:
    """One or several assets that differ in their instance keys alone. id: unique in the map. vpc: "" outside of any."""

    __slots__ = ("assets", "id", "label", "module", "root", "vpc")

    def __init__(self, id: str, root: str, vpc: str, module: str, label: str) -> None:
        self.id = id
        self.root = root
        self.vpc = vpc
        self.module = module
        self.label = label
        self.assets: list[Asset] = []

    @property
    def first(self) -> Asset:
        return self.assets[0]


class Link:
    """Data that goes from one node to another. source None: the internet. encryption: of the way, one of three words.

    crosses: "VPC", "region". sure: False where nobody knows whether it does.
    """

    __slots__ = ("crosses", "encryption", "sink", "source", "sure", "what")

    def __init__(self, source: Node | None, sink: Node, what: str, encryption: str, sure: bool = True) -> None:
        self.source = source
        self.sink = sink
        self.what = what
        self.encryption = encryption
        self.sure = sure
        self.crosses = list(_crossings(source, sink)) if source is not None else []


class ResourceMap:
    """assets: all, in the order of the scan. nodes: what is drawn; links between them."""

    __slots__ = ("assets", "links", "nodes")

    def __init__(self) -> None:
        self.assets: list[Asset] = []
        self.nodes: list[Node] = []
        self.links: list[Link] = []


def map_of(graph: ResourceGraph) -> ResourceMap:
    """The inventory and the map of all roots."""
    found = ResourceMap()
    with deep_recursion():
        for root in graph.roots:
            _Root(graph, root, found).read()
    return found


class _Root:
    """The reading of one root."""

    __slots__ = ("found", "graph", "groups", "links", "node_of", "nodes", "root")

    def __init__(self, graph: ResourceGraph, root: RootGraph, found: ResourceMap) -> None:
        self.graph = graph
        self.root = root
        self.found = found
        self.node_of: dict[int, Node] = {}  # by the identity of a resource
        self.nodes: dict[tuple[str, ...], Node] = {}
        self.links: dict[tuple[str, str, str], Link] = {}
        self.groups: dict[int, list[Node]] = {}  # security group → what is in it

    def read(self) -> None:
        """Assets and nodes first, then what goes between them."""
        for resource in self.root.resources:
            if not (resource.partial or resource.written.data or is_false(resource.exists.force())):
                self._asset(resource)
        self._from_internet()
        self._by_balancers()
        self._by_groups()
        self._by_flows()
        self.found.nodes += self.nodes.values()
        self.found.links += self.links.values()

    def _asset(self, resource: Resource) -> None:
        asset = Asset(resource)
        asset.phi, asset.because = _phi(self.graph, resource)
        asset.region = _text(resource.written.region.force()) if resource.written.region is not None else ""
        self.found.assets.append(asset)
        try:
            places = placements(self.graph, resource)
            answer = None if isinstance(places, Layer) and not places.sure else internet_reach(self.graph, resource)
        except EvaluationError:
            places, answer = [], None
        groups: list[Resource] = []
        for place in places if isinstance(places, list) else []:
            groups += self._placed(asset, place)
        if answer is not None and asset.role:
            asset.internet = answer.holds
            asset.behind = any(
                step.resource is not None and step.resource is not resource and role_of(step.resource.type) == ENTRY
                for step in answer.path
            )
            asset.ports = repr(answer.sure).removeprefix("Ports(").removesuffix(")")
        if asset.role:
            node = self._node(asset)
            for group in groups:
                members = self.groups.setdefault(id(group), [])
                if node not in members:
                    members.append(node)

    def _placed(self, asset: Asset, place: Placement) -> Iterator[Resource]:
        """Notes where an asset is; gives its security groups."""
        for subnet in place.subnets:
            if isinstance(subnet, ResourceView):
                _add(asset.subnets, subnet.resource.address)
                vpc = subnet.graph.related(subnet.resource, "vpc")
                if isinstance(vpc, ResourceView):
                    _add(asset.vpcs, vpc.resource.address)
        for group in place.groups:
            if isinstance(group, ResourceView):
                yield group.resource

    def _node(self, asset: Asset) -> Node:
        resource = asset.resource
        root = resource.root.path + (f" ({resource.root.deployment})" if resource.root.deployment else "")
        name = _INSTANCE_KEY.sub("", resource.address)
        vpc = asset.vpcs[0] if asset.vpcs else ""
        key = (root, name, resource.type, vpc, asset.phi, str(asset.internet), asset.region)
        node = self.nodes.get(key)
        if node is None:
            module = resource.written.module
            label = name.rpartition(".")[2]
            if module.startswith("module."):  # a nested stack's name stands in the label already
                label = f"{module.removeprefix('module.')}.{label}"
            number = len(self.found.nodes) + len(self.nodes)
            node = self.nodes[key] = Node(f"n{number}", root, vpc, module, label)
        node.assets.append(asset)
        self.node_of[id(resource)] = node
        return node

    def _link(self, source: Node | None, sink: Node, what: str, encryption: str, sure: bool = True) -> None:
        if source is sink:
            return
        key = (source.id if source is not None else "", sink.id, what)
        known = self.links.get(key)
        if known is None:
            self.links[key] = Link(source, sink, what, encryption, sure)
        elif encryption == PLAIN:
            known.encryption = PLAIN  # one way in clear is enough

    def _from_internet(self) -> None:
        for node in self.nodes.values():
            asset = node.first
            if asset.internet is not False and not asset.behind:
                ports = f"ports {asset.ports}" if asset.ports else "reaches"
                encryption = self._listening(asset.resource) if asset.role == ENTRY else NOT_TOLD
                self._link(None, node, ports, encryption, asset.internet is True)

    def _entries(self) -> list[Resource]:
        return [resource for resource in self.root.resources if role_of(resource.type) == ENTRY]

    def _listening(self, balancer: Resource) -> str:
        """Whether a load balancer takes requests in clear."""
        protocols = _classic(balancer, "Protocol")
        for one in _views(self.graph.related(balancer, "listeners")):
            # One that sends everybody on to HTTPS takes nothing in clear that matters.
            redirects = [_text(value) for value in values_at(one.resource.properties, _REDIRECT)]
            if redirects != ["HTTPS"]:
                protocols.append(_text(one.get("Protocol", None)))
        return _encryption(protocols)

    def _by_balancers(self) -> None:
        for entry in self._entries():
            source = self.node_of.get(id(entry))
            if source is None:
                continue
            for target in _targets(self.graph, entry):
                sink = self.node_of.get(id(target))
                if sink is not None:
                    self._link(source, sink, "hands requests to", _forwarding(self.graph, entry))

    def _by_groups(self) -> None:
        """A group that lets members of another one in: these can open connections to its own members."""
        for group in self.root.by_type.get(GROUP, []):
            sinks = self.groups.get(id(group), [])
            if not sinks:
                continue
            for value in values_at(group.properties, ("SecurityGroupIngress", "SourceSecurityGroupId")):
                for named in self.graph.named(group, value, (GROUP,)):
                    if not isinstance(named, ResourceView):
                        continue
                    for source in self.groups.get(id(named.resource), []):
                        for sink in sinks:
                            if source.first.role == PROCESSOR and sink.first.role != ENTRY:
                                self._link(source, sink, "may connect to", NOT_TOLD)

    def _by_flows(self) -> None:
        for edges in Flows(self.root).outgoing.values():
            for edge in edges:
                source, sink = self.node_of.get(id(edge.source)), self.node_of.get(id(edge.sink))
                holds, _ = edge.holds(self.graph, self.root)
                if source is not None and sink is not None and holds is not False:
                    self._link(source, sink, edge.flow.name, NOT_TOLD, holds is True)


def _targets(graph: ResourceGraph, entry: Resource) -> Iterator[Resource]:
    """What a load balancer or the like hands requests to: along listeners, rules and target groups, never back."""
    seen = {id(entry)}
    waiting = [(entry, 0)]
    while waiting:
        current, rank = waiting.pop(0)
        for one in _related(graph, current):
            following = CONNECTORS.get(one.type, 0)
            if id(one) in seen or not (following > rank or role_of(one.type) == PROCESSOR):
                continue
            seen.add(id(one))
            if following:
                waiting.append((one, following))
            else:
                yield one


def _related(graph: ResourceGraph, resource: Resource) -> Iterator[Resource]:
    declared = relations()
    for name in (*declared.forward.get(resource.type, {}), *declared.inverse.get(resource.type, {})):
        try:
            for view in _views(graph.related(resource, name)):
                yield view.resource
        except EvaluationError:
            continue


def _forwarding(graph: ResourceGraph, entry: Resource) -> str:
    """Whether requests go on encrypted: by the protocols of target groups, or of a classic balancer's instances."""
    protocols = _classic(entry, "InstanceProtocol")
    for listener in _views(graph.related(entry, "listeners")):
        for group in _views(graph.related(listener.resource, "target_groups")):
            protocols.append(_text(group.get("Protocol", None)))
    return _encryption(protocols)


def _classic(balancer: Resource, name: str) -> list[str]:
    """A member of the listeners that a classic load balancer has in itself."""
    if balancer.type != "AWS::ElasticLoadBalancing::LoadBalancer":
        return []
    return [_text(value) for value in values_at(balancer.properties, ("Listeners", name))]


def _encryption(protocols: Iterable[str]) -> str:
    known = {protocol.upper() for protocol in protocols}
    if not known or "" in known:
        return NOT_TOLD
    return ENCRYPTED if known <= _SECURE else PLAIN


def _phi(graph: ResourceGraph, resource: Resource) -> tuple[str, str]:
    said = declaration(graph, resource)
    if said.holds:
        return DECLARED, "a tag, an address or its root says so"
    received = receives_phi(graph, resource)
    if received.holds:
        return RECEIVED, "; ".join(printable(step.reason) for step in received.path)
    if (said.said and said.holds is None) or received.holds is None:
        return UNDECIDED, "; ".join(printable(step.reason) for step in received.path)
    return (DENIED, "a tag says so") if said.said else (UNSAID, "")


def _crossings(source: Node, sink: Node) -> Iterator[str]:
    if source.vpc and sink.vpc and source.vpc != sink.vpc:
        yield "VPC"
    if source.first.region and sink.first.region and source.first.region != sink.first.region:
        yield "region"


def _views(value: Value | None) -> list[ResourceView]:
    if isinstance(value, ResourceView):
        return [value]
    if isinstance(value, Known) and isinstance(value.data, list):
        return [one for one in value.data if isinstance(one, ResourceView)]
    return []


def _text(value: Value) -> str:
    return text(value) or ""


def _add(texts: list[str], one: str) -> None:
    if one not in texts:
        texts.append(one)

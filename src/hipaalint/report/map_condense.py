"""A large map made readable: in a root with many nodes, those of one module and type that stand alike become one.

After resource_map.py, before the map is drawn or written; the inventory stays as it is.
"""

from __future__ import annotations

from collections import Counter

from .resource_map import PLAIN, Link, Node, ResourceMap

LIMIT = 120  # nodes of one root


def condensed(found: ResourceMap, limit: int = LIMIT) -> ResourceMap:
    """The same map, in which no root has more nodes than it has kinds of them, if it had more than `limit`."""
    sizes = Counter(node.root for node in found.nodes)
    result = ResourceMap()
    result.assets = found.assets
    groups: dict[tuple[str, ...], Node] = {}
    stands_for: dict[str, Node] = {}
    for node in found.nodes:
        key = _kind(node) if sizes[node.root] > limit else (node.id,)
        group = groups.get(key)
        if group is None:
            group = groups[key] = Node(node.id, node.root, node.vpc, node.module, node.label)
            result.nodes.append(group)
        else:
            kind = node.first.resource.type.rpartition("::")[2]
            group.label = f"{node.module.removeprefix('module.')}.{kind}" if node.module else kind
        group.assets += node.assets
        stands_for[node.id] = group
    links: dict[tuple[str, str, str], Link] = {}
    for link in found.links:
        source = stands_for[link.source.id] if link.source is not None else None
        sink = stands_for[link.sink.id]
        known = links.get(key := (source.id if source is not None else "", sink.id, link.what))
        if known is None:
            links[key] = Link(source, sink, link.what, link.encryption, link.sure)
        else:
            known.sure = known.sure or link.sure
            known.encryption = PLAIN if link.encryption == PLAIN else known.encryption
    result.links = list(links.values())
    return result


def _kind(node: Node) -> tuple[str, ...]:
    """What nodes that become one have in common."""
    asset = node.first
    return (node.root, node.vpc, node.module, asset.resource.type, asset.phi, str(asset.internet), asset.region)

"""Where everything stands in the picture of the map: frames of roots and VPCs, and in them a column for each role.

Used by map_svg.py. Roots stand below one another, so that a picture grows in height alone.
"""

from __future__ import annotations

from .asset_roles import ROLES
from .resource_map import Node, ResourceMap

WIDTH, HEIGHT = 214, 40  # of a node
GAP, COLUMN_GAP, PAD, TITLE = 12, 64, 16, 28
ROWS = 12  # of a column, before the next one of the same role is begun
INTERNET_WIDTH = 84
OUTSIDE = "outside of VPCs"


class Box:
    """A rectangle."""

    __slots__ = ("height", "width", "x", "y")

    def __init__(self, x: int, y: int, width: int, height: int) -> None:
        self.x = x
        self.y = y
        self.width = width
        self.height = height


class Frame:
    """A titled rectangle; level 0: a root, 1: a VPC in it."""

    __slots__ = ("box", "level", "title")

    def __init__(self, title: str, level: int, box: Box) -> None:
        self.title = title
        self.level = level
        self.box = box


class Layout:
    """boxes: by the id of a node. internet: by root, where something is reached from there."""

    __slots__ = ("boxes", "frames", "height", "internet", "width")

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.frames: list[Frame] = []
        self.internet: dict[str, Box] = {}
        self.width = 640
        self.height = PAD


def layout_of(found: ResourceMap) -> Layout:
    """The layout of all nodes of a map."""
    layout = Layout()
    roots: dict[str, list[Node]] = {}
    for node in found.nodes:
        roots.setdefault(node.root, []).append(node)
    exposed = {link.sink.root for link in found.links if link.source is None}
    for root, nodes in roots.items():
        _root(layout, root, nodes, root in exposed)
    layout.height += 2 * TITLE  # the legend
    return layout


def _root(layout: Layout, root: str, nodes: list[Node], exposed: bool) -> None:
    top = layout.height
    left = PAD + PAD + (INTERNET_WIDTH + COLUMN_GAP if exposed else 0)
    y, right = top + TITLE, 0
    vpcs = sorted({node.vpc for node in nodes}, key=lambda vpc: (vpc == "", vpc))
    used = [role for role in ROLES if any(node.first.role == role for node in nodes)]
    # Columns are as wide in all frames of a root, so that a role stands below itself.
    widths = {
        role: max(_columns([node for node in nodes if node.vpc == vpc and node.first.role == role]) for vpc in vpcs)
        for role in used
    }
    for vpc in vpcs:
        inside = [node for node in nodes if node.vpc == vpc]
        x, bottom = left + PAD, y + TITLE
        for role in used:
            own = [node for node in inside if node.first.role == role]
            for number, node in enumerate(own):
                box = Box(
                    x + (number // ROWS) * (WIDTH + GAP), y + TITLE + (number % ROWS) * (HEIGHT + GAP), WIDTH, HEIGHT
                )
                layout.boxes[node.id] = box
                bottom = max(bottom, box.y + HEIGHT)
            x += widths[role] * (WIDTH + GAP) - GAP + COLUMN_GAP
        frame = Box(left, y, x - COLUMN_GAP + PAD + PAD - left, bottom + PAD - y)
        layout.frames.append(Frame(vpc or OUTSIDE, 1, frame))
        right = max(right, frame.x + frame.width)
        y = frame.y + frame.height + GAP
    # Frames are drawn in their order: the root's before those in it.
    layout.frames.insert(
        len(layout.frames) - len(vpcs), Frame(root, 0, Box(PAD, top, right + PAD - PAD, y - top + PAD - GAP))
    )
    if exposed:
        middle = (top + y) // 2
        layout.internet[root] = Box(PAD + PAD, min(middle, top + TITLE + 120), INTERNET_WIDTH, 32)
    layout.width = max(layout.width, right + PAD + PAD)
    layout.height = y + PAD + GAP


def _columns(nodes: list[Node]) -> int:
    return max(1, -(-len(nodes) // ROWS))

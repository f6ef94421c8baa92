"""What stands between the internet and a resource: layers that each let some ports through, and the path through all.

Between graph/ports.py and the modules that read the layers off the resources (placements, routes, filters).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..expression.values import Value
from ..model.resource import Resource
from ..source import SourceRange
from .ports import EVERY_PORT, NO_PORT, Ports


class Step:
    """One station of a path: what it is, why it leads on (or does not), and the value that says so."""

    __slots__ = ("reason", "resource", "value")

    def __init__(self, reason: str, resource: Resource | None = None, value: Value | None = None) -> None:
        self.reason = reason
        self.resource = resource
        self.value = value

    @property
    def range(self) -> SourceRange | None:
        """Where it is written: the value that decides, else the resource's header."""
        if self.value is not None and self.value.range is not None:
            return self.value.range
        return self.resource.header if self.resource is not None else None

    def __repr__(self) -> str:
        return f"Step({self.reason!r})"


class Way:
    """Ports that a layer lets through, certainly or perhaps, and the step that says why."""

    __slots__ = ("certain", "ports", "step")

    def __init__(self, ports: Ports, step: Step, certain: bool = True) -> None:
        self.ports = ports
        self.step = step
        self.certain = certain


class Layer:
    """One thing that traffic has to pass. otherwise: why the rest does not come through."""

    __slots__ = ("maybe", "otherwise", "sure", "ways")

    def __init__(self, ways: Iterable[Way], otherwise: Step) -> None:
        self.ways = [way for way in ways if way.ports]
        self.otherwise = otherwise
        self.sure = Ports(range for way in self.ways if way.certain for range in way.ports.ranges)
        self.maybe = Ports(range for way in self.ways for range in way.ports.ranges)

    @classmethod
    def decided(cls, holds: bool | None, step: Step) -> Layer:
        """A layer that lets everything through, nothing, or nobody knows."""
        return cls([] if holds is False else [Way(EVERY_PORT, step, holds is True)], step)

    def way(self, ports: Ports, certain: bool) -> Way | None:
        """The first way for some of these ports; certain: nothing less will do."""
        return next((way for way in self.ways if way.ports & ports and (way.certain or not certain)), None)


class Answer:
    """Whether something is reached. sure, maybe: on which ports, maybe includes sure.

    path: from the internet to the resource, or what is in the way, or what nobody knows.
    """

    __slots__ = ("holds", "maybe", "path", "sure")

    def __init__(self, holds: bool | None, sure: Ports, maybe: Ports, path: Sequence[Step]) -> None:
        self.holds = holds
        self.sure = sure
        self.maybe = maybe
        self.path = tuple(path)

    @property
    def because(self) -> tuple[Value, ...]:
        """The values that the steps of the path are about."""
        return tuple(step.value for step in self.path if step.value is not None)

    def __repr__(self) -> str:
        return f"Answer({self.holds}, {list(self.path)})"


def through(layers: Iterable[Layer], asked: Ports, first: Step | None = None) -> Answer:
    """What passes all of the layers of the ports asked for; no layer is made after one that lets nothing through.

    first: where the traffic comes from.
    """
    sure = maybe = asked
    passed: list[Layer] = []
    for layer in layers:
        left = maybe & layer.maybe
        if not left:
            return Answer(False, NO_PORT, NO_PORT, [layer.otherwise])
        sure, maybe = sure & layer.sure, left
        passed.append(layer)
    path = [first] if first is not None else []
    if sure:
        ways = [layer.way(sure, True) for layer in passed]
        return Answer(True, sure, maybe, path + [way.step for way in ways if way is not None])
    found = [way for way in (layer.way(maybe, False) for layer in passed) if way is not None]
    undecided = [way.step for way in found if not way.certain]
    return Answer(None, sure, maybe, undecided or path + [way.step for way in found])


def best(answers: Iterable[Answer], otherwise: Step) -> Answer:
    """The answers together: the first that is sure, else the first that nobody knows, else the first that says why not."""
    found = list(answers)
    sure = Ports(range for answer in found for range in answer.sure.ranges)
    maybe = Ports(range for answer in found for range in answer.maybe.ranges)
    for wanted in (True, None, False):
        for answer in found:
            if answer.holds is wanted:
                return Answer(wanted, sure, maybe, answer.path)
    return Answer(False, NO_PORT, NO_PORT, [otherwise])

"""Whether the internet reaches a resource, as a question of conditions; the walk itself is graph/reachability.py's.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from ..expression.values import UNRESOLVED, Known, Unknown, Value, known
from ..graph.graph import ResourceView
from ..graph.layers import Answer
from ..graph.ports import EVERY_PORT, Ports, ports_of
from ..graph.reachability import internet_reach
from .decisions import Decision, domain_function, elements, text
from .evidence import Traced


@domain_function("internet_reachable", 1, 2)
def internet_reachable(self: Value, ports: Value | None = None) -> Value:
    """Whether somebody on the internet can open a connection to a resource; with `ports`, to one of these (`[22, "8000-8080"]`).

    Asked are its public addresses, the routes of its subnets, their network ACLs, its security groups and the load balancers
    in front of it, by IPv4 and IPv6. The path is part of the finding. What one office's addresses reach is not reached.
    """
    if not isinstance(self, ResourceView):
        return Decision(None, self).value(None)
    asked, unknown = _asked(ports)
    answer = internet_reach(self.graph, self.resource, asked)
    if answer.holds is False and unknown is not None:
        return Decision(None, unknown).value(None)
    return _traced(answer)


@domain_function("internet_ports", 1, 1)
def internet_ports(self: Value) -> Value:
    """The ports on which the internet reaches a resource, as texts: `22`, `8000-8080`, `53/udp`, `all`; for messages."""
    if not isinstance(self, ResourceView):
        return known([])
    answer = internet_reach(self.graph, self.resource)
    return known((answer.sure if answer.holds else answer.maybe).spelled())


def _traced(answer: Answer) -> Value:
    value = Decision(answer.holds, *answer.because).value(None)
    if isinstance(value, Known):
        return Traced(value, answer.path)
    if not any(isinstance(one, Unknown) for one in answer.because):
        value.reason, value.detail = UNRESOLVED, answer.path[-1].reason
    return value


def _asked(ports: Value | None) -> tuple[Ports, Value | None]:
    """The ports that are asked for, and one that nobody knows."""
    if ports is None:
        return EVERY_PORT, None
    found = Ports()
    unknown: Value | None = None
    for port in elements(ports):
        low, _, high = (text(port) or "").partition("-")
        if low.strip().isdecimal() and (high or low).strip().isdecimal():
            found |= ports_of(int(low), int(high or low))
        else:
            unknown = unknown or port
    return found, unknown

"""What network ACLs and security groups let through, from the internet or from a load balancer.

Between graph/routes.py and graph/reachability.py. ACLs are read in the order of their rules and in both directions, since
they do not remember connections; security groups add up, and a rule may name another group instead of addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from ..expression.decision import Decision, any_of, elements, member, nothing, text
from ..expression.evaluator import operand
from ..expression.values import Known, Unknown, Value, all_references, is_true
from ..model.matching import match
from ..model.resource import Resource
from .addresses import is_open_cidr
from .graph import ResourceView
from .layers import Layer, Step, Way
from .ports import ANSWERS, EVERY_PORT, NO_PORT, RulePorts, rule_ports, whole_number
from .routes import IPV4

_GROUPS = ("AWS::EC2::SecurityGroup",)
_OWN_RULE, _LAST_RULE = 100, 1 << 20  # of the ACL that a VPC comes with; of an entry whose number nobody wrote
_CIDR = {"acl": ("CidrBlock", "Ipv6CidrBlock"), "group": ("CidrIp", "CidrIpv6")}


class Source:
    """Where traffic comes from: the internet, unless `ranges` or `groups` say that a load balancer sends it.

    ranges: those of its subnets, unknown ones among them. groups: its security groups, as views and unknown values.
    name: of the load balancer, for people. open: it hands on the addresses of its clients, so that rules for the internet
    count as well.
    """

    __slots__ = ("family", "groups", "name", "open", "ranges")

    def __init__(
        self,
        family: str,
        name: str | None = None,
        ranges: Sequence[Value] = (),
        groups: Sequence[Value] = (),
        open: bool = True,
    ) -> None:
        self.family = family
        self.name = name
        self.ranges = ranges
        self.groups = groups
        self.open = open

    def within(self, cidr: Value) -> Decision:
        """Whether a range takes in where the traffic comes from."""
        if nothing(cidr):
            return Decision(False, cidr)
        everything: Decision = is_open_cidr(cidr)
        if everything.holds or not self.ranges:
            return everything if self.open or everything.holds else Decision(False, cidr)
        return any_of([_takes_in(cidr, own) for own in self.ranges], cidr)

    def member_of(self, group: Value, owner: Resource) -> Decision:
        """Whether a rule that names a group (or `self`, the group of the rule) means the sender."""
        if nothing(group) or not self.groups:
            return Decision(False, group)
        own = {id(one.resource) for one in self.groups if isinstance(one, ResourceView)}
        doubt = any(isinstance(one, Unknown) for one in self.groups)
        if isinstance(group, Known) and isinstance(group.data, bool):
            return Decision(group.data and id(owner) in own, group)
        view = next((one for one in self.groups if isinstance(one, ResourceView)), None)
        if view is None:
            return Decision(None, group)
        found = match(group, view.graph.root_of(view.resource).candidates(_GROUPS))
        if any(id(one) in own for one in found.sure):
            return Decision(True, group)
        possible = any(id(one) in own for one in found.maybe) or (found.outside and doubt)
        return Decision(None if possible else False, group)


def _takes_in(cidr: Value, own: Value) -> Decision:
    outer, inner = text(cidr), text(own)
    if outer is not None and inner is not None:
        try:
            large, small = ipaddress.ip_network(outer, strict=False), ipaddress.ip_network(inner, strict=False)
        except ValueError:
            return Decision(False, cidr)
        return Decision(large.version == small.version and small.subnet_of(large), cidr)  # type: ignore[arg-type]
    # The range of the sender's own network, whatever it is.
    same = {id(written) for written, _ in all_references(cidr)} & {id(written) for written, _ in all_references(own)}
    return Decision(True if same else None, cidr)


class _Entry:
    """A rule of an ACL. number: None where nobody knows its place."""

    __slots__ = ("action", "number", "ports", "value", "within")

    def __init__(
        self, number: int | None, action: str | None, within: Decision, ports: RulePorts, value: Value
    ) -> None:
        self.number = number
        self.action = action
        self.within = within
        self.ports = ports
        self.value = value


def acl_layer(subnet: Value, source: Source) -> Layer:
    """What the ACL of a subnet lets in from a source, of what it lets out again. No subnet: one of the default VPC."""
    if nothing(subnet):
        return Layer.decided(True, Step("the ACL of the default VPC lets everything in"))
    if not isinstance(subnet, ResourceView):
        return Layer.decided(None, Step("nobody knows the subnet's ACL", None, subnet))
    if source.name is not None:
        return _acl_layer(subnet, source)  # who sends depends on the scenario too
    kept = subnet.graph.kept(("acl", source.family), subnet.resource, lambda: _acl_layer(subnet, source))
    return (
        kept if isinstance(kept, Layer) else Layer.decided(None, Step("nobody knows the subnet's ACL", subnet.resource))
    )


def _acl_layer(subnet: ResourceView, source: Source) -> Layer:
    acls = [*elements(member(subnet, "network_acls"))]
    for association in elements(member(subnet, "network_acl_associations")):
        acls.append(association if isinstance(association, Unknown) else member(association, "network_acl"))
    if acls:
        return _joined([_of_acl(acl, source, subnet) for acl in acls[:1]])
    vpc = member(subnet, "vpc")
    if isinstance(vpc, ResourceView):
        kept = vpc.graph.kept("default ACL", vpc.resource, lambda: _default_acl(vpc))
        if isinstance(kept, ResourceView):
            return _of_acl(kept, source, subnet)
        loose = elements(member(vpc, "default_acl_entries"))
        if loose:
            return _passed(loose, None, source, subnet, own_rule=True)
    if isinstance(vpc, Unknown) and not is_true(operand(member(subnet, "DefaultForAz"))):
        # Whoever declares the VPC may have changed its ACL; hardly anybody does, and then they name it here.
        return Layer.decided(
            True, Step("no ACL is declared for the subnet, so that the VPC's own one holds", subnet.resource)
        )
    return Layer.decided(True, Step("the ACL that the VPC comes with lets everything in", subnet.resource))


def _default_acl(vpc: Value) -> Value | None:
    for acl in elements(member(vpc, "network_acls")):
        if isinstance(acl, ResourceView) and is_true(operand(member(acl, "IsDefault"))):
            return acl
    return None


def _of_acl(acl: Value, source: Source, subnet: ResourceView) -> Layer:
    if not isinstance(acl, ResourceView):
        return Layer.decided(None, Step("nobody knows the rules of the subnet's ACL", subnet.resource, acl))
    return _passed(elements(member(acl, "entries")), acl, source, subnet)


def _passed(
    entries: Sequence[Value], acl: ResourceView | None, source: Source, subnet: ResourceView, own_rule: bool = False
) -> Layer:
    inward = [one for one in entries if not isinstance(one, Unknown) and not is_true(operand(member(one, "Egress")))]
    outward = [one for one in entries if isinstance(one, Unknown) or is_true(operand(member(one, "Egress")))]
    inward += [one for one in entries if isinstance(one, Unknown)]
    if acl is not None:
        inward += elements(member(acl, "Ingress"))
        outward += elements(member(acl, "Egress"))
    place = acl.resource if acl is not None else subnet.resource
    answers = _in_order(outward, source, place, own_rule, "out to")
    back = answers.maybe & ANSWERS
    if not back:
        return Layer([], answers.otherwise)
    coming = _in_order(inward, source, place, own_rule, "in from")
    if answers.sure & ANSWERS:
        return coming
    undecided = answers.way(ANSWERS, False)
    assert undecided is not None
    return Layer([Way(coming.maybe, undecided.step, False)], coming.otherwise)


def _in_order(entries: Sequence[Value], source: Source, place: Resource, own_rule: bool, direction: str) -> Layer:
    """The ports that a list of entries lets through: the first entry that fits decides."""
    rules = [_entry(entry, source) for entry in entries]
    if own_rule:
        everything = RulePorts(EVERY_PORT)
        rules.append(_Entry(_OWN_RULE, "allow", Decision(True), everything, Known(None, "null")))
    left, doubtful = EVERY_PORT, NO_PORT
    for rule in rules:
        if rule.number is None and rule.action != "allow" and rule.within.holds is not False:
            doubtful |= rule.ports.maybe
    ways: list[Way] = []
    otherwise = Step(f"the ACL lets nothing {direction} the internet", place)
    for rule in sorted(rules, key=lambda one: _LAST_RULE if one.number is None else one.number):
        if rule.within.holds is False:
            continue
        certain = rule.within.holds is True and rule.number is not None
        if rule.action == "deny":
            if certain:
                if rule.ports.sure & left:
                    otherwise = Step(f"an entry of the ACL lets nothing {direction} the internet", place, rule.value)
                left -= rule.ports.sure
                doubtful |= rule.ports.maybe - rule.ports.sure
            else:
                doubtful |= rule.ports.maybe
            continue
        sure = (rule.ports.sure & left) - doubtful if certain and rule.action == "allow" else NO_PORT
        step = Step(f"an entry of the ACL lets it {direction} the internet", place, rule.value)
        ways.append(Way(sure, step))
        because = next((v for v in (*rule.within.because, *rule.ports.unknown) if isinstance(v, Unknown)), rule.value)
        ways.append(
            Way(
                (rule.ports.maybe & left) - sure,
                Step("nobody knows what this entry lets through", place, because),
                False,
            )
        )
        if certain and rule.action == "allow":
            left -= rule.ports.sure
    return Layer(ways, otherwise)


def _entry(entry: Value, source: Source) -> _Entry:
    if isinstance(entry, Unknown):
        return _Entry(None, None, Decision(None, entry), RulePorts(NO_PORT, EVERY_PORT, entry), entry)
    cidr = member(entry, _CIDR["acl"][source.family != IPV4])
    action = text(member(entry, "RuleAction"))
    ports = member(entry, "PortRange")
    return _Entry(
        whole_number(member(entry, "RuleNumber")),
        action.lower() if action is not None else None,
        source.within(cidr),
        rule_ports(member(ports, "From"), member(ports, "To"), member(entry, "Protocol")),
        cidr if cidr.range is not None else entry,
    )


def group_layer(groups: Sequence[Value], vpc: Callable[[], Value], source: Source, place: Resource) -> Layer:
    """What the security groups of a resource let in; without any it has the one that its VPC comes with."""
    if groups:
        return _joined([_of_group(group, source) for group in groups])
    own = vpc()
    if isinstance(own, ResourceView):
        kept = own.graph.kept("default group", own.resource, lambda: _default_group(own))
        if isinstance(kept, ResourceView):
            return _of_group(kept, source)
        rules = elements(member(own, "default_group_rules"))
        if rules:
            return Layer.decided(None, Step("rules are added to the VPC's default security group", None, rules[0]))
    return Layer.decided(False, Step("the default security group lets in its own members alone", place))


def _default_group(vpc: Value) -> Value | None:
    for group in elements(member(vpc, "security_groups")):
        if isinstance(group, ResourceView) and is_true(operand(member(group, "IsDefault"))):
            return group
    return None


def _of_group(group: Value, source: Source) -> Layer:
    if not isinstance(group, ResourceView):
        return Layer.decided(None, Step("nobody knows the rules of this security group", None, group))
    if source.name is not None:
        return _rules(group, source)
    kept = group.graph.kept(("group", source.family), group.resource, lambda: _rules(group, source))
    return kept if isinstance(kept, Layer) else Layer.decided(None, Step("nobody knows its rules", group.resource))


def _rules(group: ResourceView, source: Source) -> Layer:
    place = group.resource
    ways: list[Way] = []
    for rule in elements(member(group, "SecurityGroupIngress")):
        if isinstance(rule, Unknown):
            ways.append(Way(EVERY_PORT, Step("nobody knows this rule", place, rule), False))
            continue
        ports = rule_ports(member(rule, "FromPort"), member(rule, "ToPort"), member(rule, "IpProtocol"))
        for admitted, value in _senders(rule, source, place):
            if admitted.holds is False:
                continue
            step = Step("a rule of the security group lets it in", place, value)
            sure = ports.sure if admitted.holds else NO_PORT
            ways.append(Way(sure, step))
            doubt = next((one for one in (*admitted.because, *ports.unknown) if isinstance(one, Unknown)), value)
            ways.append(Way(ports.maybe - sure, Step("nobody knows whom this rule lets in", place, doubt), False))
    if place.partial:
        ways.append(Way(EVERY_PORT, Step("the security group is declared elsewhere", place), False))
    who = source.name or "the internet"
    return Layer(ways, Step(f"no rule of the security group lets {who} in", place))


def _senders(rule: Value, source: Source, place: Resource) -> list[tuple[Decision, Value]]:
    """Whether each of the senders that a rule names is meant, with the value that names it."""
    cidr = member(rule, _CIDR["group"][source.family != IPV4])
    found = [(source.within(one), one) for one in (cidr, member(rule, "SourcePrefixListId")) if not nothing(one)]
    for name in ("SourceSecurityGroupId", "SourceSecurityGroupName"):
        other = member(rule, name)
        if not nothing(other):
            found.append((source.member_of(other, place), other))
    return found


def _joined(layers: Sequence[Layer]) -> Layer:
    """Layers of which one is enough."""
    if len(layers) == 1:
        return layers[0]
    return Layer([way for layer in layers for way in layer.ways], layers[0].otherwise)

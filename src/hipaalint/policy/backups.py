"""Which resources a backup plan or a snapshot policy of the same root takes: by ARN, wildcard, tags and conditions.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from ..expression.values import UNRESOLVED, Unknown, Value, all_references
from ..graph.graph import ResourceView
from .decisions import Decision, all_of, any_of, domain_function, elements, member, nothing, pieces, text
from .tags import entries

_HOLE = "\ue000"  # private use: in no real ARN
_TAG_KEY = "aws:ResourceTag/"
_SELECTION, _LIFECYCLE = "AWS::Backup::BackupSelection", "AWS::DLM::LifecyclePolicy"
# Conditions of a selection: name → whether wildcards count, whether it is negated.
_CONDITIONS = {
    "StringEquals": (False, False),
    "StringLike": (True, False),
    "StringNotEquals": (False, True),
    "StringNotLike": (True, True),
}


@domain_function("in_backup_plan", 5, 6)
def in_backup_plan(
    self: Value, service: Value, kind: Value, name: Value, tags: Value, elsewhere: Value | None = None
) -> Decision:
    """Whether a selection of AWS Backup in the same root takes a resource.

    Its ARN is `arn:…:service:…:kind` and its name, which is null where the service makes it up. elsewhere: keys of tags
    by which a plan outside this root selects.
    """
    if isinstance(self, Unknown) or not isinstance(self, ResourceView):
        return Decision(None, self)
    prefix = f"{text(service)}:{text(kind)}"
    keys = {text(key) for key in elements(elsewhere)} if elsewhere is not None else set()
    found = [_same(key, wanted) for key, _value in entries(tags) for wanted in keys if wanted]
    for selection in self.graph.beside(self.resource, _SELECTION):
        if isinstance(selection, Unknown):
            found.append(Decision(None, selection))
        else:
            found.append(_takes(member(selection, "BackupSelection"), self, prefix, name, tags))
    modules = [name for name in self.resource.root.unjudged if "backup" in name.lower()]
    if modules:
        unread = Unknown(UNRESOLVED, f"{modules[0]} may select it", range=self.resource.header)
        found.append(Decision(None, unread))
    return any_of(found, self)


@domain_function("in_lifecycle_policy", 3, 3)
def in_lifecycle_policy(self: Value, kind: Value, tags: Value) -> Decision:
    """Whether a policy of Data Lifecycle Manager in the same root takes snapshots of a resource: `VOLUME`, `INSTANCE`."""
    if isinstance(self, Unknown) or not isinstance(self, ResourceView):
        return Decision(None, self)
    wanted = text(kind) or ""
    found: list[Decision] = []
    for policy in self.graph.beside(self.resource, _LIFECYCLE):
        if isinstance(policy, Unknown):
            found.append(Decision(None, policy))
            continue
        state = member(policy, "State")
        if text(state) == "DISABLED":
            continue
        details = member(policy, "PolicyDetails")
        by_default = [_is(one, wanted) for one in (member(policy, "DefaultPolicy"), member(details, "ResourceType"))]
        kinds = any_of([_is(one, wanted) for one in elements(member(details, "ResourceTypes"))])
        targets = any_of(
            _has(tags, member(target, "Key"), member(target, "Value"))
            for target in elements(member(details, "TargetTags"))
        )
        enabled = Decision(None, state) if isinstance(state, Unknown) else Decision(True, state)
        found.append(all_of([enabled, any_of([*by_default, all_of([kinds, targets])])]))
    return any_of(found, self)


@domain_function("leads_to_other_region", 2, 2)
def leads_to_other_region(self: Value, arn: Value) -> Decision:
    """Whether an ARN leads to another region than the one that a resource is deployed to.

    A resource of the same root lies in the region of its provider; in a template's own region if it is in a template.
    """
    if isinstance(self, Unknown) or not isinstance(self, ResourceView) or nothing(arn):
        return Decision(False if nothing(arn) else None, arn)
    own = self.resource.written.region
    targets = [written for written, _attribute in arn.references if not written.data]
    if targets:
        other = targets[0].region
        if other is own:
            return Decision(False, arn)
        here, there = (None if region is None else text(region.force()) for region in (own, other))
        return Decision(None if here is None or there is None else here != there, arn)
    parts = "".join(_HOLE if piece is None else piece for piece in pieces(arn)).split(":", 5)
    if len(parts) < 6 or _HOLE in parts[3]:
        return Decision(None, arn)
    here = None if own is None else text(own.force())
    # A region that is written out is written because it is another one.
    return Decision(here != parts[3], arn)


@domain_function("copied_to_other_region", 5, 5)
def copied_to_other_region(self: Value, service: Value, kind: Value, name: Value, tags: Value) -> Decision:
    """Whether a backup plan in the same root takes a resource, as `in_backup_plan` does, and copies to another region."""
    if isinstance(self, Unknown) or not isinstance(self, ResourceView):
        return Decision(None, self)
    prefix = f"{text(service)}:{text(kind)}"
    found: list[Decision] = []
    for selection in self.graph.beside(self.resource, _SELECTION):
        if isinstance(selection, Unknown):
            found.append(Decision(None, selection))
            continue
        taken = _takes(member(selection, "BackupSelection"), self, prefix, name, tags)
        found.append(all_of([taken, _copies(member(selection, "plan"))]))
    return any_of(found, self)


def _copies(plan: Value) -> Decision:
    """Whether a rule of a plan copies to a vault in another region; nobody knows of a plan that is declared elsewhere."""
    if isinstance(plan, Unknown):
        return Decision(None, plan)
    rules = elements(member(member(plan, "BackupPlan"), "BackupPlanRule"))
    actions = [action for rule in rules for action in elements(member(rule, "CopyActions"))]
    return any_of(
        [leads_to_other_region(plan, member(action, "DestinationBackupVaultArn")) for action in actions], plan
    )


def _takes(selection: Value, view: ResourceView, prefix: str, name: Value, tags: Value) -> Decision:
    listed = elements(member(selection, "Resources"))
    named = [(_names(one, view, prefix, name), any("*" in (piece or "") for piece in pieces(one))) for one in listed]
    tagged = [
        Decision(None, one)
        if isinstance(one, Unknown)
        else _has(tags, member(one, "ConditionKey"), member(one, "ConditionValue"))
        for one in elements(member(selection, "ListOfTags"))
    ]
    # A selection that lists nothing starts from everything that AWS Backup can take. Tags pick from what is listed by
    # wildcard; what is listed by its own name is meant anyhow.
    base = any_of([decision for decision, _wild in named], selection) if named else Decision(True, selection)
    if tagged:
        by_name = [decision for decision, wild in named if not wild]
        wild = any_of([decision for decision, wild in named if wild])
        by_tag = any_of(tagged) if not any(wild for _decision, wild in named) else all_of([wild, any_of(tagged)])
        base = any_of([*by_name, by_tag], selection)
    left_out = any_of([_names(one, view, prefix, name) for one in elements(member(selection, "NotResources"))])
    conditions = member(selection, "Conditions")
    if isinstance(conditions, Unknown):
        return all_of([base, _not(left_out), Decision(None, conditions)])
    return all_of([base, _not(left_out), *_conditions(conditions, tags)])


def _conditions(conditions: Value, tags: Value) -> Iterable[Decision]:
    for operator, (wildcards, negated) in _CONDITIONS.items():
        for one in elements(member(conditions, operator)):
            if isinstance(one, Unknown):
                yield Decision(None, one)
                continue
            holds = _has(tags, member(one, "ConditionKey"), member(one, "ConditionValue"), wildcards)
            yield _not(holds) if negated else holds


def _not(decision: Decision) -> Decision:
    return Decision(None if decision.holds is None else not decision.holds, *decision.because)


def _has(tags: Value, key: Value, value: Value, wildcards: bool = False) -> Decision:
    """Whether a resource has a tag; in keys and values capitals count, as in AWS Backup."""
    if isinstance(tags, Unknown):
        return Decision(None, tags)
    return any_of(
        all_of([_same(own, (text(key) or "").removeprefix(_TAG_KEY), key), _like(content, value, wildcards)])
        for own, content in entries(tags)
    )


def _same(own: Value, wanted: str, asked: Value | None = None) -> Decision:
    for one in (own, asked):
        if isinstance(one, Unknown):
            return Decision(None, one)
    return Decision(text(own) == wanted, own)


def _is(value: Value, wanted: str) -> Decision:
    if isinstance(value, Unknown):
        return Decision(None, value)
    return Decision(not nothing(value) and text(value) == wanted, value)


def _like(own: Value, pattern: Value, wildcards: bool) -> Decision:
    if own.input is not None and own.input is pattern.input:
        return Decision(True, own)
    for one in (own, pattern):
        if isinstance(one, Unknown):
            return Decision(None, one)
    wanted, written = text(pattern) or "", text(own) or ""
    return Decision(fnmatchcase(written, wanted) if wildcards else written == wanted, own)


def _names(value: Value, view: ResourceView, prefix: str, name: Value) -> Decision:
    """Whether an element of a list of ARNs names a resource; account and region are taken for its own."""
    own = view.resource.written
    if any(written is own for written, _attribute in all_references(value)):
        return Decision(True, value)
    if isinstance(value, Unknown) and value.reason == UNRESOLVED and value.not_null:
        # An attribute of a resource that is declared nowhere is not one of this resource, which is declared.
        return Decision(False, value)
    pattern = "".join(_HOLE if piece is None else piece for piece in pieces(value))
    if pattern == "*":
        return Decision(True, value)
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        # Nothing is known of it: another resource's ARN, or a variable.
        foreign = bool(all_references(value)) or _HOLE not in pattern
        return Decision(False if foreign else None, value)
    service, kind = prefix.split(":", 1)
    if not fnmatchcase(service, parts[2].replace(_HOLE, "*")):
        return Decision(False, value)
    identifier = parts[5]
    if not identifier.startswith(kind):
        whole = identifier.replace(_HOLE, "")
        if set(whole) <= {"*"}:
            return Decision(True if "*" in whole else None, value)
        return Decision(bool(fnmatchcase(kind, identifier)) and "*" in identifier, value)
    rest = identifier.removeprefix(kind)
    if re.fullmatch(r"(?:[a-z]+-)?\*+", rest) and (rest.startswith("*") or nothing(name)):
        return Decision(True, value)
    written = text(name)
    if _HOLE in rest:
        # `${aws_x.other.id}` is somebody else's name, and a name of one's own is not what another's ARN ends with.
        return Decision(False if all_references(value) else None, value)
    if written is not None:
        return Decision(fnmatchcase(written, rest), value)
    if isinstance(name, Unknown):
        return Decision(None, name)
    return Decision(False, value)

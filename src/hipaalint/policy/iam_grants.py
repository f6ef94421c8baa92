"""What policy documents grant, action by action: whole services, everywhere, all but a few, rights to gain more rights.

Domain functions over policy/policy_document.py's normal form, beside policy/iam.py. A grant counts as "everywhere" where
its resources name nothing in particular (`*`, `arn:aws:iam::*:role/*`) and no condition picks resources. What the same
document denies everywhere without a condition is not granted.
"""

from __future__ import annotations

import re

from ..expression.values import Unknown, Value
from .decisions import Decision, all_of, any_of, domain_function, elements, member, pieces, text
from .patterns import covers, overlap
from .policy_document import Statement, negation, over, read_policy, shown_by

HOLE = "\0"
# Condition keys that pick resources, or parts of them.
_PICKS_RESOURCES = re.compile(
    r"(?:[\w-]+:(?:resourcetag|existingobjecttag|requestobjecttag)/|kms:(?:resourcealiases|requestalias|encryptioncontext)"
    r"|dynamodb:(?:leadingkeys|attributes)|aws:resource(?:account|orgid|orgpaths)|s3:(?:prefix|dataaccesspointarn)"
    r"|iam:permissionsboundary|iam:policyarn|secretsmanager:(?:name|secretid))"
)
# The first word of a resource part such as `role/*`: all roles. Not for S3, whose first word is a bucket.
_KINDS = frozenset(
    {
        "alias", "assessment", "cluster", "cluster-snapshot", "db", "document", "event-bus", "federated-user",
        "function", "group", "instance", "instance-profile", "key", "log-group", "parameter", "policy", "project",
        "repository", "role", "secret", "snapshot", "stack", "stateMachine", "stream", "subnet",
        "table", "task-definition", "user", "volume",
    }
)  # fmt: skip

# Sets of actions each of which, granted everywhere, lets their holder gain further rights.
ESCALATIONS: tuple[tuple[str, ...], ...] = (
    ("iam:createpolicyversion",),
    ("iam:setdefaultpolicyversion",),
    ("iam:createaccesskey",),
    ("iam:createloginprofile",),
    ("iam:updateloginprofile",),
    ("iam:attachuserpolicy",),
    ("iam:attachgrouppolicy",),
    ("iam:attachrolepolicy",),
    ("iam:putuserpolicy",),
    ("iam:putgrouppolicy",),
    ("iam:putrolepolicy",),
    ("iam:addusertogroup",),
    ("iam:updateassumerolepolicy",),
    ("iam:deleterolepermissionsboundary",),
    ("iam:deleteuserpermissionsboundary",),
    ("sso:attachmanagedpolicytopermissionset",),
    ("sso:putinlinepolicytopermissionset",),
    ("lambda:updatefunctioncode",),
    ("glue:updatedevendpoint",),
    ("iam:passrole", "ec2:runinstances"),
    ("iam:passrole", "lambda:createfunction", "lambda:invokefunction"),
    ("iam:passrole", "lambda:createfunction", "lambda:createeventsourcemapping"),
    ("iam:passrole", "lambda:createfunction", "lambda:addpermission"),
    ("iam:passrole", "glue:createdevendpoint"),
    ("iam:passrole", "glue:createjob", "glue:startjobrun"),
    ("iam:passrole", "cloudformation:createstack"),
    ("iam:passrole", "cloudformation:setstackpolicy", "cloudformation:updatestack"),
    ("iam:passrole", "datapipeline:createpipeline", "datapipeline:putpipelinedefinition"),
    ("iam:passrole", "codestar:createproject"),
    ("iam:passrole", "codebuild:createproject", "codebuild:startbuild"),
    ("iam:passrole", "ecs:registertaskdefinition", "ecs:runtask"),
    ("iam:passrole", "ecs:registertaskdefinition", "ecs:createservice"),
    ("iam:passrole", "sagemaker:createnotebookinstance", "sagemaker:createpresignednotebookinstanceurl"),
    ("iam:passrole", "sagemaker:createtrainingjob"),
    ("iam:passrole", "states:createstatemachine", "states:startexecution"),
)
_READS = re.compile(
    r"(?:batch)?(?:get|list|describe|head|view|lookup|search|query|scan|check|detect|select|read|estimate|simulate|validate"
    r"|verify|count|filter|discover|poll|test|preview|calculate|compare|evaluate|resolve|download)[\w*?-]*"
)


def _actions(value: Value) -> list[str]:
    return [(text(action) or "*").strip().lower() for action in elements(value)]


def pattern(value: Value) -> tuple[str, bool]:
    """A text with each hole as HOLE, and whether anything of it is known."""
    written = text(value)
    if written is not None:
        return written.strip(), written != ""
    known = pieces(value)
    return "".join(HOLE if piece is None else piece for piece in known).strip(), any(known)


def grants(statement: Statement, action: str) -> Decision:
    """Whether a statement is about an action (a pattern in small letters), be it by wildcard or by NotAction."""
    if "Action" in statement.negated:
        return negation(any_of((_covers(item, action) for item in statement.actions), *statement.actions))
    return any_of((_meets(item, action) for item in statement.actions), statement.value)


def _meets(item: Value, action: str) -> Decision:
    written, some = pattern(item)
    if HOLE not in written:
        return Decision(overlap(written.lower(), action), item)
    possible = overlap(written.lower().replace(HOLE, "*"), action)
    return Decision(None if possible and not (some and item.references) else False, item)


def _covers(item: Value, action: str) -> Decision:
    written, _ = pattern(item)
    if HOLE not in written:
        return Decision(covers(written.lower(), action), item)
    return Decision(None if overlap(written.lower().replace(HOLE, "*"), action) else False, item)


def everywhere(statement: Statement, service: str) -> Decision:
    """Whether a statement's resources are all there are of a service, as far as no condition picks some of them."""
    if statement.unknown_condition is not None:
        conditions = Decision(None, statement.unknown_condition)
    else:
        picks = [test for test in statement.conditions if _PICKS_RESOURCES.match(test.key) and not test.if_exists]
        conditions = Decision(not picks, *(value for test in picks for value in test.values))
    if "Resource" in statement.negated:
        resources = Decision(True, *statement.resources)
    else:
        resources = any_of((_unrestricted(item, service) for item in statement.resources), statement.value)
    return shown_by(resources, all_of([resources, conditions]))


def _unrestricted(item: Value, service: str) -> Decision:
    written, some = pattern(item)
    if not some:
        return Decision(False if item.references else None, item)
    fields = written.split(":", 5)
    if fields[0] != "arn" or len(fields) < 6:
        rest = written.removeprefix("arn:")
        return Decision(HOLE not in rest and not re.sub(r"^aws[\w-]*:", "", rest).strip("*:"), item)
    if HOLE not in fields[2] and not overlap(fields[2].lower(), service):
        return Decision(False, item)
    parts = re.split(r"[:/]", fields[5])
    if fields[2].lower() != "s3" and parts[0] in _KINDS and len(parts) > 1:
        parts = parts[1:]
    if all(part == "" or not part.strip("*") for part in parts) and "*" in fields[5]:
        return Decision(True, item)
    # A hole that is the whole resource part may still be a wildcard.
    whole = all(part.strip("*") in ("", HOLE) for part in parts) and fields[2].lower() != "s3"
    return Decision(None if whole and not item.references else False, item)


def _allows(statement: Statement, actions: Decision, resources: Decision) -> Decision:
    """Whether it is an Allow, and both hold; what a finding shows is the resources."""
    return shown_by(resources, all_of([statement.has_effect("allow"), actions, resources]))


class Grants:
    """What a whole document grants everywhere, for questions about several actions."""

    __slots__ = ("_found", "_places", "document", "statements")

    def __init__(self, document: Value) -> None:
        self.document = document
        self.statements = read_policy(document)
        self._found: dict[str, Decision] = {}
        self._places: dict[tuple[int, str], Decision] = {}

    def everywhere(self, action: str) -> Decision:
        """Whether an action is allowed on all resources, and not denied by the same document."""
        found = self._found.get(action)
        if found is None:
            found = self._found[action] = self._everywhere(action)
        return found

    def _everywhere(self, action: str) -> Decision:
        service = action.partition(":")[0]
        allowed = any_of(
            (
                Decision(None, statement)
                if isinstance(statement, Unknown)
                else self._allowed(statement, action, service)
                for statement in self.statements
            ),
            self.document,
        )
        return all_of([allowed, negation(self._denied(action))]) if allowed.holds is not False else allowed

    def _allowed(self, statement: Statement, action: str, service: str) -> Decision:
        about = grants(statement, action)
        if about.holds is False:
            return about  # most statements are about something else: where they hold does not matter then
        places = self._places.get((id(statement), service))
        if places is None:
            places = self._places[id(statement), service] = everywhere(statement, service)
        return _allows(statement, about, places)

    def _denied(self, action: str) -> Decision:
        return any_of(
            (
                self._denies(statement, action)
                for statement in self.statements
                if not isinstance(statement, Unknown) and not statement.conditions
            ),
            self.document,
        )

    def _denies(self, statement: Statement, action: str) -> Decision:
        if "Action" in statement.negated:
            action_denied = negation(any_of((_meets(item, action) for item in statement.actions), *statement.actions))
        else:
            action_denied = any_of((_covers(item, action) for item in statement.actions), statement.value)
        return all_of([statement.has_effect("deny"), action_denied, everywhere(statement, action.partition(":")[0])])


@domain_function("allows_everywhere", 2, 2)
def allows_everywhere(document: Value, actions: Value) -> Decision:
    """Whether a policy allows one of these actions on all resources (`["kms:Decrypt", "kms:ReEncrypt*"]`)."""
    granted = Grants(document)
    return any_of((granted.everywhere(action) for action in _actions(actions)), document)


@domain_function("allows_escalation", 1, 1)
def allows_escalation(document: Value) -> Decision:
    """Whether a policy allows, everywhere, one of the known ways to gain further rights."""
    granted = Grants(document)
    return any_of((all_of(granted.everywhere(action) for action in path) for path in ESCALATIONS), document)


@domain_function("allows_full_service", 1, 2)
def allows_full_service(document: Value, exempt: Value | None = None) -> Decision:
    """Whether a policy allows all actions of a service, or of all services, on whatever resources.

    What NotAction leaves are whole services too. exempt: what may stand nevertheless, as it is written: `ssmmessages:*`.
    """
    free = () if exempt is None else tuple(_actions(exempt))
    return any_of(over(document, lambda statement: _full_service(statement, free)), document)


def _full_service(statement: Statement, exempt: tuple[str, ...]) -> Decision:
    if "Action" in statement.negated:
        excluded = Decision(True, member(statement.value, "NotAction"))
        return shown_by(excluded, all_of([statement.has_effect("allow"), excluded]))
    actions = any_of((_whole_service(item, exempt) for item in statement.actions), statement.value)
    return shown_by(actions, all_of([statement.has_effect("allow"), actions]))


def _whole_service(item: Value, exempt: tuple[str, ...]) -> Decision:
    written, some = pattern(item)
    if written.lower() in exempt:
        return Decision(False, item)
    if HOLE not in written:
        return Decision(re.fullmatch(r"\*+|[\w*-]+:\*+", written) is not None, item)
    _service, _, name = written.partition(":")
    possible = not name.strip("*" + HOLE) if some else True
    return Decision(None if possible and not item.references else False, item)


@domain_function("allows_all_but", 1, 1)
def allows_all_but(document: Value) -> Decision:
    """Whether a policy allows by exclusion: an Allow with NotAction, NotResource or NotPrincipal."""
    return any_of(over(document, _negated), document)


def _negated(statement: Statement) -> Decision:
    named = [member(statement.value, f"Not{name}") for name in sorted(statement.negated)]
    if not named:
        return Decision(False, statement.value)
    return shown_by(Decision(True, *named), all_of([statement.has_effect("allow"), Decision(True, *named)]))


@domain_function("allows_writing_everywhere", 1, 2)
def allows_writing_everywhere(document: Value, exempt: Value | None = None) -> Decision:
    """Whether a policy allows actions that change something, by their names, on all resources.

    exempt: patterns of actions that may stay, such as those that know no resources.
    """
    free = () if exempt is None else tuple(_actions(exempt))
    return any_of(over(document, lambda statement: _writes_everywhere(statement, free)), document)


def _writes_everywhere(statement: Statement, exempt: tuple[str, ...]) -> Decision:
    if "Action" in statement.negated:
        return _allows(statement, Decision(True, *statement.actions), everywhere(statement, "*"))
    return any_of(
        (
            _allows(statement, _writes(item, exempt), everywhere(statement, _service(item)))
            for item in statement.actions
        ),
        statement.value,
    )


def _service(action: Value) -> str:
    return pattern(action)[0].lower().partition(":")[0].replace(HOLE, "*")


def _writes(item: Value, exempt: tuple[str, ...]) -> Decision:
    written, _ = pattern(item)
    if any(covers(one, written.lower()) for one in exempt):
        return Decision(False, item)
    _, _, name = written.lower().partition(":")
    if _READS.fullmatch(name.replace(HOLE, "")):
        return Decision(False, item)
    return Decision(None if HOLE in written else True, item)


@domain_function("attaches", 2, 2)
def attaches(policies: Value, names: Value) -> Decision:
    """Whether one of the policies, by ARN, is one of AWS's own of these names (`AdministratorAccess`)."""
    wanted = [text(name) or "" for name in elements(names)]
    return any_of((_is_managed(policy, wanted) for policy in elements(policies)), policies)


def _is_managed(policy: Value, wanted: list[str]) -> Decision:
    tail = pieces(policy)[-1]
    if tail is not None:
        name = tail.rpartition("/")[2]
        if "/" in tail:
            return Decision(":aws:policy/" in tail and name in wanted, policy)
        return Decision(False if not any(one.endswith(name) for one in wanted) else None, policy)
    for resource, _attribute in policy.references:
        if not resource.data:
            return Decision(False, policy)  # a policy of one's own, which is judged by what it says
        for argument in ("name", "arn"):
            asked = text(member(resource.body, argument))
            if asked is not None:
                return Decision(asked.rpartition("/")[2] in wanted, policy)
    return Decision(None, policy)


@domain_function("spans_environments", 3, 3)
def spans_environments(document: Value, development: Value, production: Value) -> Decision:
    """Whether one policy allows something on resources of both kinds, by the words in their names."""
    items: list[Value] = []
    for statement in read_policy(document):
        if isinstance(statement, Unknown):
            return Decision(None, statement)
        if statement.has_effect("allow").holds:
            items += statement.resources
    return all_of([_some_has(items, words, document) for words in (development, production)])


def _some_has(items: list[Value], words: Value, document: Value) -> Decision:
    wanted = {(text(word) or "").lower() for word in elements(words)}
    return any_of(
        (Decision(bool(wanted & set(re.split(r"[^a-z0-9]+", pattern(item)[0].lower()))), item) for item in items),
        document,
    )

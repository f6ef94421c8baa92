"""What the pattern of a metric filter selects of an audit trail's events, and whether somebody hears of it.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from ..expression.evaluator import operand
from ..expression.values import Known, Lazy, Unknown, Value
from ..graph.graph import ResourceView
from ..model.matching import signature
from .decisions import Decision, all_of, any_of, domain_function, elements, member, names, nothing, text

Event = dict[str, str]  # dotted path → text

# What happens all day; a filter that selects this too selects everything and tells nobody anything.
ORDINARY: Event = {
    "eventVersion": "1.11",
    "eventType": "AwsApiCall",
    "eventCategory": "Management",
    "eventSource": "ec2.amazonaws.com",
    "eventName": "DescribeAvailabilityZones",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "198.51.100.7",
    "userAgent": "aws-cli/2.27.0",
    "userIdentity.type": "AssumedRole",
    "userIdentity.arn": "arn:aws:sts::111122223333:assumed-role/staff/someone",
    "userIdentity.accountId": "111122223333",
    "recipientAccountId": "111122223333",
    "managementEvent": "true",
    "readOnly": "true",
}

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>&&|\|\||[(){}]|!=|<=|>=|=|<|>)|"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]*)%"""
    r"""|(?P<bare>[^\s(){}=!<>&|"%]+))"""
)
_TERM = re.compile(r"""([-?]?)(?:"([^"]*)"|(\S+))""")


class PatternError(ValueError):
    """A pattern that cannot be read."""


class _Reader:
    """A JSON pattern against one event: `{ ($.eventName = Delete*) && ($.errorCode NOT EXISTS) }`."""

    __slots__ = ("event", "position", "tokens")

    def __init__(self, pattern: str, event: Mapping[str, str]) -> None:
        self.event = event
        self.position = 0
        self.tokens: list[tuple[str, str]] = []
        end = 0
        stripped = pattern.strip()
        while end < len(stripped):
            found = _TOKEN.match(stripped, end)
            if found is None or found.lastgroup is None:
                raise PatternError(stripped[end:])
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            end = found.end()

    def whole(self) -> bool:
        self.expect("{")
        holds = self.either()
        self.expect("}")
        if self.position != len(self.tokens):
            raise PatternError("text after the closing brace")
        return holds

    def either(self) -> bool:
        holds = self.both()
        while self.accept("||"):
            holds = self.both() or holds
        return holds

    def both(self) -> bool:
        holds = self.one()
        while self.accept("&&"):
            holds = self.one() and holds
        return holds

    def one(self) -> bool:
        if self.accept("("):
            holds = self.either()
            self.expect(")")
            return holds
        _kind, selector = self.next()
        if not selector.startswith("$"):
            raise PatternError(f"{selector} is no selector")
        path = re.sub(r"""\[["']?([^\]"']*)["']?\]""", r".\1", selector[1:]).strip(".")
        kind, operator = self.next()
        actual = self.event.get(path)
        # An object that the event has counts as there, though only its members are listed.
        exists = actual is not None or any(known.startswith(f"{path}.") for known in self.event)
        if kind == "bare" and operator.upper() in ("EXISTS", "NOT", "IS"):
            return self.asked(operator.upper(), exists, actual)
        if operator not in ("=", "!=") or kind != "mark":
            if kind == "mark" and operator in ("<", ">", "<=", ">="):
                self.next()
                return False  # the events here have no numbers
            raise PatternError(f"{operator} is no operator")
        kind, wanted = self.next()
        if actual is None:
            return operator == "!="
        if kind == "regex":
            try:
                same = re.search(wanted, actual) is not None
            except re.error as error:
                raise PatternError(wanted) from error
        else:
            same = fnmatchcase(actual, wanted.replace("[", "[[]"))
        return same is (operator == "=")

    def asked(self, operator: str, exists: bool, actual: str | None) -> bool:
        if operator == "EXISTS":
            return exists
        _kind, word = self.next()
        if operator == "NOT" and word.upper() == "EXISTS":
            return not exists
        if operator == "IS" and word.upper() in ("TRUE", "FALSE", "NULL"):
            return actual == word.lower()
        raise PatternError(f"{operator} {word}")

    def next(self) -> tuple[str, str]:
        if self.position == len(self.tokens):
            raise PatternError("the pattern ends too early")
        self.position += 1
        return self.tokens[self.position - 1]

    def accept(self, mark: str) -> bool:
        if self.position < len(self.tokens) and self.tokens[self.position] == ("mark", mark):
            self.position += 1
            return True
        return False

    def expect(self, mark: str) -> None:
        if not self.accept(mark):
            raise PatternError(f"{mark} is missing")


def selects(pattern: str, event: Mapping[str, str]) -> bool:
    """Whether a filter pattern selects an event. Raises PatternError where it cannot be read."""
    if pattern.lstrip().startswith("{"):
        return _Reader(pattern, event).whole()
    if pattern.lstrip().startswith("["):
        return False  # columns of a text; the trail's events are JSON
    values = " ".join(event.values())
    optional: list[bool] = []
    for sign, quoted, bare in _TERM.findall(pattern):
        there = (quoted or bare) in values
        if sign == "?":
            optional.append(there)
        elif there is (sign == "-"):
            return False
    return not optional or any(optional)


@domain_function("picks_out", 2, 2)
def picks_out(pattern: Value, events: Value) -> Decision:
    """Whether a metric filter's pattern selects each of some events of an audit trail, and not simply everything.

    events: a list of objects with what is special about each (`{eventName = "CreateVpc"}`); the rest is as in any call.
    """
    written = text(pattern)
    if written is None:
        return Decision(None, pattern)
    try:
        if selects(written, ORDINARY):
            return Decision(False, pattern)
        return Decision(all(selects(written, {**ORDINARY, **flat(event)}) for event in elements(events)), pattern)
    except PatternError:
        return Decision(None, pattern)


def flat(event: Value) -> Event:
    """The texts of an object by dotted path."""
    return dict(_leaves(event, ""))


def _leaves(value: Value, prefix: str) -> Iterator[tuple[str, str]]:
    value = value if isinstance(value, Lazy) else operand(value)
    for name in names(value):
        yield from _leaves(member(value, name), f"{prefix}{name}.")
    written = text(value)
    if prefix and written is not None:
        yield prefix[:-1], written


@domain_function("raises_alarm", 1, 1)
def raises_alarm(self: Value) -> Decision:
    """Whether an alarm of the same root, with actions, watches the metric that a metric filter counts into."""
    if not isinstance(self, ResourceView):
        return Decision(None, self)
    transformations = elements(member(self, "MetricTransformations"))
    found = (
        all_of([any_of(_watches(self, alarm, one) for one in transformations), _acts(alarm)])
        if isinstance(alarm, Lazy)
        else Decision(None, alarm)
        for alarm in self.graph.beside(self.resource, "AWS::CloudWatch::Alarm")
    )
    return any_of(found, self)


def _watches(filter: ResourceView, alarm: Value, transformation: Value) -> Decision:
    metrics = [alarm, *(member(member(one, "MetricStat"), "Metric") for one in elements(member(alarm, "Metrics")))]
    return any_of(
        all_of(
            [
                _same(filter, member(metric, "MetricName"), member(transformation, "MetricName")),
                _same(filter, member(metric, "Namespace"), member(transformation, "MetricNamespace")),
            ]
        )
        for metric in metrics
    )


def _same(filter: ResourceView, watched: Value, counted: Value) -> Decision:
    if nothing(watched):
        return Decision(False, watched)
    watched, counted = operand(watched), operand(counted)
    if isinstance(watched, Known) and isinstance(counted, Known):
        return Decision(text(watched) == text(counted), watched)
    if any(resource is filter.resource.written for resource, _attribute in watched.references):
        return Decision(True, watched)  # `metric_name = aws_cloudwatch_log_metric_filter.x.id`
    if isinstance(watched, Unknown) and isinstance(counted, Unknown):
        own = signature(watched)
        if own is not None and own == signature(counted):
            return Decision(True, watched)
    return Decision(None, watched, counted)


def _acts(alarm: Value) -> Decision:
    enabled = member(alarm, "ActionsEnabled")
    switched = text(enabled)
    on = Decision(None if switched is None and isinstance(operand(enabled), Unknown) else switched != "false", enabled)
    actions = member(alarm, "AlarmActions")
    whole = operand(actions)
    if not nothing(actions) and isinstance(whole, Unknown):  # a list that nobody knows, perhaps an empty one
        return all_of([on, Decision(True if whole.length is not None and whole.length[0] else None, actions)])
    return all_of([on, Decision(bool(elements(actions)), actions)])

"""Nodes of a template to the expression tree: intrinsics in short and long form, text, lists and maps.

Used by stack.py whenever a property is first asked for; functions.py holds what the calls made here mean.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable

from ...expression import tree
from ...source import SourceRange
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode
from .shapes import DIRECTIVE, constant, for_each, intrinsic, offset_of_text, plain_text

CONDITION_PREFIX = "Condition "  # in front of a condition's name: no logical id has a blank
RESOLVE = "{{resolve:"

Loops = tuple[str, ...]  # the identifiers of the Fn::ForEach loops around a node

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_LOOP_PLACEHOLDER = re.compile(r"([$&])\{([^}]*)\}")


class Lowering:
    """The expressions of one template; each node is lowered once, whoever nests the template.

    include: gives the node of a local file that AWS::Include names, None if it is not at hand.
    """

    __slots__ = ("_include", "_lowered")

    def __init__(self, include: Callable[[Node | None], Node | None]) -> None:
        # With the node itself, so that no other node gets its id.
        self._lowered: dict[tuple[int, Loops], tuple[Node, tree.Expression]] = {}
        self._include = include

    def lower(self, node: Node, loops: Loops = ()) -> tree.Expression:
        """The expression that a node means, wherever a value stands."""
        found = self._lowered.get((id(node), loops))
        if found is None:
            found = self._lowered[id(node), loops] = (node, self._lower(node, loops))
        return found[1]

    def entry(self, key: ScalarNode, value: Node, loops: Loops) -> tree.Expression:
        """The expression of a map's value; that of an alias is reported where the alias stands, at the key."""
        expression = self.lower(value, loops)
        if value.start < key.start:
            expression = copy.copy(expression)
            expression.range = key.range
        return expression

    def _lower(self, node: Node, loops: Loops) -> tree.Expression:
        found = intrinsic(node)
        if found is not None:
            name, argument = found
            return self._intrinsic(name, argument, node.range, loops)
        if isinstance(node, ScalarNode):
            return self._scalar(node, loops)
        if isinstance(node, ListNode):
            return tree.Tuple([self.lower(item, loops) for item in node.items], node.range)
        assert isinstance(node, MapNode)
        return self._map(node, loops)

    def _scalar(self, node: ScalarNode, loops: Loops) -> tree.Expression:
        if loops and any(match[2] in loops for match in _LOOP_PLACEHOLDER.finditer(node.text)):
            return self.text(node, node.text, loops)
        if RESOLVE in node.text:
            return _call("Fn::Resolve", [tree.Literal(node.text, node.range)], node.range)
        return tree.Literal(constant(node), node.range)

    def text(self, node: Node, text: str, loops: Loops) -> tree.Expression:
        """A text in which only the identifiers of loops are placeholders."""
        parts: list[tree.Expression] = []
        position = 0
        for match in _LOOP_PLACEHOLDER.finditer(text):
            if match[2] in loops:
                if match.start() > position:
                    parts.append(tree.Literal(text[position : match.start()], node.range))
                parts.append(_loop_value(match[1], match[2], node.range))
                position = match.end()
        if position < len(text):
            parts.append(tree.Literal(text[position:], node.range))
        return _joined(parts, node.range)

    def key(self, node: Node, loops: Loops) -> tree.Expression:
        """The expression of a key inside loops."""
        assert isinstance(node, ScalarNode)
        return self.text(node, node.text, loops)

    def _map(self, node: MapNode, loops: Loops) -> tree.Expression:
        items: list[tuple[tree.Expression, tree.Expression]] = []
        rest: list[tree.Expression] = []
        for key, value in node.entries:
            if key.text.startswith("Fn::ForEach::"):
                rest.append(self._for_each(key, value, loops))
            elif key.text == "Fn::Transform":
                included = self.included(value)
                rest.append(
                    self.lower(included, loops)
                    if included is not None
                    else _transform(value, key.range.to(value.range))
                )
            else:
                name = self.text(key, key.text, loops) if loops else tree.Literal(key.text, key.range)
                items.append((name, self.entry(key, value, loops)))
        own = tree.Object(items, node.range)
        if not rest:
            return own
        return _call("Fn::Merge", [*rest, own] if items else rest, node.range)

    def included(self, argument: Node) -> Node | None:
        """The node that an `Fn::Transform` of AWS::Include puts in its place; None if it cannot be read."""
        if not isinstance(argument, MapNode) or _scalar_text(argument.get("Name")) != "AWS::Include":
            return None
        parameters = argument.get("Parameters")
        return self._include(parameters.get("Location") if isinstance(parameters, MapNode) else None)

    def _for_each(self, key: ScalarNode, value: Node, loops: Loops) -> tree.Expression:
        loop = for_each(value)
        if loop is None:
            return _invalid("Fn::ForEach takes [identifier, collection, {key: value}]", key.range)
        identifier, collection, body = loop
        inner = (*loops, identifier)
        rounds: list[tree.Expression] = []
        for body_key, body_value in body.entries:
            if body_key.text.startswith("Fn::ForEach::"):
                # Each round of the outer loop gives a map: all of them together.
                each = self._for_each(body_key, body_value, inner)
                listed = self.lower(collection, loops)
                maps = tree.For(None, identifier, listed, None, each, None, False, value.range)
                rounds.append(tree.Call("Fn::Merge", [maps], True, value.range))
                continue
            rounds.append(
                tree.For(
                    None,
                    identifier,
                    self.lower(collection, loops),
                    self.text(body_key, body_key.text, inner),
                    self.lower(body_value, inner),
                    None,
                    False,
                    value.range,
                )
            )
        return rounds[0] if len(rounds) == 1 else _call("Fn::Merge", rounds, value.range)

    # -----------------------------------------------------------------------------------------------------------------
    # Conditions

    def condition(self, node: Node, loops: Loops = ()) -> tree.Expression:
        """A condition: a name, `Condition: name`, or one of the functions of conditions."""
        if isinstance(node, ScalarNode) and node.tag in (None, "!Condition"):
            if loops and _LOOP_PLACEHOLDER.search(node.text):
                return _call("Fn::Condition", [self.text(node, node.text, loops)], node.range)
            return _condition_name(node)
        if isinstance(node, MapNode) and len(node.entries) == 1 and node.entries[0][0].text == "Condition":
            return self.condition(node.entries[0][1], loops)
        return self.lower(node, loops)

    def _equals(self, arguments: list[Node], range: SourceRange, loops: Loops) -> tree.Expression:
        left, right = (self._as_text(argument, loops) for argument in arguments)
        equal = tree.Binary("==", left, right, range)
        # Wrapped, so that an undecidable comparison becomes the atom that is split, not the names made of it.
        return tree.Choose(equal, tree.Literal(True, range), tree.Literal(False, range), range)

    def _as_text(self, node: Node, loops: Loops) -> tree.Expression:
        # CloudFormation compares texts: 1 equals "1", and true equals "true".
        if isinstance(node, ScalarNode) and intrinsic(node) is None:
            expression = self.lower(node, loops)
            return tree.Literal(plain_text(node), node.range) if isinstance(expression, tree.Literal) else expression
        return _call("Fn::Text", [self.lower(node, loops)], node.range)

    # -----------------------------------------------------------------------------------------------------------------
    # Intrinsics

    def _intrinsic(self, name: str, argument: Node, range: SourceRange, loops: Loops) -> tree.Expression:
        if name == "Ref":
            return self._ref(argument, range, loops)
        if name == "Fn::GetAtt":
            return self._get_att(argument, range, loops)
        if name == "Fn::Sub":
            return self._sub(argument, range, loops)
        if name == "Fn::Transform":
            included = self.included(argument)
            return self.lower(included, loops) if included is not None else _transform(argument, range)
        if name == "Condition":
            return self.condition(argument, loops)
        if name in _ONE:
            return _call(name, [self.lower(_only(argument, name), loops)], range)
        if name.startswith(f"Fn::{DIRECTIVE}"):
            return _call("Fn::Transform", [tree.Literal(name.removeprefix("Fn::"), range)], range)
        if name not in _COUNTS:
            return _invalid(f"{name} is no intrinsic function of CloudFormation", range)
        least, most = _COUNTS[name]
        if not isinstance(argument, ListNode) or not least <= len(argument.items) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            return _invalid(f"{name} takes a list of {count} values", range)
        arguments = argument.items
        if name == "Fn::If":
            condition, then, otherwise = arguments
            return tree.Choose(
                self.condition(condition, loops), self.lower(then, loops), self.lower(otherwise, loops), range
            )
        if name == "Fn::Equals":
            return self._equals(arguments, range, loops)
        if name == "Fn::Not":
            return tree.Unary("!", self.condition(arguments[0], loops), range)
        if name in ("Fn::And", "Fn::Or"):
            joined = self.condition(arguments[0], loops)
            for other in arguments[1:]:
                joined = tree.Binary("&&" if name == "Fn::And" else "||", joined, self.condition(other, loops), range)
            return joined
        if name == "Fn::FindInMap":
            return self._find_in_map(arguments, range, loops)
        if name == "Fn::Select":
            split = intrinsic(arguments[1])
            if split is not None and split[0] == "Fn::Split" and isinstance(split[1], ListNode):
                pieces = split[1].items
                if len(pieces) == 2:
                    arguments = [arguments[0], *pieces]
                    name = "Fn::SelectSplit"
        return self._resolved(_call(name, [self.lower(item, loops) for item in arguments], range), argument)

    def _ref(self, argument: Node, range: SourceRange, loops: Loops) -> tree.Expression:
        if not isinstance(argument, ScalarNode) or intrinsic(argument) is not None:
            return _call("Fn::Ref", [self.lower(argument, loops)], range)
        if loops and argument.text not in loops and _LOOP_PLACEHOLDER.search(argument.text):
            return _call("Fn::Ref", [self.text(argument, argument.text, loops)], range)
        return tree.Name(argument.text, range)

    def _get_att(self, argument: Node, range: SourceRange, loops: Loops) -> tree.Expression:
        if isinstance(argument, ScalarNode):
            resource, dot, attribute = argument.text.partition(".")
            if not dot:
                return _invalid("Fn::GetAtt takes a resource and an attribute", range)
            names = [self.text(argument, resource, loops), self.text(argument, attribute, loops)]
            return _call("Fn::GetAtt", names, range)
        if not isinstance(argument, ListNode) or len(argument.items) < 2:
            return _invalid("Fn::GetAtt takes a resource and an attribute", range)
        parts = [self.lower(item, loops) for item in argument.items]
        if len(parts) == 2:
            return _call("Fn::GetAtt", parts, range)
        dotted: list[tree.Expression] = [parts[1]]
        for part in parts[2:]:
            dotted += [tree.Literal(".", range), part]
        return _call("Fn::GetAtt", [parts[0], tree.Template(dotted, range)], range)

    def _sub(self, argument: Node, range: SourceRange, loops: Loops) -> tree.Expression:
        bindings: dict[str, tree.Expression] = {}
        if isinstance(argument, ListNode) and len(argument.items) == 2 and isinstance(argument.items[1], MapNode):
            bindings = {key.text: self.entry(key, value, loops) for key, value in argument.items[1].entries}
            argument = argument.items[0]
        elif isinstance(argument, ListNode) and len(argument.items) == 1:
            argument = argument.items[0]
        if not isinstance(argument, ScalarNode):
            return _invalid("Fn::Sub takes a text, or a list of a text and a map", range)
        text = argument.text
        offset = offset_of_text(argument)
        parts: list[tree.Expression] = []
        position = 0

        def place(start: int, end: int) -> SourceRange:
            if offset is None:
                return range
            return SourceRange(range.file, offset + start, offset + end)

        for match in (_LOOP_PLACEHOLDER if loops else _PLACEHOLDER).finditer(text):
            content = match[match.lastindex or 0].strip()
            loop_form = bool(loops) and match[1] == "&"
            if loop_form and content not in loops:
                continue
            if match.start() > position:
                parts.append(tree.Literal(text[position : match.start()], place(position, match.start())))
            position = match.end()
            here = place(match.start(), match.end())
            if content.startswith("!"):
                parts.append(tree.Literal("${" + content[1:] + "}", here))
            elif content in bindings:
                parts.append(bindings[content])
            elif loop_form:
                parts.append(_loop_value("&", content, here))
            elif "." in content:
                resource, _, attribute = content.partition(".")
                names: list[tree.Expression] = [tree.Literal(resource, here), tree.Literal(attribute, here)]
                parts.append(_call("Fn::GetAtt", names, here))
            else:
                parts.append(tree.Name(content, here))
        if position < len(text):
            parts.append(tree.Literal(text[position:], place(position, len(text))))
        return self._resolved(_joined(parts, range), argument)

    def _resolved(self, expression: tree.Expression, argument: Node) -> tree.Expression:
        # A dynamic reference may be put together from parts.
        if RESOLVE in argument.range.text:
            return _call("Fn::Resolve", [expression], expression.range)
        return expression

    def _find_in_map(self, arguments: list[Node], range: SourceRange, loops: Loops) -> tree.Expression:
        lowered = [self._as_text(item, loops) for item in arguments[:3]]
        if len(arguments) == 4:
            options = arguments[3]
            default = options.get("DefaultValue") if isinstance(options, MapNode) else None
            if default is None:
                return _invalid("the fourth argument of Fn::FindInMap is {DefaultValue: …}", range)
            lowered.append(self.lower(default, loops))
        return _call("Fn::FindInMap", lowered, range)


# Intrinsics with one argument, and those with a list: how many values it has.
_ONE = frozenset({"Fn::Base64", "Fn::GetAZs", "Fn::ImportValue", "Fn::Length", "Fn::RefAll", "Fn::ToJsonString"})
_COUNTS = {
    "Fn::If": (3, 3),
    "Fn::Equals": (2, 2),
    "Fn::Not": (1, 1),
    "Fn::And": (1, 10),
    "Fn::Or": (1, 10),
    "Fn::FindInMap": (3, 4),
    "Fn::Select": (2, 2),
    "Fn::Split": (2, 2),
    "Fn::Join": (2, 2),
    "Fn::Cidr": (2, 3),
    # Of the section Rules alone.
    "Fn::Contains": (2, 2),
    "Fn::EachMemberEquals": (2, 2),
    "Fn::EachMemberIn": (2, 2),
    "Fn::ValueOf": (2, 2),
    "Fn::ValueOfAll": (2, 2),
}


def _scalar_text(node: Node | None) -> str | None:
    return node.text if isinstance(node, ScalarNode) else None


def _only(argument: Node, name: str) -> Node:
    # `!Base64 [x]` and `!GetAZs [x]` are seen in the wild; a list is the argument itself of the others.
    if isinstance(argument, ListNode) and len(argument.items) == 1 and name not in ("Fn::Length", "Fn::ToJsonString"):
        return argument.items[0]
    return argument


def _condition_name(node: ScalarNode) -> tree.Expression:
    # Only the name: equal conditions are known by their text, whether in quotes or not.
    offset = offset_of_text(node)
    range = node.range if offset is None else SourceRange(node.file, offset, offset + len(node.text))
    return tree.Name(CONDITION_PREFIX + node.text, range)


def _loop_value(form: str, identifier: str, range: SourceRange) -> tree.Expression:
    name = tree.Name(identifier, range)
    return name if form == "$" else _call("Fn::Alphanumeric", [name], range)


def _joined(parts: list[tree.Expression], range: SourceRange) -> tree.Expression:
    if not parts:
        return tree.Literal("", range)
    if len(parts) == 1:
        only = copy.copy(parts[0])
        only.range = range
        return only
    return tree.Template(parts, range)


def _transform(argument: Node, range: SourceRange) -> tree.Expression:
    name = _scalar_text(argument.get("Name")) if isinstance(argument, MapNode) else None
    return _call("Fn::Transform", [tree.Literal(name or "a macro", range)], range)


def _invalid(message: str, range: SourceRange) -> tree.Expression:
    return _call("Fn::Invalid", [tree.Literal(message, range)], range)


def _call(name: str, arguments: list[tree.Expression], range: SourceRange) -> tree.Call:
    return tree.Call(name, arguments, False, range)

"""Takes the secrets out of a plan's text, which holds them in clear: no excerpt of the file can show one.

Used by plan.py after the text was parsed; the masked text has the same length, so all ranges stay right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...source import SourceFile
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode
from .plan_references import fields_of

# A secret this short is masked where it stands as a whole string, not inside of others.
SHORT = 6


def mask_secrets(document: Node, file: SourceFile) -> None:
    """Replaces every text that a sensitive path, variable or output of the plan holds by asterisks, wherever it is."""
    raw = {file.text[node.start + 1 : node.end - 1] for node in _secrets(document) if not node.plain}
    raw.discard("")
    if not raw:
        return
    inside = [re.escape(text) for text in sorted(raw, key=len, reverse=True) if len(text) >= SHORT]
    whole = [f'(?<="){re.escape(text)}(?=")' for text in sorted(raw) if len(text) < SHORT]
    pattern = re.compile("|".join([*inside, *whole]))
    file.text = pattern.sub(lambda match: "*" * len(match[0]), file.text)


def _secrets(document: Node) -> Iterator[ScalarNode]:
    plan = fields_of(document)
    for state in (plan.get("planned_values"), fields_of(plan.get("prior_state")).get("values")):
        yield from _of_module(fields_of(state).get("root_module"))
        yield from _of_outputs(fields_of(state).get("outputs"))
    for changes in (plan.get("resource_changes"), plan.get("resource_drift")):
        for item in changes.items if isinstance(changes, ListNode) else ():
            yield from _of_change(fields_of(item).get("change"))
    for item in fields_of(plan.get("output_changes")).values():
        yield from _of_change(item)
    root = fields_of(fields_of(plan.get("configuration")).get("root_module"))
    given = fields_of(plan.get("variables"))
    for name, variable in fields_of(root.get("variables")).items():
        declared = fields_of(variable)
        if _is_true(declared.get("sensitive")):
            yield from _all(declared.get("default"))
            yield from _all(fields_of(given.get(name)).get("value"))


def _of_module(node: Node | None) -> Iterator[ScalarNode]:
    waiting = [node]
    while waiting:
        module = fields_of(waiting.pop())
        resources, children = module.get("resources"), module.get("child_modules")
        for item in resources.items if isinstance(resources, ListNode) else ():
            resource = fields_of(item)
            yield from _marked(resource.get("values"), resource.get("sensitive_values"))
        waiting.extend(children.items if isinstance(children, ListNode) else ())


def _of_outputs(node: Node | None) -> Iterator[ScalarNode]:
    for item in fields_of(node).values():
        output = fields_of(item)
        if _is_true(output.get("sensitive")):
            yield from _all(output.get("value"))


def _of_change(node: Node | None) -> Iterator[ScalarNode]:
    change = fields_of(node)
    yield from _marked(change.get("before"), change.get("before_sensitive"))
    yield from _marked(change.get("after"), change.get("after_sensitive"))


def _marked(value: Node | None, mark: Node | None) -> Iterator[ScalarNode]:
    """The scalars below the places that are marked; a mark has the shape of its value."""
    waiting = [(value, mark)]
    while waiting:
        node, marks = waiting.pop()
        if _is_true(marks):
            yield from _all(node)
        elif isinstance(marks, MapNode):
            members = fields_of(node)
            waiting.extend((members.get(key.text), each) for key, each in marks.entries)
        elif isinstance(marks, ListNode) and isinstance(node, ListNode):
            waiting.extend(zip(node.items, marks.items, strict=False))


def _all(node: Node | None) -> Iterator[ScalarNode]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, ScalarNode):
            yield current
        elif isinstance(current, ListNode):
            waiting.extend(current.items)
        elif isinstance(current, MapNode):
            waiting.extend(value for _, value in current.entries)


def _is_true(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.plain and node.text == "true"

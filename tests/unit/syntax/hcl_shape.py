"""A short notation for expression trees, shared by the tests of the HCL reader."""

from __future__ import annotations

import json
from decimal import Decimal

from hipaalint.expression import tree
from hipaalint.syntax.hcl import Body


def shape(node: tree.Expression, heredocs: bool = True) -> str:
    """The tree as nested prefix forms. With heredocs=False what a heredoc contains is left out."""

    def of(*nodes: tree.Expression) -> str:
        return " ".join(shape(each, heredocs) for each in nodes)

    match node:
        case tree.Literal() | tree.Template() if not heredocs and node.range.text.startswith("<<"):
            return "<<"
        case tree.Literal(value=Decimal() as number):
            return str(number)
        case tree.Literal(value=value):
            return json.dumps(value, ensure_ascii=False)
        case tree.Name(name=name):
            return name
        case tree.Attribute(source=source, name=name):
            return f"(. {of(source)} {name})"
        case tree.Index(source=source, key=key):
            return f"([] {of(source, key)})"
        case tree.Splat(source=source, each=each):
            return f"(* {of(source, each)})"
        case tree.SplatItem():
            return "@"
        case tree.Unary(operator=operator, operand=operand):
            return f"({operator} {of(operand)})"
        case tree.Binary(operator=operator, left=left, right=right):
            return f"({operator} {of(left, right)})"
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"(? {of(condition, then, otherwise)})"
        case tree.Template(parts=parts):
            return f"(template {of(*parts)})"
        case tree.TemplateFor(key=key, value=value, collection=collection, body=body):
            return f"(template-for {key or '-'} {value} {of(collection, body)})"
        case tree.Tuple(items=items):
            return f"[{of(*items)}]"
        case tree.Object(items=pairs):
            return "{" + ", ".join(of(*pair) for pair in pairs) + "}"
        case tree.Call(name=name, arguments=arguments, expand=expand):
            return f"({name}!{' ' if arguments else ''}{of(*arguments)}{' ...' if expand else ''})"
        case tree.For():
            key_result = f"{of(node.key_result)} => " if node.key_result is not None else ""
            grouping = " ..." if node.grouping else ""
            only = f" if {of(node.condition)}" if node.condition is not None else ""
            names = f"{node.key or '-'} {node.value}"
            return f"(for {names} {of(node.collection)} : {key_result}{of(node.value_result)}{grouping}{only})"
        case _:
            raise AssertionError(f"no such node: {node!r}")


def body_shape(body: Body, heredocs: bool = True) -> list[object]:
    """Attributes and blocks of a body, nested."""
    attributes = [f"{name} = {shape(each.expression, heredocs)}" for name, each in body.attributes.items()]
    return [
        sorted(attributes),
        [[block.type, *block.labels, body_shape(block.body, heredocs)] for block in body.blocks],
    ]

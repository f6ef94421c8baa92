"""Every name in the lifting, defaults and relations tables is one that the schemas know, or a removed one with its source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from hipaalint.expression.tree import Attribute, Binary, Call, Conditional, Expression, Name, Unary
from hipaalint.graph.relations import Relation, relations
from hipaalint.model.defaults import DefaultRow, default_rows
from hipaalint.model.provider_schema import TerraformTypeSchema, provider_schema
from hipaalint.model.registry import PropertySchema, registry
from hipaalint.model.tables import Row, raw_rows, read_yaml_folder, row
from hipaalint.syntax.hcl import parse_expression

ROWS = [found for written in sorted(raw_rows()) if (found := row(written)) is not None]
ROWS += [split.row for found in ROWS for split in found.splits]
DEFAULTS = [
    pytest.param(type, path, found, id=f"{type}/{path}[{number}]")
    for type, by_path in sorted(default_rows().items())
    for path, rows in by_path.items()
    for number, found in enumerate(rows)
]
RELATIONS = [relation for named in relations().forward.values() for relation in named.values()]


def removed_arguments() -> dict[str, dict[str, Any]]:
    """written type → argument path → {last: major, source: URL}; `.` stands for the type itself."""
    found: dict[str, dict[str, Any]] = {}
    for _file, content in read_yaml_folder("removed"):
        for written, arguments in (content or {}).items():
            found.setdefault(written, {}).update(arguments)
    return found


REMOVED = removed_arguments()
# The rows of the provider's schema leave out every `id`, also where it can be written:
# https://github.com/hashicorp/terraform-provider-aws/blob/v6.62.0/website/docs/r/instance.html.markdown
IDENTIFIERS = frozenset({"launch_template.id"})


def targets(table_row: Row) -> Iterator[tuple[str, ...]]:
    """The registry paths that a row names, those of a side-car completed with the property it fills."""
    raw = table_row.raw
    prefixes = [fold.at for fold in table_row.folds] or [()]
    named = [
        t
        for targets in (raw.get("rename") or {}).values()
        for t in (targets if isinstance(targets, list) else [targets])
    ]
    named += [*(raw.get("explode") or {}), *(raw.get("keyed") or {})]
    for target in [*named, *(raw.get("pairs") or {}), *(raw.get("constant") or {}), *(raw.get("never") or ())]:
        for prefix in prefixes:
            yield (*prefix, *target.split("."))
    for target, arguments in (raw.get("explode") or {}).items():
        for name in arguments.values():
            for prefix in prefixes:
                yield (*prefix, *target.split("."), name)
    for fold in table_row.folds:
        for name in fold.explode.values():
            yield (*fold.at, name)


def sources(table_row: Row) -> Iterator[tuple[str, ...]]:
    """The Terraform paths that a row names."""
    raw = table_row.raw
    for path in [*(raw.get("rename") or {}), *(raw.get("values") or {})]:
        yield tuple(path.split("."))
    for arguments in (raw.get("pairs") or {}).values():
        for path in arguments:
            yield tuple(path.split("."))
    for fold in table_row.folds:
        yield fold.via
        if fold.element:
            yield fold.element
        for name in (*fold.when, *fold.explode, *fold.within):
            yield (name,)


@pytest.mark.parametrize("table_row", ROWS, ids=lambda r: r.written)
def test_the_registry_knows_what_a_row_lifts_to(table_row: Row) -> None:
    for type in {table_row.type, *(fold.onto for fold in table_row.folds)}:
        if type == table_row.written and not type.startswith("AWS::"):
            continue  # a side-car without a type of its own in the registry
        schema = registry().type(type)
        assert schema is not None, f"{type} is no registry type"
    at = {fold.onto: fold.at for fold in table_row.folds}
    for onto, path in at.items():
        schema = registry().type(onto)
        assert schema is not None
        assert schema.property(path) is not None, f"{onto} has no {'.'.join(path)}"
    type = table_row.folds[0].onto if table_row.folds else table_row.type
    schema = registry().type(type)
    for path in targets(table_row):
        assert schema is not None, f"{table_row.written} keeps its own type and so has no registry paths"
        assert schema.property(path) is not None, f"{type} has no {'.'.join(path)}"


@pytest.mark.parametrize("table_row", [r for r in ROWS if r.written.startswith("aws_")], ids=lambda r: r.written)
def test_the_provider_knows_what_a_row_reads(table_row: Row) -> None:
    removed = REMOVED.get(table_row.written, {})
    schema = provider_schema().type(table_row.written)
    if schema is None:
        assert "." in removed, f"{table_row.written} is no type of the provider, nor listed as removed"
        return
    for path in sources(table_row):
        dotted = ".".join(path)
        known = schema.argument(path) is not None or dotted in IDENTIFIERS
        assert known or dotted in removed, f"{table_row.written} has no argument {dotted}, nor is it listed as removed"


def test_removed_arguments_are_gone_and_say_since_when() -> None:
    for written, arguments in REMOVED.items():
        schema = provider_schema().type(written)
        for path, entry in arguments.items():
            assert set(entry) == {"last", "source"}, f"{written}.{path}: takes last and source"
            assert 1 <= entry["last"] < 6
            assert entry["source"].startswith("https://")
            if path == ".":
                assert schema is None, f"{written} exists"
            elif isinstance(schema, TerraformTypeSchema):
                assert schema.argument(path.split(".")) is None, f"{written} still has {path}"


@pytest.mark.parametrize(("type", "path", "default"), DEFAULTS)
def test_a_default_names_a_property_and_its_source(type: str, path: str, default: DefaultRow) -> None:
    schema = registry().type(type)
    if schema is not None:
        found = schema.property(path.split("."))
        assert found is not None, f"{type} has no {path}"
        _fits(default.raw["value"], found, path)
    elif type.startswith("aws_"):
        provider = provider_schema().type(type)
        assert provider is not None
        assert provider.argument(path.split(".")) is not None
    else:
        pytest.fail(f"{type} is no type")
    assert str(default.raw.get("source", "")).startswith("https://"), f"{path}: where is it documented?"
    date.fromisoformat(str(default.raw.get("checked")))  # when it was looked up
    assert default.origins <= {"cloudformation", "aws", "awscc"}
    if default.when is not None:
        for name in _names(parse_expression(default.when)):
            assert schema is not None
            assert schema.property((name,)) is not None, f"the condition of {path} names {name}"


def _fits(value: Any, schema: PropertySchema, path: str) -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
        "boolean": bool,
        "string": str,
        "integer": int,
        "number": (int, float),
        "array": list,
        "object": dict,
    }
    if value is None or schema.kind == "json":
        return
    assert isinstance(value, kinds[schema.kind]), f"{path} is of kind {schema.kind}, not {value!r}"


def _names(node: Expression) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.name
    elif isinstance(node, Attribute):
        yield from _names(node.source)
    elif isinstance(node, Unary):
        yield from _names(node.operand)
    elif isinstance(node, Binary):
        yield from _names(node.left)
        yield from _names(node.right)
    elif isinstance(node, Conditional):
        for part in (node.condition, node.then, node.otherwise):
            yield from _names(part)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from _names(argument)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: f"{r.source}/{r.name}")
def test_a_relation_names_types_and_properties(relation: Relation) -> None:
    for type in (relation.source, *relation.targets):
        assert type in registry() or type.startswith(("aws_", "Custom::")), f"{type} is no type"
    schema = registry().type(relation.source)
    if schema is not None:
        for path in relation.by:
            assert schema.property(path) is not None, f"{relation.source} has no {'.'.join(path)}"
        taken = {name for name in (relation.name, relation.inverse) if name and schema.property((name,))}
        assert not taken, f"{taken} is a property already"

"""Lifting: a written resource seen under its registry type and the registry's property names, read on demand.

Between load/ and graph/. The tables (model/tables.py) say where a property comes from; names that agree when case and
`_` are ignored need no row. What nobody wrote is Absent, with its documented default (model/defaults.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from ..expression import convert
from ..expression.evaluator import unknown_from
from ..expression.values import (
    MAPPINGS,
    NO_DEFAULT,
    NOT_LIFTED,
    OBJECT,
    SEQUENCES,
    STRING,
    TUPLE,
    Absent,
    Known,
    Lazy,
    Unknown,
    Value,
    is_null,
    is_true,
    known,
)
from ..expression.world import Deferred
from ..resource import WrittenResource
from ..source import SourceRange
from . import defaults
from .default_conditions import holds_for
from .json_text import object_behind
from .provider_schema import ArgumentSchema, provider_schema
from .registry import PropertySchema, normalised, registry
from .registry_values import joined, mapped, scalar, snake_case, tag_entries
from .resource import Resource
from .tables import Member, Path, Row, Shape, folds_onto, row
from .written import is_nothing, may_be_empty, member_of, names_of, read_path

# fills one property (or one below it) from side-cars: (value of the resource itself) → value
Filler = Callable[[Value], Value]


class Lifting:
    """What the lifting of one resource shares between all its objects. base: where a side-car's content stands."""

    __slots__ = ("base", "fillers", "resource", "row", "schema_type", "written")

    def __init__(self, written: WrittenResource, row: Row | None, type: str, base: Path = ()) -> None:
        self.written = written
        self.row = row
        self.schema_type = type
        self.base = base
        self.fillers: dict[Path, list[Filler]] = {}
        self.resource: Resource | None = None

    @property
    def from_terraform(self) -> bool:
        return self.written.origin != "cloudformation"


class LiftedObject(Lazy):
    """An object under registry names: a resource's properties, or an object inside them.

    written: what it is read from (Attributes, or a Known object). path: dotted, from the resource. assembled: it has no
    written counterpart of its own, only members that the table collects. partial: it stands for a resource that is
    declared elsewhere, of which only the folded parts are known.
    """

    __slots__ = (
        "_properties",
        "_written_names",
        "argument",
        "assembled",
        "lifting",
        "partial",
        "path",
        "schema",
        "shape",
        "written",
    )

    def __init__(
        self,
        lifting: Lifting,
        written: Value,
        schema: PropertySchema | None,
        shape: Shape,
        path: Path,
        range: SourceRange | None,
        *,
        argument: ArgumentSchema | None = None,
        assembled: bool = False,
        partial: bool = False,
    ) -> None:
        super().__init__(range)
        self.lifting = lifting
        self.written = written
        self.schema = schema
        self.shape = shape
        self.path = path
        self.argument = argument
        self.assembled = assembled
        self.partial = partial
        self._properties: dict[str, Deferred] = {}
        self._written_names: dict[str, str] | None = None

    def get(self, name: str, range: SourceRange | None) -> Value:
        """The property; Absent with its documented default where nobody wrote it."""
        deferred = self._properties.get(name)
        if deferred is None:
            world = self.lifting.written.root.world
            deferred = self._properties[name] = Deferred(world, lambda: self._read(name))
        return deferred.force()

    def names(self) -> list[str]:
        """The properties that are written, as far as the schema or the text names them."""
        if self.schema is None or not self.schema.properties:
            return names_of(self.written)
        found = []
        for name in self.schema.properties:
            value = self.get(name, None)
            if not isinstance(value, Absent) and not (isinstance(value, Unknown) and value.reason == NOT_LIFTED):
                found.append(name)
        return found

    def is_written(self) -> bool:
        """Whether anything in it is written; an assembled object is there only if one of its members is."""
        return any(not isinstance(self.get(name, None), Absent) for name in self.shape.members)

    def _read(self, name: str) -> Value:
        value = self._own(name)
        path = (*self.path, name)
        for filler in self.lifting.fillers.get(path, ()):
            value = filler(value)
        if isinstance(value, Absent) and any(p[: len(path)] == path for p in self.lifting.fillers):
            # A side-car fills something below: the object is there if one of its members is.
            schema = self.schema.property((name,)) if self.schema is not None else None
            member = self.shape.members.get(name)
            shape = member.shape if member is not None else Shape()
            inner = LiftedObject(self.lifting, Known({}, OBJECT), schema, shape, path, self.range, assembled=True)
            if any(
                len(p) > len(path) and p[: len(path)] == path and not isinstance(inner.get(p[len(path)], None), Absent)
                for p in self.lifting.fillers
            ):
                return inner
        return value

    def _own(self, name: str) -> Value:
        schema = self.schema.property((name,)) if self.schema is not None else None
        path = (*self.path, name)
        member = self.shape.members.get(name)
        value: Value | None = None
        argument: ArgumentSchema | None = None
        if member is not None:
            value = self._from_member(member, schema, path)
        if value is None or isinstance(value, Absent):
            written_name, argument = self._by_name(name)
            if written_name is not None:
                found = member_of(self.written, written_name)
                if not is_nothing(found):
                    shape = member.shape if member is not None else Shape()
                    value = self._convert(found, schema, shape, path, argument)
                elif value is None:
                    value = Absent(name, range=found.range)
        # Whatever the registry calls them (`FileSystemTags`), they are what `tags` is lifted to.
        tags = name == "Tags" or (member is not None and ("tags",) in member.sources)
        if tags and not self.path and self._takes_default_tags():
            value = self._with_default_tags(value)
        if value is None or isinstance(value, Absent):
            absent = self._absent(name, path, member, argument)
            if value is not None and value.range is not None:
                absent.range = value.range
            return absent
        return value

    def _from_member(self, member: Member, schema: PropertySchema | None, path: Path) -> Value | None:
        found: list[Value] = []
        blank: Absent | None = None
        for source in member.sources:
            value = read_path(self.written, source)
            if is_nothing(value):
                if value.range is not None and not isinstance(value, Absent):
                    blank = Absent(".".join(path), range=value.range)
                continue
            if source in member.values:
                value = mapped(value, member.values[source])
            if is_null(value):  # what is written means that there is nothing (`enabled = false`)
                found.append(Absent(".".join(path), range=value.range))
                break
            found.append(
                self._convert(
                    value, schema, member.shape, path, self.argument.argument(source) if self.argument else None
                )
            )
            if schema is None or schema.kind != "array":
                break  # of several sources of a single value the first that is written counts
        if found:
            return found[0] if len(found) == 1 else joined(found, self.range)
        if blank is not None:
            return blank
        if member.pairs:
            return self._pairs(member)
        if member.explode:
            return None
        if member.has_constant:
            return known(member.constant, self.range)
        if member.shape.members and not member.sources:
            collected = LiftedObject(
                self.lifting,
                self.written,
                schema,
                member.shape,
                path,
                self.range,
                argument=self.argument,
                assembled=True,
            )
            if collected.is_written():
                if schema is not None and schema.kind == "array":
                    collected.schema = schema.items
                    return Known([collected], TUPLE, self.range)
                return collected
        return None

    def _by_name(self, name: str) -> tuple[str | None, ArgumentSchema | None]:
        """The written name that means this property: the same one, or in Terraform one that agrees but for case and `_`."""
        if self.assembled:
            return None, None
        if not self.lifting.from_terraform:
            return (None if name in self.shape.hidden else name), None
        wanted = normalised(name)
        if self._written_names is None:
            shown = (each for each in names_of(self.written) if each not in self.shape.hidden)
            self._written_names = {normalised(each): each for each in shown}
        written = self._written_names.get(wanted)
        if self.argument is None:
            return written, None
        candidate = written or self.argument.find(wanted)
        if candidate is None or candidate in self.shape.hidden:
            return None, None
        return written, self.argument.argument((candidate,))

    def _absent(self, name: str, path: Path, member: Member | None, argument: ArgumentSchema | None) -> Value:
        if self.partial:
            return Unknown(
                "unresolved-reference",
                f"{path[0]} is declared with the resource itself, outside this root",
                range=self.range,
            )
        dotted = ".".join(path)
        lifting = self.lifting
        spelled = snake_case(name) if lifting.from_terraform else name
        if member is not None and member.sources:
            spelled = ".".join(member.sources[0])
        default = self._default(dotted)
        if (
            default is None
            and lifting.from_terraform
            and lifting.written.origin == "aws"
            and member is None
            and argument is None
            and not self.assembled
            and self.argument is not None
            and self.argument.arguments is not None
            and lifting.row is not None
            and (self.schema is None or self.schema.property((name,)) is not None)
            and ".".join(path[len(lifting.base) :]) not in lifting.row.never
            and not (self.path and name in lifting.row.exploded)
            and name not in folds_onto().get(lifting.schema_type, {})
        ):
            return Unknown(
                NOT_LIFTED, f"the lifting table does not reach {dotted} of {lifting.written.type}", range=self.range
            )
        return self._nothing_there(path, spelled, member, default)

    def _nothing_there(self, path: Path, spelled: str, member: Member | None, default: Value | None) -> Absent:
        def inner(name: str) -> Absent:
            below = member.shape.members.get(name) if member is not None else None
            named = ".".join(below.sources[0]) if below is not None and below.sources else spelled
            dotted = ".".join((*path, name))
            return self._nothing_there((*path, name), named, below, self._default(dotted, parent_written=False))

        return Absent(".".join(path), default, self.range, spelled, inner=inner)

    def _default(self, dotted: str, parent_written: bool = True) -> Value | None:
        lifting = self.lifting
        root = lifting.written.root
        rows = defaults.candidates(
            lifting.schema_type,
            dotted,
            lifting.written.origin,
            root.provider_versions.get("hashicorp/aws", ""),
            parent_written,
        )
        for condition, value in rows:
            if condition is None:
                return value
            assert lifting.resource is not None
            holds = holds_for(condition, lifting.resource)
            if isinstance(holds, Unknown):
                return Unknown(NO_DEFAULT, f"the default of {dotted} depends on other properties", range=self.range)
            if is_true(holds):
                return value
        return None

    def _convert(
        self, value: Value, schema: PropertySchema | None, shape: Shape, path: Path, argument: ArgumentSchema | None
    ) -> Value:
        if schema is None:
            return value
        kind = schema.kind
        if kind in ("array", "object") and argument is not None and argument.kind == "string":
            # A text where the registry has structure is JSON, such as the definitions of containers.
            value, argument = object_behind(value), None
        if kind == "json":
            return object_behind(value)  # also of a text with unknown parts
        if isinstance(value, Unknown):
            if kind == "object" and value.not_null and may_be_empty(value):
                value = value.copy()
                value.not_null = False  # no block where the registry has one object: there is no object
            return scalar(value, kind)
        if shape.keyed is not None and isinstance(value, (Known, Lazy)):
            return self._keyed(value, schema, shape, path, argument)
        if kind == "object" and isinstance(value, Known) and value.kind in SEQUENCES:
            if len(value.data) != 1:
                return value if value.data else Absent(".".join(path), range=value.range)
            value = value.data[0]
        if kind == "array":
            return self._convert_list(value, schema, shape, path, argument)
        if isinstance(value, Lazy) or (isinstance(value, Known) and value.kind in MAPPINGS):
            of_objects = schema.values is not None and schema.values.kind == "object"
            if not schema.properties and not shape.members and not of_objects:
                return value
            return LiftedObject(self.lifting, value, schema, shape, path, value.range, argument=argument)
        if isinstance(value, Known) and value.data is not None and not isinstance(value.data, list):
            return scalar(value, kind)
        return value

    def _convert_list(
        self, value: Value, schema: PropertySchema, shape: Shape, path: Path, argument: ArgumentSchema | None
    ) -> Value:
        items = schema.items
        if (
            isinstance(value, Known)
            and value.kind in MAPPINGS
            and items is not None
            and {"Key", "Value"} <= set(items.properties)
        ):
            # Terraform's tags are a map where the registry has a list of keys and values.
            return tag_entries(value)
        if isinstance(value, Lazy):
            value = Known([value], TUPLE, value.range)
        if not isinstance(value, Known) or value.kind not in SEQUENCES:
            if not isinstance(value, Known) or value.data is None:
                return value
            if self.lifting.from_terraform and value.kind in MAPPINGS:
                return value
            # CloudFormation takes a single value for a list of one; Terraform has a scalar where one is usual.
            value = Known([value], TUPLE, value.range)
        lifted: list[Value] = []
        for item in value.data:
            if isinstance(item, Absent) or is_null(item):
                continue
            lifted.extend(self._exploded(self._convert(item, items, shape, path, argument), shape))
        return Known(lifted, TUPLE, value.range, (value,), value.references, value.sensitive)

    def _keyed(
        self, value: Value, schema: PropertySchema, shape: Shape, path: Path, argument: ArgumentSchema | None
    ) -> Value:
        """Blocks as the map that the registry has instead, each under the argument that is its key."""
        assert shape.keyed is not None
        blocks = value.data if isinstance(value, Known) and value.kind in SEQUENCES else [value]
        entries: dict[str, Value] = {}
        for block in blocks:
            key = member_of(block, shape.keyed)
            if not isinstance(key, Known) or isinstance(block, Unknown):
                return unknown_from(
                    tuple(v for v in (block, key) if isinstance(v, Unknown)), "dynamic", range=block.range
                )
            entries[str(key.data)] = LiftedObject(
                self.lifting, block, schema.values, shape, (*path, str(key.data)), block.range, argument=argument
            )
        return Known(entries, OBJECT, value.range, (value,)) if entries else Absent(".".join(path), range=value.range)

    def _exploded(self, item: Value, shape: Shape) -> Iterator[Value]:
        member = shape.members.get("[]")
        if member is None or not isinstance(item, LiftedObject):
            yield item
            return
        yield from explode(item, member.explode)

    def _pairs(self, member: Member) -> Value:
        entries: list[Value] = []
        for source, key in member.pairs.items():
            value = read_path(self.written, source)
            if not is_nothing(value):
                text = convert.to_string(value) if not isinstance(value, Lazy) else value
                text.range = value.range
                entries.append(Known({"Key": known(key, value.range), "Value": text}, OBJECT, value.range, (value,)))
        return Known(entries, TUPLE, self.range) if entries else Absent("", range=self.range)

    def _takes_default_tags(self) -> bool:
        """The provider adds its tags to what has `tags` of its own; Auto Scaling groups have `tag` blocks instead."""
        own = self.argument is None or self.argument.arguments is None or "tags" in self.argument.arguments
        return own and self.lifting.written.default_tags is not None

    def _with_default_tags(self, own: Value | None) -> Value | None:
        deferred = self.lifting.written.default_tags
        assert deferred is not None
        added = deferred.force()
        if isinstance(added, Lazy):
            added = added.materialize()
        if isinstance(own, Unknown) or is_nothing(added):
            return own
        if isinstance(added, Unknown):
            return unknown_from((added,), "dynamic", range=self.range)
        if isinstance(own, Known) and isinstance(own.data, dict):
            own = tag_entries(own)
        entries = list(own.data) if isinstance(own, Known) and isinstance(own.data, list) else []
        keys = {
            str(getattr(e.data.get("Key"), "data", ""))
            for e in entries
            if isinstance(e, Known) and isinstance(e.data, dict)
        }
        if isinstance(added, Known) and isinstance(added.data, dict):
            for name, item in added.data.items():
                if name not in keys and not is_null(item):
                    entries.append(Known({"Key": known(name, item.range), "Value": item}, OBJECT, item.range, (item,)))
        return Known(entries, TUPLE, own.range if isinstance(own, Known) else self.range)


def explode(item: LiftedObject, arguments: dict[str, str]) -> Iterator[Value]:
    """One entry for each element of the list arguments of a written rule; the other properties are shared.

    arguments: written list argument → property of the entry. `self = true` names the group itself.
    """
    produced = False
    for argument, target in arguments.items():
        value = member_of(item.written, argument)
        if is_nothing(value):
            continue
        if isinstance(value, Known) and value.kind in SEQUENCES:
            for element in value.data:
                produced = True
                one = element.at(element.range or value.range) if not isinstance(element, Lazy) else element
                yield Entry(item, target, one)
        elif isinstance(value, Unknown):
            produced = True
            element = Unknown(
                value.reason,
                value.detail,
                STRING,
                True,
                range=value.range,
                sources=(value,),
                references=value.references,
            )
            yield Entry(item, target, element)
        elif not (isinstance(value, Known) and value.data is False):
            produced = True
            yield Entry(item, target, value)
    if not produced:
        yield item


class Entry(Lazy):
    """One of the entries into which a written rule is taken apart."""

    __slots__ = ("item", "name", "value")

    def __init__(self, item: LiftedObject, name: str, value: Value) -> None:
        super().__init__(value.range or item.range)
        self.item = item
        self.name = name
        self.value = value

    def get(self, name: str, range: SourceRange | None) -> Value:
        return self.value if name == self.name else self.item.get(name, range)

    def names(self) -> list[str]:
        return [*(name for name in self.item.names() if name != self.name), self.name]


def lift(written: WrittenResource) -> Resource:
    """The resource under its registry type. Nothing is evaluated yet."""
    found = row(written.type)
    type = found.type if found is not None else _registry_type(written)
    lifting = Lifting(written, found, type)
    schema = registry().type(type)
    argument = provider_schema().type(written.type) if written.origin == "aws" and not written.data else None
    shape = found.shape if found is not None else Shape()
    resource = Resource(
        written, type, LiftedObject(lifting, written.body, schema, shape, (), written.header, argument=argument)
    )
    lifting.resource = resource
    return resource


def _registry_type(written: WrittenResource) -> str:
    """The registry type of a written type without a row: itself, or what an `awscc_` name stands for."""
    if written.type.startswith("awscc_"):
        return awscc_types().get(written.type[6:].replace("_", ""), written.type)
    return written.type


@lru_cache(maxsize=1)
def awscc_types() -> dict[str, str]:
    """`s3bucket` → `AWS::S3::Bucket`: the provider awscc names its types after the registry's."""
    return {
        name.removeprefix("AWS::").replace("::", "").lower(): name for name in registry() if name.startswith("AWS::")
    }

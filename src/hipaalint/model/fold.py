"""Folding side-cars: what a separate resource says of another stands in that other one's property.

After model/lift.py, before graph/: `aws_s3_bucket_versioning` onto its bucket, `AWS::EC2::SecurityGroupIngress` onto its
group. A side-car that may not exist makes the property unknown until a scenario decides. One whose target lies outside
the root stands for that target, of which only the folded part is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.evaluator import unknown_from
from ..expression.values import (
    CONDITION,
    ERROR,
    OBJECT,
    SEQUENCES,
    TUPLE,
    Absent,
    Known,
    Unknown,
    Value,
    is_false,
    is_null,
    is_true,
)
from .lift import LiftedObject, Lifting, explode
from .matching import Candidates, Match, identifying_name, match
from .provider_schema import provider_schema
from .registry import PropertySchema, registry
from .registry_values import mapped
from .resource import Resource
from .tables import Fold, Shape, row
from .written import member_of, read_path


class SideCar:
    """One side-car on its way into one property. sure: it certainly names this target in every scenario."""

    __slots__ = ("candidates", "fold", "resource", "sure")

    def __init__(self, resource: Resource, fold: Fold, sure: bool, candidates: Candidates) -> None:
        self.resource = resource
        self.fold = fold
        self.sure = sure
        self.candidates = candidates

    def applies(self, target: Resource | None) -> bool | None:
        """Whether it exists and means this target in the scenario in force; None if nobody knows."""
        written = self.resource.written
        exists = written.exists.force()
        if is_false(exists):
            return False
        certain: bool | None = True if is_true(exists) or written.symbolic else None
        for name, wanted in self.fold.when.items():
            value = member_of(written.body, name)
            if isinstance(value, Known):
                if value.data != wanted:
                    return False
            else:
                certain = None
        if target is None or self.sure:
            return certain
        found = _named(self.resource, self.fold, self.candidates)
        if target in found.sure:
            return certain
        return None if target in found.maybe else False


def fold_side_cars(resources: list[Resource]) -> list[Resource]:
    """Connect the side-cars of one root with their targets; returns the partial resources for targets outside it."""
    by_type: dict[str, list[Resource]] = {}
    for resource in resources:
        by_type.setdefault(resource.type, []).append(resource)
    candidates = {type: Candidates(found) for type, found in by_type.items()}
    filled: dict[tuple[int, tuple[str, ...]], tuple[Resource, list[SideCar]]] = {}
    partial: list[Resource] = []
    for resource in resources:
        table_row = row(resource.written.type)
        if table_row is None or resource.written.data:
            continue
        named = False
        for fold in table_row.folds:
            onto = candidates.get(fold.onto) or Candidates([])
            found = _named(resource, fold, onto)
            for target in (*found.sure, *found.maybe):
                side_car = SideCar(resource, fold, target in found.sure and len(found.sure) == 1, onto)
                filled.setdefault((id(target), fold.at), (target, []))[1].append(side_car)
                target.folded.append(resource.written)
            if found.outside and not found.sure and not found.maybe:
                partial.append(_outside(resource, fold, onto))
            named = named or found.outside or bool(found.sure or found.maybe)
        if not named:
            # It names nothing at all, which is an error of its author; what it says is judged nevertheless.
            partial.extend(
                _outside(resource, fold, candidates.get(fold.onto) or Candidates([])) for fold in table_row.folds
            )
    for (_, path), (target, side_cars) in filled.items():
        _fill(target, path, side_cars)
    return partial


def _named(resource: Resource, fold: Fold, candidates: Candidates) -> Match:
    """The targets of a side-car, without those that certainly lie in another resource than it does."""
    body = resource.written.body
    found = match(read_path(body, fold.via), candidates)
    for argument, property in fold.within.items():
        own = member_of(body, argument)
        found.sure = [target for target in found.sure if not _apart(own, target.properties.get(property, None))]
        found.maybe = [target for target in found.maybe if not _apart(own, target.properties.get(property, None))]
    if len(found.sure) > 1 and not read_path(body, fold.via).references:
        found.sure = _told_apart(found.sure, resource)
        found.outside = found.outside or not found.sure
    return found


def _told_apart(named: list[Resource], resource: Resource) -> list[Resource]:
    """Without those that share their name with another: one of the side-car's own module and region is meant, or nobody
    knows which. Alternatives, of which at most one certainly exists, may share a name.
    """
    by_name: dict[str | None, list[Resource]] = {}
    for target in named:
        by_name.setdefault(identifying_name(target), []).append(target)
    kept: list[Resource] = []
    for name, same in by_name.items():
        for near in (
            same,
            [target for target in same if target.written.module == resource.written.module],
            [
                target
                for target in same
                if target.written.module == resource.written.module and target.written.region is resource.written.region
            ],
        ):
            if name is None or sum(is_true(target.written.exists.force()) for target in near) <= 1:
                kept.extend(near)
                break
    return kept


def _apart(one: Value, other: Value) -> bool:
    """Whether two values certainly name different resources."""
    if one.references and other.references:
        return not {id(written) for written, _ in one.references} & {id(written) for written, _ in other.references}
    return isinstance(one, Known) and isinstance(other, Known) and one.data != other.data


def _fill(target: Resource, path: tuple[str, ...], side_cars: list[SideCar]) -> None:
    assert isinstance(target.properties, LiftedObject)
    lifting = target.properties.lifting
    append = side_cars[0].fold.append

    def filler(own: Value) -> Value:
        there: list[SideCar] = []
        perhaps: list[Value] = []
        for side_car in side_cars:
            applies = side_car.applies(target)
            if applies is None:
                condition = side_car.resource.written.exists.force()
                unknown = unknown_from((condition,), "dynamic", CONDITION, side_car.resource.header)
                unknown.detail = f"nobody knows whether {side_car.resource.address} exists or applies"
                perhaps.append(unknown)
            elif applies:
                there.append(side_car)
        if append:
            # What is in the list for certain can decide by itself, whatever else may join it.
            return _appended(own, there, perhaps) if there or perhaps else own
        if perhaps:
            return perhaps[0]
        if not there:
            return own
        if len(there) > 1:
            names = " and ".join(side_car.resource.address for side_car in there)
            return Unknown(ERROR, f"{names} both write {path[-1]}", range=there[1].resource.header)
        value = content(there[0])
        return own if isinstance(value, Absent) else value  # it says nothing of this property

    lifting.fillers.setdefault(path, []).append(filler)


def _appended(own: Value, side_cars: list[SideCar], perhaps: list[Value]) -> Value:
    items: list[Value] = list(own.data) if isinstance(own, Known) and own.kind in SEQUENCES else []
    if isinstance(own, Unknown):
        items.append(own)
    for side_car in side_cars:
        items.extend(entries(side_car))
    items.extend(perhaps)
    return Known(items, TUPLE, own.range, (own,) if not isinstance(own, Absent) else ())


def content(side_car: SideCar) -> Value:
    """What the side-car puts at the property."""
    fold, written = side_car.fold, side_car.resource.written
    schema = _schema(fold)
    lifting = _lifting(side_car)
    if fold.element is not None:
        body = LiftedObject(lifting, written.body, None, Shape(), (), written.header)
        value = read_path(written.body, fold.element)
        if isinstance(value, Absent) or is_null(value):
            return Absent(".".join(fold.at), range=written.header, spelled=".".join(fold.element))
        return body._convert(mapped(value, fold.values), schema, Shape(), fold.at, None)
    return _object(side_car, lifting, schema)


def entries(side_car: SideCar) -> Iterator[Value]:
    """The elements that the side-car adds to a list: itself, taken apart where it names several at once."""
    fold, written = side_car.fold, side_car.resource.written
    if fold.element is not None:
        value = read_path(written.body, fold.element)
        if isinstance(value, Known) and value.kind in SEQUENCES:
            yield from value.data
        elif not isinstance(value, Absent) and not is_null(value):
            yield value
        return
    schema = _schema(fold)
    item = _object(side_car, _lifting(side_car), schema.items if schema is not None else None)
    if fold.explode:
        yield from explode(item, fold.explode)
    else:
        yield item


def _object(side_car: SideCar, lifting: Lifting, schema: PropertySchema | None) -> LiftedObject:
    written = side_car.resource.written
    shape = lifting.row.shape if lifting.row is not None else Shape()
    argument = provider_schema().type(written.type) if written.origin == "aws" else None
    return LiftedObject(lifting, written.body, schema, shape, side_car.fold.at, written.header, argument=argument)


def _lifting(side_car: SideCar) -> Lifting:
    written = side_car.resource.written
    lifting = Lifting(written, row(written.type), side_car.fold.onto, side_car.fold.at)
    lifting.resource = side_car.resource
    return lifting


def _schema(fold: Fold) -> PropertySchema | None:
    target = registry().type(fold.onto)
    return target.property(fold.at) if target is not None else None


def _outside(resource: Resource, fold: Fold, candidates: Candidates) -> Resource:
    """The resource of another root that this side-car completes: only the folded part of it is known."""
    written = resource.written
    lifting = Lifting(written, None, fold.onto)
    properties = LiftedObject(
        lifting,
        Known({}, OBJECT),
        registry().type(fold.onto),
        Shape(),
        (),
        written.header,
        assembled=True,
        partial=True,
    )
    stand_in = Resource(written, fold.onto, properties)
    stand_in.partial = True
    lifting.resource = stand_in
    side_car = SideCar(resource, fold, True, candidates)

    def filler(own: Value) -> Value:
        applies = side_car.applies(None)
        if not applies:
            return own
        return Known(list(entries(side_car)), TUPLE, written.header) if fold.append else content(side_car)

    lifting.fillers[fold.at] = [filler]
    return stand_in

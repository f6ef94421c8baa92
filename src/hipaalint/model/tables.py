"""The lifting tables: how each written type becomes a registry type, read from tables/lifting/*.yaml.

Used by model/lift.py (and by the tests that hold every name in them against the schemas). The verbs, per written type:

  type: AWS::S3::Bucket                  what it becomes; without `type` it keeps its own name
  rename: {terraform.path: Registry.Path}   full paths on both sides, list levels left out; several sources may meet:
        of a list they all give elements, of anything else the first that is written counts
  values: {terraform.path: {true: Enabled, false: Suspended}}   after renaming, or of a fold's element:
        written value → registry value
  wrap: DistributionConfig               arguments of equal name lie below this property
  pairs: {LoadBalancerAttributes: {idle_timeout: idle_timeout.timeout_seconds}}   arguments → [{Key, Value}]
  explode: {SecurityGroupIngress: {cidr_blocks: CidrIp, self: …}}   one entry for each element of a list argument
  keyed: {LogPublishingOptions: log_type}   repeated blocks → a map, each block under one of its arguments
  fold: {onto: AWS::S3::Bucket, via: bucket, at: VersioningConfiguration}
        a side-car: its content stands at a property of the resource that `via` names, or with `append:` in the list
        there; with `element: policy_arn` only that argument does; `when: {type: ingress}` picks one of several folds;
        `within: {rest_api_id: RestApiId}` picks, of several of one name, the one that lies in the same other resource.
        Paths of the other verbs are relative to that property. `explode: {cidr_blocks: CidrIp}` takes the side-car apart.
  constant: {Registry.Path: value}       what the Terraform type itself says
  never: [Registry.Path]                 what Terraform has no argument for: it is absent, not "not lifted"
  hide: {Registry.Path: [key_type]}      arguments in the object there that have a property's name by chance
  split: {AWS::S3::BucketPolicy: {link: Bucket, rename: {policy: PolicyDocument}}}
        an argument that the registry has as a resource of its own: there is one more resource of that type where the
        argument is written, and its property `link` names the resource it was split from

tables/additions/*.yaml lists settings that a service has and its registry type lacks: type → dotted path → node as in
model/registry_nodes.py. Only Terraform can write them, so in CloudFormation they are absent.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from ..prepared import prepared, yaml_files

Path = tuple[str, ...]

VERBS = frozenset(
    {"type", "rename", "values", "wrap", "pairs", "explode", "fold", "constant", "never", "split", "hide", "keyed"}
)


class TableError(ValueError):
    """A row that cannot be read: names the type and the verb."""


class Member:
    """Where the value of one property comes from.

    sources: paths in the written object at hand, in order of preference; an empty list: only members below have any.
    values: source path → {spelling of the written value: registry value}.
    """

    __slots__ = ("constant", "explode", "has_constant", "pairs", "shape", "sources", "values")

    def __init__(self) -> None:
        self.sources: list[Path] = []
        self.values: dict[Path, dict[str, Any]] = {}
        self.shape = Shape()
        self.pairs: dict[Path, str] = {}
        self.explode: dict[str, str] = {}
        self.constant: Any = None
        self.has_constant = False


class Shape:
    """The members of an object that the table says something about; all others match by name.

    keyed: the argument by which repeated blocks become the members of a map; the shape is that of each block.
    """

    __slots__ = ("hidden", "keyed", "members")

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        # written names that a rename has taken: they no longer match by name
        self.hidden: set[str] = set()
        self.keyed: str | None = None


class Fold:
    """A side-car: its content stands in another resource's property."""

    __slots__ = ("append", "at", "element", "explode", "onto", "values", "via", "when", "within")

    def __init__(
        self,
        onto: str,
        via: Path,
        at: Path,
        append: bool,
        element: Path | None,
        values: Mapping[str, Any],
        when: Mapping[str, Any],
        explode: dict[str, str],
        within: Mapping[str, str],
    ) -> None:
        self.onto = onto
        self.via = via
        self.at = at
        self.append = append
        self.element = element
        self.values = values
        self.when = when
        self.explode = explode
        self.within = within


class Split:
    """An argument that is a resource of its own in the registry. arguments: the written ones that call for it."""

    __slots__ = ("arguments", "link", "row", "type")

    def __init__(self, written: str, type: str, raw: Mapping[str, Any]) -> None:
        if set(raw) != {"link", "rename"}:
            raise TableError(f"{written}: split takes link and rename")
        self.type = type
        self.link: Path = (raw["link"],)
        self.arguments: tuple[str, ...] = tuple(source.split(".")[0] for source in raw["rename"])
        self.row = Row(written, {"type": type, "rename": raw["rename"]})


class Row:
    """What the table says about one written type. raw: the row as it stands in the YAML, for tests."""

    __slots__ = ("exploded", "folds", "never", "raw", "shape", "splits", "type", "wrapped", "written")

    def __init__(self, written: str, raw: Mapping[str, Any]) -> None:
        unknown = set(raw) - VERBS
        if unknown:
            raise TableError(f"{written}: unknown verb {', '.join(sorted(unknown))}")
        self.written = written
        self.raw = raw
        self.type: str = raw.get("type", written)
        self.shape = Shape()
        self.folds = [_fold(written, fold, raw.get("values") or {}) for fold in _as_list(raw.get("fold"))]
        # Properties that only the entries have into which something is taken apart.
        self.exploded = frozenset(
            name
            for arguments in (*(raw.get("explode") or {}).values(), *(fold.explode for fold in self.folds))
            for name in arguments.values()
        )
        self.splits = [Split(written, type, split) for type, split in (raw.get("split") or {}).items()]
        self.never = frozenset(raw.get("never") or ())
        self.wrapped: str | None = raw.get("wrap")
        if self.wrapped:
            self._member((self.wrapped,)).sources.append(())
        renames: list[tuple[Path, Path]] = []
        for source, targets in (raw.get("rename") or {}).items():
            renames.extend((_path(source), _path(target)) for target in _as_list(targets))
        renames += _agreeing(
            renames, [_path(target) for verb in ("constant", "pairs") for target in raw.get(verb) or {}]
        )
        # A parent's own rename comes first, so that paths below it are taken relative to it.
        for source, target in sorted(renames, key=lambda pair: len(pair[1])):
            member, relative = self._place(target, source)
            member.sources.append(relative)
            value_map = (raw.get("values") or {}).get(".".join(source))
            if value_map is not None:
                member.values[relative] = _spelled(value_map)
        for target, arguments in (raw.get("pairs") or {}).items():
            member = self._member(_path(target))
            member.pairs.update({_path(source): key for source, key in arguments.items()})
        for target, arguments in (raw.get("explode") or {}).items():
            self._member((*_path(target), "[]")).explode.update(arguments)
        for target, arguments in (raw.get("hide") or {}).items():
            self._member(_path(target)).shape.hidden.update(arguments)
        for target, argument in (raw.get("keyed") or {}).items():
            self._member(_path(target)).shape.keyed = argument
        for target, value in (raw.get("constant") or {}).items():
            member = self._member(_path(target))
            member.constant, member.has_constant = value, True

    def _member(self, target: Path) -> Member:
        shape, member = self.shape, None
        for step in target:
            member = shape.members.setdefault(step, Member())
            shape = member.shape
        if member is None:
            raise TableError(f"{self.written}: an empty property path")
        return member

    def _place(self, target: Path, source: Path) -> tuple[Member, Path]:
        """The member for a target path, and the source path relative to the written object it is read from."""
        shape: Shape = self.shape
        member: Member | None = None
        base: Path = ()
        for step in target:
            if member is not None:
                for own in member.sources:
                    if own and source[: len(base) + len(own)] == base + own:
                        base = base + own
                        break
            member = shape.members.setdefault(step, Member())
            inner = shape
            shape = member.shape
        if member is None:
            raise TableError(f"{self.written}: an empty property path")
        relative = source[len(base) :]
        if len(relative) == 1:
            inner.hidden.add(relative[0])
        return member, relative


def _agreeing(renames: list[tuple[Path, Path]], others: list[Path]) -> Iterator[tuple[Path, Path]]:
    """The renames of parents that go without saying: their names agree, and all that is renamed below comes from below.

    Without them `a.b: A.Other` would make an object of that member alone, and what stands beside `b` would be lost.
    others: what has its value from elsewhere.
    """
    explicit = {target for _source, target in renames}
    parents = {target[:length] for _source, target in renames for length in range(1, len(target))}
    for parent in sorted(parents - explicit):
        length = len(parent)
        below = [source for source, target in renames if target[:length] == parent]
        if any(other[:length] == parent for other in others) or any(len(source) <= length for source in below):
            continue
        if len({source[:length] for source in below}) == 1 and _plain(below[0][:length]) == _plain(parent):
            yield below[0][:length], parent


def _plain(path: Path) -> list[str]:
    return [name.lower().replace("_", "") for name in path]


def _fold(written: str, raw: Mapping[str, Any], values: Mapping[str, Any]) -> Fold:
    unknown = set(raw) - {"onto", "via", "at", "append", "element", "when", "explode", "within"}
    if unknown or not {"onto", "via"} <= set(raw) or ("at" in raw) == ("append" in raw):
        raise TableError(
            f"{written}: fold takes onto, via, one of at and append, and element, when, explode and within if need be"
        )
    element = raw.get("element")
    return Fold(
        raw["onto"],
        _path(raw["via"]),
        _path(raw["append"] if "append" in raw else raw["at"]),
        "append" in raw,
        _path(element) if element else None,
        _spelled((values.get(element) if element else None) or {}),
        raw.get("when") or {},
        raw.get("explode") or {},
        raw.get("within") or {},
    )


def _path(text: str) -> Path:
    return tuple(text.split("."))


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _spelled(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {_spell(key): value for key, value in values.items()}


def _spell(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


TABLES = pathlib.Path(__file__).parent / "tables"


def read_yaml_folder(name: str) -> Iterator[tuple[str, Any]]:
    """(file name, content) of the package's YAML tables in tables/NAME, sorted; dates and keys are texts."""
    folder = TABLES / name

    def read() -> dict[str, Any]:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return {path.name: yaml.load(path.read_bytes(), Loader=loader) for path in yaml_files(folder)}

    yield from prepared(f"tables/{name}", folder, read).items()


@cache
def raw_rows() -> dict[str, Mapping[str, Any]]:
    """All rows as written. Raises TableError when a type stands in two files."""
    rows: dict[str, Mapping[str, Any]] = {}
    for file, content in read_yaml_folder("lifting"):
        for written, raw in (content or {}).items():
            if written in rows:
                raise TableError(f"{file}: {written} has a row in another file already")
            rows[written] = raw or {}
    return rows


@cache
def folds_onto() -> dict[str, dict[str, list[str]]]:
    """Registry type → first property that side-cars fill → the written types of those side-cars."""
    found: dict[str, dict[str, list[str]]] = {}
    for written, raw in raw_rows().items():
        for fold in _as_list(raw.get("fold")):
            first = _path(fold.get("at") or fold.get("append"))[0]
            found.setdefault(fold["onto"], {}).setdefault(first, []).append(written)
    return found


@cache
def row(written: str) -> Row | None:
    """The compiled row of a written type (`aws_s3_bucket`, or a registry type that folds); None if it has none."""
    raw = raw_rows().get(written)
    return None if raw is None else Row(written, raw)

"""A plan (`terraform show -json`) to a Root: planned values, what is known after apply, edges from its configuration.

Called by the pipeline for every plan that discover.py found. Where the configuration lies beside the plan, ranges are
those of its files; plan_references.py follows the references.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ...expression.scope import truth
from ...expression.values import (
    COMPUTED,
    DYNAMIC,
    NULL,
    OBJECT,
    TUPLE,
    Known,
    Lazy,
    Reference,
    Unknown,
    Value,
    all_references,
    known,
)
from ...expression.world import Deferred, World
from ...resource import PLAN, Attributes, Root, WrittenResource
from ...source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, entry_range, parse, scalar_value
from ..options import LoadOptions
from .files import configuration_suffix
from .objects import computed_attribute
from .plan_references import INDEX, Expressions, PlanConfiguration
from .plan_secrets import mask_secrets
from .root import load_module_root

NODE_BUDGET = 20_000_000


def load_plan(path: Path, options: LoadOptions) -> Root:
    """The root that a plan describes; what cannot be read is in `diagnostics`."""
    return _PlanLoad(path, options).run()


class _PlanLoad:
    def __init__(self, path: Path, options: LoadOptions) -> None:
        self.path = path
        self.options = options
        self.world = World()
        self.root = Root(PLAN, options.display(path), options.deployment, self.world)
        self.always = Deferred.of(self.world, truth(True))
        self.resources: dict[str, WrittenResource] = {}
        self.written: dict[str, WrittenResource] = {}  # by address, of the configuration beside the plan
        self.written_outputs: list[Deferred] = []

    def run(self) -> Root:
        try:
            file = self.options.read(self.path)
            document = parse(file, NODE_BUDGET)
        except OSError as error:
            return self._fail(f"not read: {error.strerror or error}", None)
        except SyntaxFault as fault:
            return self._fail(fault.message, fault.range)
        self.root.files.append(file)
        mask_secrets(document, file)
        if not isinstance(document, MapNode):
            return self._fail("a plan is one JSON object", document.range)
        version = _text(document.get("format_version"))
        if not version.startswith(("0.", "1.")):
            self._fail(
                f"plans of format {version or 'unknown'} are not known; some of it may be misread", None, "warning"
            )
        self._read_configuration_beside()
        changes = {_text(change.get("address")): change for change in _maps(document.get("resource_changes"))}
        configuration = PlanConfiguration(document.get("configuration"), self.resources)
        self.root.provider_versions.update(configuration.provider_versions)
        module = _map(_map(document.get("planned_values")).get("root_module"))
        nodes = list(_resources(module))
        for node in nodes:  # first all resources, then their arguments, which refer to them
            self._resource(node, configuration)
        for node in nodes:
            self._arguments(node, changes, configuration)
        if configuration.known:
            self.root.outputs = self._outputs(configuration)
        return self.root

    def _outputs(self, configuration: PlanConfiguration) -> list[Deferred]:
        """What the root gives to others, as far as what it refers to."""
        references = [*configuration.outputs()]
        for output in self.written_outputs:
            references.append(_planned(self.resources, all_references(output.force())))
        return [
            Deferred.of(self.world, Unknown(COMPUTED, "known after apply", references=each))
            for each in references
            if each
        ]

    def _fail(self, message: str, range: SourceRange | None, severity: str = "error") -> Root:
        self.root.diagnostics.append(Diagnostic(severity, message, range, None if range else self.root.path))
        return self.root

    def _read_configuration_beside(self) -> None:
        """The configuration in the plan's folder, for the places of what the plan says; its own words do not count."""
        folder = self.path.resolve().parent
        if not any(configuration_suffix(entry.name) for entry in folder.iterdir()):
            return
        root = load_module_root(folder, self.options)
        self.written_outputs = root.outputs or []
        for resource in root.resources:
            self.written[resource.address] = resource
            self.written.setdefault(INDEX.sub("", resource.address), resource)

    def _resource(self, node: MapNode, configuration: PlanConfiguration) -> None:
        address = _text(node.get("address"))
        type = _text(node.get("type"))
        written = self._written(address)
        header = written.header if written is not None else _header(node)
        key = node.get("index")
        resource = WrittenResource(
            self.root,
            address,
            type,
            _text(node.get("name")),
            type.partition("_")[0],
            Attributes({}, header),
            self.always,
            header,
            written.range if written is not None else node.range,
            module=configuration.module_of(address),
            data=_text(node.get("mode")) == "data",
            key=known(scalar_value(key), key.range) if isinstance(key, ScalarNode) else None,
            call=written.call if written is not None else None,
            meta=written.meta if written is not None else None,
        )
        resource.computed = lambda name: computed_attribute(resource, name, None)
        self.resources[address] = resource
        self.root.resources.append(resource)

    def _arguments(self, node: MapNode, changes: dict[str, MapNode], configuration: PlanConfiguration) -> None:
        address = _text(node.get("address"))
        resource, written = self.resources[address], self._written(address)
        change = _map(_map(changes.get(address)).get("change"))
        fields = _Values(self.world, resource.header, self.resources).fields(
            _map(node.get("values")),
            change.get("after_unknown"),
            node.get("sensitive_values") or change.get("after_sensitive"),
            configuration.expressions(address),
            written.body if written is not None else None,
        )
        resource.body = Attributes(
            {name: Deferred.of(self.world, each) for name, each in fields.items()}, resource.header
        )
        tags, region = fields.get("tags_all"), fields.get("region") or configuration.region(address)
        resource.default_tags = Deferred.of(self.world, tags) if tags is not None else None
        resource.region = Deferred.of(self.world, region) if region is not None else None

    def _written(self, address: str) -> WrittenResource | None:
        """The same resource in the configuration beside the plan."""
        return self.written.get(address) or self.written.get(INDEX.sub("", address))


class _Values:
    """Planned values as values: null and what only the provider sets are left out, as if nobody had written them."""

    def __init__(self, world: World, header: SourceRange, resources: Mapping[str, WrittenResource]) -> None:
        self.world = world
        self.header = header
        self.resources = resources

    def fields(
        self,
        values: MapNode,
        unknown: Node | bool | None,
        sensitive: Node | bool | None,
        expressions: Expressions,
        written: Lazy | None,
    ) -> dict[str, Value]:
        """The arguments of a resource or block. unknown, sensitive: the plan's marks, of the same shape."""
        fields: dict[str, Value] = {}
        marked = _map(unknown)
        names = dict.fromkeys([*(key.text for key, _ in values.entries), *(key.text for key, _ in marked.entries)])
        entries = {key.text: (key, value) for key, value in values.entries}
        for name in names:
            entry = entries.get(name)
            mark = True if _is_true(unknown) else marked.get(name)
            secret = True if _is_true(sensitive) else _map(sensitive).get(name)
            expression = expressions.get(name)
            place = self._place(name, entry, written)
            value = self._value(entry[1] if entry else None, mark, secret, expression, place, _member(written, name))
            if value is None:
                continue
            empty = isinstance(value, Unknown) or (isinstance(value, Known) and value.data == [])
            if empty and expressions.known and expression is None:
                continue  # not written: the defaults of the provider or the service hold
            fields[name] = value
        return fields

    def _place(self, name: str, entry: tuple[ScalarNode, Node] | None, written: Lazy | None) -> SourceRange:
        """Where an argument is written: in the configuration, else in the plan."""
        value = _member(written, name)
        if value is not None and value.range is not None:
            return value.range
        if written is not None or entry is None:
            return self.header
        return entry_range(*entry)

    def _value(
        self,
        node: Node | None,
        unknown: Node | bool | None,
        sensitive: Node | bool | None,
        expressions: Expressions | None,
        place: SourceRange,
        written: Value | None,
    ) -> Value | None:
        references = self._references(expressions, written)
        secret = _is_true(sensitive)
        if _is_true(unknown):
            return Unknown(
                COMPUTED, "known after apply", DYNAMIC, True, range=place, references=references, sensitive=secret
            )
        if isinstance(node, ListNode):
            return self._list(node, unknown, sensitive, expressions, place, written)
        if isinstance(node, MapNode):
            items: dict[str, Value] = {}
            marks, secrets = _map(unknown), _map(sensitive)
            names = dict.fromkeys([*(key.text for key, _ in node.entries), *(key.text for key, _ in marks.entries)])
            for name in names:
                member = self._value(
                    node.get(name), marks.get(name), True if secret else secrets.get(name), None, place, None
                )
                items[name] = member if member is not None else Known(None, NULL, place)
            return Known(items, OBJECT, place, references=references, sensitive=secret)
        data = scalar_value(node) if isinstance(node, ScalarNode) else None
        if data is None:
            return None
        value = known(data, place)
        value.references = references
        value.sensitive = secret
        return value

    def _references(self, expressions: Expressions | None, written: Value | None) -> tuple[Reference, ...]:
        """What the plan says that an argument refers to, and through locals, which it leaves out, the configuration."""
        references = expressions.references if expressions is not None else ()
        if written is None or isinstance(written, Lazy):
            return references
        named = {resource.address for resource, _ in references}
        others = _planned(self.resources, all_references(written))
        return (*references, *(each for each in others if each[0].address not in named))

    def _list(
        self,
        node: ListNode,
        unknown: Node | bool | None,
        sensitive: Node | bool | None,
        expressions: Expressions | None,
        place: SourceRange,
        written: Value | None,
    ) -> Value:
        marks = unknown.items if isinstance(unknown, ListNode) else []
        secrets = sensitive.items if isinstance(sensitive, ListNode) else []
        items: list[Value] = []
        for index, item in enumerate(node.items):
            mark = marks[index] if index < len(marks) else None
            secret = True if _is_true(sensitive) else secrets[index] if index < len(secrets) else None
            inner = _element(written, index, len(node.items))
            if isinstance(item, MapNode) and not _is_true(mark) and not _is_true(secret):
                block = expressions.block(index, len(node.items)) if expressions is not None else Expressions.none()
                header = inner.range if inner is not None and inner.range is not None else place
                reader = _Values(self.world, header, self.resources)
                fields = reader.fields(item, mark, secret, block, inner if isinstance(inner, Lazy) else None)
                items.append(Attributes({n: Deferred.of(self.world, v) for n, v in fields.items()}, header))
                continue
            value = self._value(item, mark, secret, None, place, None)
            items.append(value if value is not None else Known(None, NULL, place))
        references = self._references(expressions, written)
        return Known(items, TUPLE, place, references=references, sensitive=_is_true(sensitive))


def _planned(resources: Mapping[str, WrittenResource], references: list[Reference]) -> tuple[Reference, ...]:
    """References of the configuration beside the plan, to the resources of the plan."""
    return tuple((resources[to.address], attribute) for to, attribute in references if to.address in resources)


def _resources(module: MapNode) -> Iterator[MapNode]:
    waiting = [module]
    while waiting:
        current = waiting.pop()
        yield from _maps(current.get("resources"))
        waiting.extend(reversed(_maps(current.get("child_modules"))))


def _header(node: MapNode) -> SourceRange:
    """The place of a resource in the plan itself: its address."""
    for key, value in node.entries:
        if key.text == "address":
            return entry_range(key, value)
    return SourceRange(node.file, node.start, node.start + 1)


def _member(written: Value | None, name: str) -> Value | None:
    if isinstance(written, Attributes) and name in written.fields:
        return written.get(name, None)
    return None


def _element(written: Value | None, index: int, length: int) -> Value | None:
    if isinstance(written, Known) and isinstance(written.data, list) and len(written.data) == length:
        item = written.data[index]
        return item if isinstance(item, Value) else None
    return None


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _map(node: Node | bool | None) -> MapNode:
    return node if isinstance(node, MapNode) else MapNode(None, SourceFile("", ""), 0, 0)


def _maps(node: Node | None) -> list[MapNode]:
    return [item for item in node.items if isinstance(item, MapNode)] if isinstance(node, ListNode) else []


def _is_true(node: Node | bool | None) -> bool:
    return node is True or (isinstance(node, ScalarNode) and node.plain and node.text == "true")

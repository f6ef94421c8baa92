"""A resource or module block in one module instance: the instances it expands to, and what a reference to it gives.

Made by module_instance.py; root.py settles which instances can exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from ...expression.evaluator import evaluate
from ...expression.scope import Scope
from ...expression.values import (
    OBJECT,
    TUPLE,
    EvaluationError,
    Known,
    Lazy,
    Unknown,
    Value,
    is_false,
    is_null,
    known,
)
from ...expression.world import Deferred
from ...resource import Attributes, WrittenResource
from .block_text import key_text
from .blocks import BlockFields
from .data_sources import data_attribute
from .expansion import SYMBOLIC, CountObject, EachObject, Expansion, Key, Symbolic, both, enabled_value, existence
from .module_body import DATA, CallText, Expandable, ResourceText
from .objects import ModuleObject, ResourceObject, Uncounted, computed_attribute
from .scopes import InstanceScope

if TYPE_CHECKING:
    from .module_instance import ModuleInstance

T = TypeVar("T")


class Node(Generic[T]):
    """A block with its expansion. Instances are made by key when they are first asked for."""

    __slots__ = ("_enabled", "_made", "_objects", "_settled", "address", "expansion", "module", "text")

    text: Expandable

    def __init__(self, module: ModuleInstance, text: Expandable, address: str) -> None:
        self.module = module
        self.text = text
        self.address = address
        attribute = text.count or text.for_each
        self.expansion = None if attribute is None else Expansion(attribute, text.count is not None, module.scope)
        enabled = text.enabled
        self._enabled = None if enabled is None else enabled_value(enabled, module.scope, address)
        self._made: dict[Key, tuple[T, Lazy]] = {}
        self._settled: list[T] | None = None
        self._objects: tuple[list[int | str], Value] | None = None

    def make(self, key: Key) -> tuple[T, Lazy]:
        """An instance and the object that references to it give."""
        raise NotImplementedError

    def instance(self, key: Key) -> tuple[T, Lazy]:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.make(key)
        return made

    def settle(self) -> list[T]:
        """All instances that can exist in any scenario, in Terraform's order, the symbolic one last."""
        if self._settled is None:
            if self.expansion is None:
                self._settled = [self.instance(None)[0]]
            else:
                keys, symbolic = self.expansion.all_keys()
                wanted: list[Key] = [*keys, SYMBOLIC] if symbolic else [*keys]
                self._settled = [self.instance(key)[0] for key in wanted]
        return self._settled

    def object(self) -> Value:
        """What a reference to the block evaluates to in the scenario in force."""
        expansion = self.expansion
        if expansion is None:
            if self._enabled is not None and is_false(self._enabled.force()):
                return known(None, self.text.header)
            return self.instance(None)[1]
        keys = expansion.in_force()
        if keys is None:
            cause = expansion.value.force()
            assert isinstance(cause, Unknown)
            self.settle()
            return Uncounted(self._object_at, self._any(), cause, expansion.counted)
        if self._objects is None or self._objects[0] is not keys:
            objects: Value
            if expansion.counted:
                objects = Known([self.instance(key)[1] for key in keys], TUPLE, self.text.header)
            else:
                objects = Known({str(key): self.instance(key)[1] for key in keys}, OBJECT, self.text.header)
            self._objects = (keys, objects)
        return self._objects[1]

    def _object_at(self, name: str) -> Lazy | None:
        assert self.expansion is not None
        key: Key = int(name) if self.expansion.counted and name.isdigit() else name
        made = self._made.get(key)
        return made[1] if made is not None else None

    def _any(self) -> Lazy:
        """The symbolic instance, or if only known keys can exist the first of them."""
        if SYMBOLIC not in self._made and self._made:
            return next(iter(self._made.values()))[1]
        return self.instance(SYMBOLIC)[1]

    def instance_address(self, key: Key) -> str:
        return self.address if key is None else f"{self.address}[{key_text(key)}]"

    def scope(self, key: Key) -> Scope:
        """The scope of an instance's arguments."""
        if self.expansion is None:
            return self.module.scope
        each: Lazy = (CountObject if self.expansion.counted else EachObject)(self.expansion, key)
        names: dict[str, Value] = {"count" if self.expansion.counted else "each": each}
        return InstanceScope(self.module.scope, names, self.instance_address(key))

    def exists(self, key: Key) -> Deferred:
        if self._enabled is not None:
            return both(self.module.exists, self._enabled)
        return existence(self.module.exists, self.expansion, key, self.instance_address(key))


class ResourceNode(Node[WrittenResource]):
    """A resource or data block."""

    __slots__ = ()

    text: ResourceText

    def make(self, key: Key) -> tuple[WrittenResource, Lazy]:
        text, module = self.text, self.module
        address = self.instance_address(key)
        scope = self.scope(key)
        prefix = text.type.partition("_")[0]
        settings = module.provider(text.provider or prefix)
        data = text.mode == DATA
        resource = WrittenResource(
            module.load.root,
            address,
            text.type,
            text.name,
            prefix,
            Attributes(BlockFields(text.text, scope, address), text.header),
            self.exists(key),
            text.header,
            text.range,
            module=module.address,
            data=data,
            symbolic=module.symbolic or isinstance(key, Symbolic),
            key=_key_value(key),
            call=module.call_range,
            default_tags=settings.default_tags if settings is not None and not data else None,
            region=settings.region if settings is not None else None,
        )
        if text.has_region and prefix == "aws":
            resource.region = _own_region(resource, resource.region)
        attribute = data_attribute if data else computed_attribute
        resource.computed = lambda name: attribute(resource, name, module)
        written = ResourceObject(resource)
        if text.has_meta:
            own = scope.child({"self": written})
            resource.meta = Attributes(BlockFields(text.meta, own, address), text.header)
        return resource, written


def _own_region(resource: WrittenResource, other: Deferred | None) -> Deferred:
    """The region that a resource names itself (since version 6 of the provider), or null, for that of its provider."""

    def compute() -> Value:
        own = resource.body.get("region", None)
        return other.force() if is_null(own) and other is not None else own

    return Deferred(resource.root.world, compute)


def _key_value(key: Key) -> Value | None:
    if isinstance(key, int):
        return Known(key, "number")
    return Known(key, "string") if isinstance(key, str) else None


class CallNode(Node["ModuleInstance"]):
    """A module block."""

    __slots__ = ()

    text: CallText

    @property
    def source(self) -> str | None:
        """Where the module lies, with the values that its variables and locals have by default; None if unknown."""
        try:
            value = evaluate(self.text.source, self.module.scope) if self.text.source is not None else None
        except EvaluationError:
            return None
        return value.data if isinstance(value, Known) and isinstance(value.data, str) else None

    def make(self, key: Key) -> tuple[ModuleInstance, Lazy]:
        child = self.module.load.child(self, key)
        return child, ModuleObject(self.instance_address(key), child.output, self.text.header)

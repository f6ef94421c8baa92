"""The `configuration` part of a plan: which arguments are written, and what they refer to, through modules and back.

Used by plan.py. A plan has no locals: a reference that goes through one ends here, and plan.py asks the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from ...expression.values import Reference, Value, known
from ...resource import WrittenResource
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, scalar_value

DEPTH_LIMIT = 32
_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|\d+|\*)\]'
INDEX = re.compile(_KEY)
_MODULE = re.compile(rf"module\.([\w-]+)({_KEY})?(?:\.|$)")
_RESOURCE = re.compile(rf"((?:data\.)?[\w-]+\.[\w-]+)({_KEY})?(?:\.([\w-]+))?")

Fields = Mapping[str, Node]
References = tuple[Reference, ...]


def fields_of(node: Node | None) -> dict[str, Node]:
    """The members of an object; empty for anything else."""
    return {key.text: value for key, value in node.entries} if isinstance(node, MapNode) else {}


class Expressions:
    """What the configuration writes in one block or argument. known: False where the plan does not say."""

    __slots__ = ("_fields", "_node", "_resolve", "known")

    def __init__(self, node: Node | None, resolve: Callable[[list[str]], References]) -> None:
        self._node = node
        self._fields = fields_of(node)
        self._resolve = resolve
        self.known = node is not None

    @classmethod
    def none(cls) -> Expressions:
        """Those of something that the configuration says nothing about."""
        return cls(None, lambda references: ())

    def get(self, name: str) -> Expressions | None:
        """An argument or the blocks of one type; None where nothing, or null, is written."""
        node = self._fields.get(name)
        if node is None:
            return None
        members = fields_of(node)
        if isinstance(node, MapNode) and all(
            key == "constant_value" and _is_null(each) for key, each in members.items()
        ):
            return None
        return Expressions(node, self._resolve)

    @property
    def references(self) -> References:
        """What the argument refers to."""
        return self._resolve(_texts(self._fields.get("references")))

    def block(self, index: int, length: int) -> Expressions:
        """The block that made an element; the plan orders sets anew, so where in doubt nothing is said."""
        if isinstance(self._node, MapNode):
            return self
        items = self._node.items if isinstance(self._node, ListNode) else []
        if len(items) == 1 or len(items) == length > index:
            return Expressions(items[0 if len(items) == 1 else index], self._resolve)
        return Expressions.none()


class PlanConfiguration:
    """The configuration of a plan. resources: those of the plan by address, filled in before references are asked for."""

    def __init__(self, node: Node | None, resources: Mapping[str, WrittenResource]) -> None:
        fields = fields_of(node)
        self.known = node is not None
        self._root = fields_of(fields.get("root_module"))
        self._providers = {name: fields_of(each) for name, each in fields_of(fields.get("provider_config")).items()}
        self._resources = resources
        self._by_block: dict[str, list[WrittenResource]] | None = None
        self._modules: dict[str, Fields | None] = {"": self._root}
        self._blocks: dict[str, dict[str, Fields]] = {}
        self.provider_versions: dict[str, str] = {}
        for provider in self._providers.values():
            version = _text(provider.get("version_constraint"))
            if version:
                self.provider_versions["/".join(_text(provider.get("full_name")).split("/")[-2:])] = version

    def module_of(self, address: str) -> str:
        """The address of the module instance that a resource belongs to."""
        return ".".join(part for part, _, _ in _modules(address))

    def expressions(self, address: str) -> Expressions:
        """What the configuration writes in a resource."""
        block = self._block(address)
        if block is None:
            return Expressions.none()
        module = self.module_of(address)
        index = _key_of(address)
        return Expressions(
            block.get("expressions"), lambda references: self._resolve(references, module, index, block, 0)
        )

    def outputs(self) -> Iterator[References]:
        """What each output of the root refers to."""
        for output in fields_of(self._root.get("outputs")).values():
            references = _texts(fields_of(fields_of(output).get("expression")).get("references"))
            yield self._resolve(references, "", "", {}, 0)

    def region(self, address: str) -> Value | None:
        """The region of the provider configuration of a resource, where it is a constant."""
        provider = self._providers.get(_text((self._block(address) or {}).get("provider_config_key")))
        expression = fields_of(fields_of((provider or {}).get("expressions")).get("region"))
        node = expression.get("constant_value")
        return known(node.text, node.range) if isinstance(node, ScalarNode) else None

    def _block(self, address: str) -> Fields | None:
        module = self.module_of(address)
        shape = INDEX.sub("", module)
        blocks = self._blocks.get(shape)
        if blocks is None:
            listed = (self._module(shape) or {}).get("resources")
            items = [fields_of(item) for item in listed.items] if isinstance(listed, ListNode) else []
            blocks = self._blocks[shape] = {_text(item.get("address")): item for item in items}
        return blocks.get(INDEX.sub("", address[len(module) + 1 if module else 0 :]))

    def _module(self, shape: str) -> Fields | None:
        """The configuration of a module by its address without keys."""
        if shape not in self._modules:
            call = self._call(shape)
            self._modules[shape] = fields_of(call.get("module")) if call is not None else None
        return self._modules[shape]

    def _call(self, shape: str) -> Fields | None:
        *above, (_, name, _) = _modules(shape)
        outer = self._module(".".join(part for part, _, _ in above))
        calls = fields_of((outer or {}).get("module_calls"))
        return fields_of(calls[name]) if name in calls else None

    def _resolve(self, references: list[str], module: str, key: str, block: Fields, depth: int) -> References:
        """References of a place in a module instance as resources. key: of the instance that refers; block: its text."""
        found: dict[tuple[int, str], Reference] = {}
        if depth > DEPTH_LIMIT:
            return ()
        previous = ""
        for text in references:
            if previous.startswith((text + ".", text + "[")):
                continue  # the plan lists every prefix of a reference behind it
            previous = text
            for reference in self._one(text, module, key, block, depth + 1):
                found.setdefault((id(reference[0]), reference[1]), reference)
        return tuple(found.values())

    def _one(self, text: str, module: str, key: str, block: Fields, depth: int) -> References:
        head, _, rest = text.partition(".")
        if head == "each" or head == "count":
            expression = fields_of(block.get("for_each_expression" if head == "each" else "count_expression"))
            return self._resolve(_texts(expression.get("references")), module, key, {}, depth)
        if head == "var":
            return self._argument(rest.split(".")[0].split("[")[0], module, depth) if module else ()
        if head == "module":
            return self._output(text, module, key, depth)
        match = _RESOURCE.match(text)
        if match is None or head in ("local", "path", "terraform", "self"):
            return ()
        prefix = f"{module}." if module else ""
        attribute = match[3] or ""
        for index in (match[2],) if match[2] else (key, ""):
            exact = self._resources.get(f"{prefix}{match[1]}{index}")
            if exact is not None:
                return ((exact, attribute),)
        if match[2]:
            return ()
        return tuple((resource, attribute) for resource in self._instances(prefix + match[1]))

    def _instances(self, block: str) -> list[WrittenResource]:
        if self._by_block is None:
            self._by_block = {}
            for address, resource in self._resources.items():
                index = _key_of(address)
                self._by_block.setdefault(address.removesuffix(index) if index else address, []).append(resource)
        return self._by_block.get(block, [])

    def _argument(self, name: str, module: str, depth: int) -> References:
        """What the caller of a module instance passes for a variable."""
        *above, (_, _, index) = _modules(module)
        call = self._call(INDEX.sub("", module)) or {}
        expression = fields_of(fields_of(call.get("expressions")).get(name))
        outer = ".".join(part for part, _, _ in above)
        return self._resolve(_texts(expression.get("references")), outer, index, call, depth)

    def _output(self, text: str, module: str, key: str, depth: int) -> References:
        """What an output of a called module refers to, in the instances that are meant."""
        match = _MODULE.match(text)
        name = re.match(r"[\w-]+", text[match.end() :]) if match is not None else None
        if match is None or name is None:
            return ()
        prefix = f"{module}." if module else ""
        shape = INDEX.sub("", f"{prefix}module.{match[1]}")
        output = fields_of(fields_of((self._module(shape) or {}).get("outputs")).get(name[0]))
        references = _texts(fields_of(output.get("expression")).get("references"))
        found: References = ()
        for child in self._children(f"{prefix}module.{match[1]}", match[2] or "", key):
            found += self._resolve(references, child, "", {}, depth)
        return found

    def _children(self, call: str, index: str, key: str) -> list[str]:
        present = dict.fromkeys(self.module_of(address) for address in self._resources)
        wanted = len(list(_modules(call)))
        ancestors = dict.fromkeys(".".join(part for part, _, _ in list(_modules(each))[:wanted]) for each in present)
        for exact in (call + index,) if index else (call + key, call):
            if exact in ancestors:
                return [exact]
        return [] if index else [each for each in ancestors if each.startswith(call + "[")]


def _modules(address: str) -> Iterator[tuple[str, str, str]]:
    """The module steps that an address begins with: (with key, name, key)."""
    position = 0
    match = _MODULE.match(address)
    while match is not None:
        yield match[0].rstrip("."), match[1], match[2] or ""
        position = match.end()
        match = _MODULE.match(address, position)


def _key_of(address: str) -> str:
    """The key at the end of an address, in its brackets; "" if it has none."""
    matches = list(INDEX.finditer(address))
    return matches[-1][0] if matches and matches[-1].end() == len(address) else ""


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _texts(node: Node | None) -> list[str]:
    return [item.text for item in node.items if isinstance(item, ScalarNode)] if isinstance(node, ListNode) else []


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and scalar_value(node) is None

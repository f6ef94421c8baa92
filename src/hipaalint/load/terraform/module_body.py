"""A module's text, lowered once however many callers it has: its variables, locals, resources, calls, outputs, providers.

Second step of load/terraform, after files.py; module_instance.py gives it scopes and values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...expression.tree import Expression, Literal, Object, Tuple
from ...source import Diagnostic, SourceFile, SourceRange
from ...syntax.hcl import AttributeDefinition, Block, Body
from ..options import LoadOptions
from .block_text import BlockText, address_text, reference_text
from .files import merge_overrides, module_files, read_body
from .variable_text import VariableText

_RESOURCE_META = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"})
_SHOWN_META = frozenset({"provider", "depends_on", "lifecycle", "provisioner"})
_CALL_META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
# Block types that hold nothing to evaluate here; `action`, `list` and `language` belong to newer versions.
_IGNORED = frozenset({"import", "removed", "check", "action", "list", "language"})
RESOURCE, DATA, EPHEMERAL = "resource", "data", "ephemeral"


class Expandable:
    """What resources and module calls have in common: a header, and count, for_each or (OpenTofu's) enabled."""

    __slots__ = ("count", "enabled", "for_each", "header", "name", "range")

    def __init__(self, block: Block, name: str) -> None:
        attributes = block.body.attributes
        self.name = name
        self.header = block.header_range
        self.range = block.range
        self.count = attributes.get("count")
        self.for_each = attributes.get("for_each")
        self.enabled: AttributeDefinition | None = None
        for inner in block.body.blocks:
            if inner.type == "lifecycle" and "enabled" in inner.body.attributes:
                self.enabled = inner.body.attributes["enabled"]


class ResourceText(Expandable):
    """A resource, data source or ephemeral resource. text and meta are grouped when they are first asked for."""

    __slots__ = ("_block", "_meta", "_nested", "_text", "has_meta", "has_region", "mode", "provider", "type")

    def __init__(self, block: Block, options: LoadOptions) -> None:
        super().__init__(block, block.labels[1])
        self.mode = block.type
        self.type = block.labels[0]
        self._block = block
        self._text: BlockText | None = None
        self._meta: BlockText | None = None
        self._nested = options.nested_blocks
        names = block.body.attributes.keys() | {inner.type for inner in block.body.blocks}
        self.has_region = "region" in names
        self.has_meta = not _SHOWN_META.isdisjoint(names)
        provider = block.body.attributes.get("provider")
        self.provider = reference_text(provider.expression) if provider is not None else None

    @property
    def text(self) -> BlockText:
        if self._text is None:
            type = f"data.{self.type}" if self.mode == DATA else self.type
            self._text = BlockText.of(
                self._block.body, "", lambda path: self._nested(type, path), without=_RESOURCE_META
            )
        return self._text

    @property
    def meta(self) -> BlockText:
        if self._meta is None:
            self._meta = BlockText.of(_meta_body(self._block.body))
        return self._meta


def _meta_body(body: Body) -> Body:
    """The meta-arguments that are kept; what Terraform reads as a name there (provider, ignore_changes) is a text."""
    attributes = {name: _as_text(each) for name, each in body.attributes.items() if name in _SHOWN_META}
    blocks: list[Block] = []
    for block in body.blocks:
        if block.type == "lifecycle":
            settings = {name: _as_text(each) for name, each in block.body.attributes.items()}
            inner = Body(settings, block.body.blocks, block.body.range)
            blocks.append(Block(block.type, [], [], inner, block.header_range, block.range))
        elif block.type in _SHOWN_META:
            blocks.append(block)
    return Body(attributes, blocks, body.range)


def _as_text(attribute: AttributeDefinition) -> AttributeDefinition:
    if attribute.name not in ("provider", "ignore_changes", "replace_triggered_by"):
        return attribute
    expression = attribute.expression
    if isinstance(expression, Tuple):
        expression = Tuple([_name_text(item) for item in expression.items], expression.range)
    else:
        expression = _name_text(expression)
    return AttributeDefinition(attribute.name, attribute.name_range, expression, attribute.range)


def _name_text(expression: Expression) -> Expression:
    return Literal(reference_text(expression) or expression.range.text, expression.range)


class CallText(Expandable):
    """A module block. source: None where there is none. providers: name in the module → name here."""

    __slots__ = ("arguments", "providers", "source", "source_range")

    def __init__(self, block: Block) -> None:
        super().__init__(block, block.labels[0])
        attributes = block.body.attributes
        source = attributes.get("source")
        self.source = source.expression if source is not None else None
        self.source_range = source.range if source is not None else block.header_range
        self.arguments = {name: each for name, each in attributes.items() if name not in _CALL_META}
        self.providers: dict[str, str] = {}
        providers = attributes.get("providers")
        if providers is not None and isinstance(providers.expression, Object):
            for key, value in providers.expression.items:
                inner, outer = reference_text(key), reference_text(value)
                if inner and outer:
                    self.providers[inner] = outer


class ProviderText:
    """A provider block."""

    __slots__ = ("alias", "name", "text")

    def __init__(self, block: Block) -> None:
        alias = block.body.attributes.get("alias")
        self.name = block.labels[0]
        self.alias = (reference_text(alias.expression) or "") if alias is not None else ""
        self.text = BlockText.of(block.body)


class ModuleBody:
    """Everything that a folder declares. diagnostics: what is wrong with its text; reported once a run and root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[SourceFile] = []
        self.diagnostics: list[Diagnostic] = []
        self.variables: dict[str, VariableText] = {}
        self.locals: dict[str, AttributeDefinition] = {}
        self.outputs: dict[str, Block] = {}
        self.resources: dict[tuple[str, str, str], ResourceText] = {}
        self.calls: dict[str, CallText] = {}
        self.providers: dict[tuple[str, str], ProviderText] = {}
        self.provider_versions: dict[str, str] = {}
        self.moved: list[tuple[str, str]] = []  # addresses within the module: from, to

    def add(self, block: Block, options: LoadOptions) -> None:
        """Takes in one top-level block; what it cannot be is a diagnostic."""
        labels = {RESOURCE: 2, DATA: 2, EPHEMERAL: 2, "variable": 1, "output": 1, "module": 1, "provider": 1}
        wanted = labels.get(block.type, 0)
        if wanted != len(block.labels) and block.type not in _IGNORED:
            names = {0: "no labels", 1: "one label, its name", 2: "two labels, its type and its name"}
            if block.type in labels or block.type in ("locals", "terraform"):
                self._error(f"a {block.type} block has {names[wanted]}", block.header_range)
                return
        if block.type in (RESOURCE, DATA, EPHEMERAL):
            self._add(self.resources, (block.type, *block.labels), ResourceText(block, options), block)
            self._check_dynamic(block.body)
        elif block.type == "variable":
            variable = VariableText(block)
            self._add(self.variables, variable.name, variable, block)
            if variable.type_problem is not None:
                self._error(variable.type_problem.message, variable.type_problem.range or block.header_range)
        elif block.type == "output":
            self._add(self.outputs, block.labels[0], block, block)
        elif block.type == "module":
            self._add(self.calls, block.labels[0], CallText(block), block)
        elif block.type == "provider":
            provider = ProviderText(block)
            self._add(self.providers, (provider.name, provider.alias), provider, block)
        elif block.type == "locals":
            for name, attribute in block.body.attributes.items():
                self._add(self.locals, name, attribute, block, attribute.range)
        elif block.type == "terraform":
            self._add_settings(block)
        elif block.type == "moved":
            self._add_move(block)
        elif block.type not in _IGNORED:
            self.diagnostics.append(
                Diagnostic(
                    "warning",
                    f'"{block.type}" is no block type that is known here; it was left out',
                    block.header_range,
                )
            )

    def _add(
        self, into: dict[Any, Any], key: Any, item: object, block: Block, range: SourceRange | None = None
    ) -> None:
        """A second declaration of the same name is refused, as Terraform does."""
        if key in into:
            name = ".".join(key if isinstance(key, tuple) else (block.type, key)).rstrip(".")
            self._error(f"{name} is declared twice in this module; rename or remove one", range or block.header_range)
            return
        into[key] = item

    def _add_settings(self, block: Block) -> None:
        for inner in block.body.blocks:
            if inner.type != "required_providers":
                continue
            for name, attribute in inner.body.attributes.items():
                fields = constant_fields(attribute.expression)
                version = fields.get("version", "")
                if version:
                    self.provider_versions[fields.get("source") or f"hashicorp/{name}"] = version

    def _add_move(self, block: Block) -> None:
        places = [block.body.attributes.get(name) for name in ("from", "to")]
        addresses = [address_text(place.expression) for place in places if place is not None]
        if len(addresses) != 2 or None in addresses:
            self._error("a moved block has two addresses of resources or modules, from and to", block.header_range)
            return
        self.moved.append((str(addresses[0]), str(addresses[1])))

    def _check_dynamic(self, body: Body) -> None:
        for block in body.blocks:
            if block.type == "dynamic":
                contents = [inner for inner in block.body.blocks if inner.type == "content"]
                if len(block.labels) != 1 or len(contents) != 1 or "for_each" not in block.body.attributes:
                    self._error("a dynamic block has one label, for_each and one content block", block.header_range)
                for content in contents:
                    self._check_dynamic(content.body)
            elif block.body.blocks:
                self._check_dynamic(block.body)

    def _error(self, message: str, range: SourceRange) -> None:
        self.diagnostics.append(Diagnostic("error", message, range))


def constant_fields(expression: Expression) -> dict[str, str]:
    """The texts of an object of constants; of a lone string (old form of required_providers) its version."""
    if isinstance(expression, Literal):
        return {"version": str(expression.value)}
    fields: dict[str, str] = {}
    if isinstance(expression, Object):
        for key, value in expression.items:
            if isinstance(key, Literal) and isinstance(value, Literal) and isinstance(value.value, str):
                fields[str(key.value)] = value.value
    return fields


def module_body(folder: Path, options: LoadOptions) -> ModuleBody:
    """The lowered text of a folder, made once a run. Raises OSError if the folder cannot be listed."""
    found = options.modules.get(folder)
    if isinstance(found, ModuleBody):
        return found
    module = ModuleBody(folder)
    primary: list[Block] = []
    overrides: list[Block] = []
    for paths, blocks in zip(module_files(folder), (primary, overrides), strict=True):
        for path in paths:
            parsed = read_body(path, options)
            module.diagnostics.extend(parsed.diagnostics)
            if parsed.file is not None:
                module.files.append(parsed.file)
            if parsed.body is not None:
                blocks.extend(parsed.body.blocks)
                for attribute in parsed.body.attributes.values():
                    message = f'"{attribute.name}" stands outside of any block; move it into one'
                    module.diagnostics.append(Diagnostic("error", message, attribute.range))
    for block in merge_overrides(primary, overrides, module.diagnostics) if overrides else primary:
        module.add(block, options)
    options.modules[folder] = module
    return module

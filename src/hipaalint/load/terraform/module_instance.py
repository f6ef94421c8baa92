"""One instance of a module: its scope, variables, locals and outputs, and the blocks below it, made when asked for.

Third step of load/terraform, made by root.py: the lowered text (module_body.py) is shared, an instance adds scopes only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...expression.evaluator import evaluate
from ...expression.tree import Literal
from ...expression.values import (
    COMPUTED,
    ERROR,
    IMPURE,
    NOT_LOADED,
    UNRESOLVED,
    EvaluationError,
    Lazy,
    Namespace,
    Unknown,
    Value,
    known,
)
from ...expression.world import Deferred
from ...source import SourceRange
from ...syntax.hcl import AttributeDefinition
from .module_body import DATA, EPHEMERAL, RESOURCE, ModuleBody
from .nodes import CallNode, ResourceNode
from .objects import Undeclared
from .providers import ProviderSettings
from .scopes import ModuleScope
from .variable_text import VariableText

if TYPE_CHECKING:
    from .expansion import Key
    from .root import RootLoad


class ModuleInstance:
    """One instance of a module in one root.

    body: None for a module that is not loaded. address: `module.a["x"].module.b`, "" for the root module itself.
    call: the block that calls it, and key: for which of its instances; None for the root module.
    call_range: of the `module` block in the user's repository, if the text of this module lies outside of it.
    """

    def __init__(
        self,
        load: RootLoad,
        body: ModuleBody | None,
        *,
        address: str = "",
        call: CallNode | None = None,
        key: Key = None,
        exists: Deferred,
        symbolic: bool = False,
        call_range: SourceRange | None = None,
        values: dict[str, Deferred] | None = None,
    ) -> None:
        self.load = load
        self.body = body
        self.address = address
        self.call = call
        self.key = key
        self.exists = exists
        self.symbolic = symbolic
        self.call_range = call_range
        self.scope = ModuleScope(load.world, load.functions, load.context, self._namespace, address)
        self._prefix = f"{address}." if address else ""
        self._variables: dict[str, Deferred] = dict(values or {})
        self._locals: dict[str, Deferred] = {}
        self._outputs: dict[str, Deferred] = {}
        self._resources: dict[tuple[str, str, str], ResourceNode] = {}
        self._calls: dict[str, CallNode] = {}
        self._providers: dict[tuple[str, str], ProviderSettings | None] = {}

    @property
    def parent(self) -> ModuleInstance | None:
        return self.call.module if self.call is not None else None

    def path(self) -> list[str]:
        """The names of the module calls that lead here."""
        return [*self.call.module.path(), self.call.text.name] if self.call is not None else []

    # -- blocks ------------------------------------------------------------------------------------------------------

    def resource(self, mode: str, type: str, name: str) -> ResourceNode | None:
        """The node of a resource or data source that this module declares."""
        node = self._resources.get((mode, type, name))
        if node is None and self.body is not None:
            text = self.body.resources.get((mode, type, name))
            if text is None:
                return None
            address = f"{self._prefix}{'' if mode == RESOURCE else mode + '.'}{type}.{name}"
            node = self._resources[mode, type, name] = ResourceNode(self, text, address)
        return node

    def module_call(self, name: str) -> CallNode | None:
        """The node of a module call."""
        node = self._calls.get(name)
        if node is None and self.body is not None:
            text = self.body.calls.get(name)
            if text is None:
                return None
            node = self._calls[name] = CallNode(self, text, f"{self._prefix}module.{name}")
        return node

    def provider(self, reference: str) -> ProviderSettings | None:
        """The settings of `aws` or `aws.alias` as this module sees it; None where nobody configures it."""
        name, _, alias = reference.partition(".")
        if (name, alias) in self._providers:
            return self._providers[name, alias]
        settings: ProviderSettings | None = None
        text = self.body.providers.get((name, alias)) if self.body is not None else None
        if text is not None:
            settings = ProviderSettings(text, self.scope)
        elif self.call is not None:
            passed = self.call.text.providers.get(reference)
            if passed is not None:
                settings = self.call.module.provider(passed)
            elif not alias:
                settings = self.call.module.provider(name)
        self._providers[name, alias] = settings
        return settings

    # -- values ------------------------------------------------------------------------------------------------------

    def variable(self, name: str) -> Deferred | None:
        value = self._variables.get(name)
        if value is None and self.body is not None and self.call is not None:
            text = self.body.variables.get(name)
            if text is None:
                return None
            value = self._variables[name] = Deferred(self.load.world, lambda: self._argument(text))
        return value

    def _argument(self, text: VariableText) -> Value:
        """What the caller passes for a variable, or its default. Fixed: no input of the root."""
        assert self.call is not None
        argument = self.call.text.arguments.get(text.name)
        default = text.default_value(self.load.constants) if argument is None or not text.nullable else None
        if argument is None:
            if default is not None:
                return default
            detail = f"{self.address} gives no value for var.{text.name}, which has no default"
            return text.no_value(detail, self.call.text.header)
        try:
            value = evaluate(argument.expression, self.call.scope(self.key)).at(argument.range)
            return text.converted(value, default)
        except EvaluationError as error:
            return Unknown(ERROR, error.message, text.type, range=argument.range, sensitive=text.sensitive)

    def local(self, name: str) -> Deferred | None:
        value = self._locals.get(name)
        if value is None and self.body is not None:
            text = self.body.locals.get(name)
            if text is None:
                return None
            value = self._locals[name] = Deferred(self.load.world, lambda: self._at(text))
        return value

    def output(self, name: str) -> Deferred | None:
        value = self._outputs.get(name)
        if value is None:
            if self.body is None:
                detail = f"{self.address} is not loaded"
                unknown = Unknown(NOT_LOADED, detail, range=self.call.text.source_range if self.call else None)
                value = Deferred.of(self.load.world, unknown)
            else:
                block = self.body.outputs.get(name)
                text = block.body.attributes.get("value") if block is not None else None
                if block is None or text is None:
                    return None
                mark = block.body.attributes.get("sensitive")
                sensitive = mark is not None and isinstance(mark.expression, Literal) and mark.expression.value is True
                value = Deferred(self.load.world, lambda: self._output(text, sensitive))
            self._outputs[name] = value
        return value

    def _output(self, text: AttributeDefinition, sensitive: bool) -> Value:
        value = self._at(text)
        if sensitive and not isinstance(value, Lazy):
            value.sensitive = True
        return value

    def _at(self, text: AttributeDefinition) -> Value:
        """An attribute's value at `name = value`: a copy, so that a mark set on it stays here."""
        return evaluate(text.expression, self.scope).at(text.range)

    # -- names -------------------------------------------------------------------------------------------------------

    def _namespace(self, name: str) -> Lazy:
        """What the first part of a reference means in this module."""
        body = self.body
        if name == "var":
            return Namespace(
                lambda n, range: self._deferred(self.variable(n), f"variable {n}", range),
                lambda: list(body.variables) if body is not None else [],
            )
        if name == "local":
            return Namespace(
                lambda n, range: self._deferred(self.local(n), f"local value {n}", range),
                lambda: list(body.locals) if body is not None else [],
            )
        if name == "module":
            return Namespace(self._module)
        if name == "path":
            return Namespace(self._path)
        if name in ("terraform", "tofu"):
            return Namespace(self._terraform)
        if name in (DATA, EPHEMERAL):
            return Namespace(lambda type, range: self._types(name, type))
        return self._types(RESOURCE, name)

    def _types(self, mode: str, type: str) -> Lazy:
        return Namespace(lambda name, range: self._resource(mode, type, name, range))

    def _deferred(self, value: Deferred | None, what: str, range: SourceRange | None) -> Value:
        if value is None:
            return Unknown(UNRESOLVED, f"{what} is not declared{self._here()}", range=range)
        return value.force()

    def _resource(self, mode: str, type: str, name: str, range: SourceRange | None) -> Value:
        node = self.resource(mode, type, name)
        if node is None:
            prefix = "" if mode == RESOURCE else f"{mode}."
            return Undeclared(type, f"{prefix}{type}.{name} is not declared{self._here()}", range)
        if mode == EPHEMERAL:
            return Unknown(COMPUTED, f"{node.address} exists only while Terraform runs", range=range, sensitive=True)
        return node.object()

    def _module(self, name: str, range: SourceRange | None) -> Value:
        node = self.module_call(name)
        if node is None:
            return Unknown(UNRESOLVED, f"module.{name} is not declared{self._here()}", range=range)
        return node.object()

    def _path(self, name: str, range: SourceRange | None) -> Value:
        if name == "root":
            return known(".", range)
        if name == "module" and self.body is not None:
            return known(os.path.relpath(self.body.folder, self.load.folder).replace(os.sep, "/"), range)
        if name == "cwd":
            return Unknown(IMPURE, "path.cwd depends on where Terraform is run", "string", True, range=range)
        raise EvaluationError(f'path has no attribute "{name}", only module, root and cwd', range)

    def _terraform(self, name: str, range: SourceRange | None) -> Value:
        if name == "workspace":
            return self.load.world.value_of(self.load.workspace)
        if name == "applying":
            return Unknown(IMPURE, "terraform.applying is known when it is applied", "bool", True, range=range)
        raise EvaluationError(f'terraform has no attribute "{name}", only workspace', range)

    def _here(self) -> str:
        return f" in {self.address}" if self.address else ""

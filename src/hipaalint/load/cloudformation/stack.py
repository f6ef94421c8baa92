"""A stack: a template with its parameters. Gives names their values and makes the resources as written.

The Scope in which a template's expressions are evaluated, when and as often as somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...expression import tree
from ...expression.evaluator import evaluate
from ...expression.scope import OpaqueConditions, Scope
from ...expression.values import (
    BOOL,
    DYNAMIC,
    NOT_LOADED,
    OBJECT,
    SEQUENCES,
    STRING,
    UNRESOLVED,
    Absent,
    Known,
    Lazy,
    Unknown,
    Value,
    is_false,
    is_true,
)
from ...expression.world import Deferred, Input
from ...resource import CLOUDFORMATION, Attributes, Root, WrittenResource
from ...source import Diagnostic, SourceRange
from ...syntax.yaml_json import MapNode, Node, ScalarNode, entry_range, scalar_value
from ..options import LoadOptions
from .exports import Export, exports_of
from .functions import FUNCTIONS
from .loops import TURN_LIMIT, Round, elements, memberships
from .lowering import CONDITION_PREFIX, Loops
from .parameters import Parameter, pseudo_parameters
from .properties import Expanded, Key, PartlyWritten, Property, computed, tags_of
from .serverless import IMPLIED_KINDS, NOT_FOLLOWED, PREFIX, completed, implicit_apis, implied, meant
from .serverless_calls import IMPLICIT
from .serverless_nodes import Data, made
from .shapes import for_each, intrinsic
from .template import Template, merged_with_globals

NESTED_TYPES = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}


class Stack(Scope):
    """One template under one set of parameters: the outermost of a root, or a nested one (`address` ends with /)."""

    __slots__ = (
        "_declared",
        "_exports",
        "_implicit_apis",
        "_mappings",
        "_opaque",
        "_outputs",
        "_parameters",
        "_properties",
        "_stack_tags",
        "address",
        "nested",
        "options",
        "outer",
        "passed",
        "pseudo",
        "resources",
        "root",
        "template",
        "turns",
    )

    def __init__(
        self,
        root: Root,
        template: Template,
        options: LoadOptions,
        given: Mapping[str, Deferred],
        outer: WrittenResource | None = None,
        pseudo: Mapping[str, Input | Known] | None = None,
        prefix: str = "",
        tags: Mapping[str, Value] | None = None,
    ) -> None:
        super().__init__(root.world, FUNCTIONS)
        self.context = self
        self.turns = 0
        self.root = root
        self.template = template
        self.options = options
        self.outer = outer
        self.address = f"{outer.address}/" if outer is not None else prefix
        self._opaque = OpaqueConditions(self.address)
        self.pseudo = pseudo if pseudo is not None else pseudo_parameters()
        self._mappings: dict[str, Value] = {}
        self.resources: dict[str, WrittenResource] = {}
        self.nested: dict[str, Stack] = {}
        self._exports: list[Export] | None = None
        self._outputs: dict[str, Deferred] | None = None
        self._declared = {key.text: node for key, node in template.section("Resources")}
        self._implicit_apis: dict[str, tuple[WrittenResource, Node, list[Data]]] = {}
        # What the nested stacks are given, by their logical ids; each value by itself, so that a child's parameter
        # depends on nothing but what it is made of.
        self.passed: dict[str, Mapping[str, Deferred]] = {}
        self._parameters = {key.text: self._parameter(key, node, given) for key, node in template.section("Parameters")}
        self._stack_tags: Deferred | None = None
        if outer is not None:
            self._stack_tags = Deferred(self.world, tags_of(outer))
        elif tags:
            self._stack_tags = Deferred.of(self.world, Known(dict(tags), OBJECT))
        self._properties: dict[str, Deferred] = {}
        for key, node, loops, scope in self._expanded(template.section("Conditions")):
            condition = self._deferred(template.lowering.condition, node, loops, scope)
            self._properties[CONDITION_PREFIX + key.text] = condition

    # -----------------------------------------------------------------------------------------------------------------
    # What names mean

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        """A parameter, pseudo parameter, condition, or what `Ref` of a resource gives."""
        if name == "AWS::NoValue":
            return Absent("")
        found = self._properties.get(name)
        if found is not None:
            return found.force()
        parameter = self._parameters.get(name)
        if parameter is not None:
            return parameter.force()
        pseudo = self.pseudo.get(name)
        if pseudo is not None:
            return pseudo if isinstance(pseudo, Known) else self.world.value_of(pseudo, propose=False)
        if name in self.resources or meant(self.resources, name) is not None:
            return self.attribute(name, "Ref", range)
        if name.startswith(CONDITION_PREFIX):
            name = name.removeprefix(CONDITION_PREFIX)
            return Unknown(UNRESOLVED, f"there is no condition {name}", BOOL, True, range=range)
        return Unknown(UNRESOLVED, f"{name} is no parameter and no resource here", STRING, True, range=range)

    def opaque(self, condition: tree.Expression, round: str = "") -> Input | None:
        """The input for a condition that nobody can decide: one for each text in this stack."""
        return self._opaque.input(condition, round)

    def mapping(self, name: str) -> Value | None:
        """A mapping of the template, None if there is none of that name."""
        found = self._mappings.get(name)
        if found is None:
            for key, node in self.template.section("Mappings"):
                if key.text == name:
                    found = self._mappings[name] = evaluate(self.template.lowering.lower(node), self)
        return found

    def attribute(self, name: str, attribute: str, range: SourceRange | None) -> Value:
        """What `Ref` (attribute "Ref") or `Fn::GetAtt` gives for a resource."""
        resource = self.resources.get(name)
        if resource is None:  # `!GetAtt Function.Version.Arn` has its point in either part
            resource = meant(self.resources, name)
        elif resource.type.startswith(PREFIX) and attribute in IMPLIED_KINDS:
            # `${Api.Stage}` in a text
            resource, attribute = meant(self.resources, f"{name}.{attribute}") or resource, "Ref"
        if resource is None:
            return Unknown(UNRESOLVED, f"there is no resource {name} in this template", DYNAMIC, True, range=range)
        output = attribute.removeprefix("Outputs.")
        if output != attribute and resource.type in NESTED_TYPES:
            stack = self.nested.get(name)
            if stack is not None:
                return stack.output(output, range)
            return Unknown(
                NOT_LOADED,
                f"an output of {name}, which was not loaded",
                DYNAMIC,
                True,
                references=((resource, attribute),),
            )
        assert resource.computed is not None
        return resource.computed(attribute)

    def exports(self) -> list[Export]:
        """What this stack exports."""
        if self._exports is None:
            self._exports = exports_of(self, self._expanded(self.template.section("Outputs")))
        return self._exports

    def outputs(self) -> dict[str, Deferred]:
        """The outputs of this stack, by name; each is evaluated when it is asked for."""
        if self._outputs is None:
            self._outputs = {}
            for key, node, loops, scope in self._expanded(self.template.section("Outputs")):
                value = node.get("Value") if isinstance(node, MapNode) else None
                if value is not None:
                    self._outputs[key.text] = self._deferred(self.template.lowering.lower, value, loops, scope)
        return self._outputs

    def output(self, name: str, range: SourceRange | None) -> Value:
        """An output of this stack, for the stack around it or one that imports it."""
        found = self.outputs().get(name)
        if found is not None:
            return found.force()
        return Unknown(UNRESOLVED, f"the nested template has no output {name}", DYNAMIC, True, range=range)

    def _parameter(self, key: ScalarNode, node: Node, given: Mapping[str, Deferred]) -> Deferred:
        parameter = Parameter(key, node)
        value = given.get(parameter.name)
        if value is not None:
            return Deferred(self.world, lambda: parameter.passed(value.force(), parameter.range))
        if self.outer is not None:
            return Deferred.of(self.world, parameter.fixed(parameter.range))
        input = parameter.input(self.address + parameter.name, self.options.assume_nothing)
        self.root.inputs.append(input)
        return Deferred(self.world, lambda: self.world.value_of(input))

    # -----------------------------------------------------------------------------------------------------------------
    # Resources

    def load(self) -> None:
        """Make the resources of this stack, in the order of the file; nested stacks are nesting.py's."""
        for message, range in self.template.faults:
            self._fault(message, range)
        for message, range in self.template.notes:
            self._note(message, range)
        for message, range in self.template.opaque:
            self._unjudged(message, range)
        for logical_id, node, loops, scope in self._expanded(self.template.section("Resources")):
            self._add(logical_id, node, loops, scope if scope is not None else self)
        for kind, (resource, event, conditions) in self._implicit_apis.items():
            # One for all events that name none; it is there if one of their functions is.
            fields: dict[str, Data] = {
                "Type": PREFIX + kind,
                "Condition": {"Fn::Or": conditions} if None not in conditions else None,
                "Properties": {"StageName": "Prod"} if kind == "Api" else {},
            }
            key = ScalarNode(IMPLICIT[kind], False, None, event.file, event.start, event.end)
            self._add(Key(IMPLICIT[kind], key, False), made(fields, event), (), self, resource)

    def _expanded(
        self, section: list[tuple[ScalarNode, Node]], loops: Loops = (), scope: Scope | None = None
    ) -> list[Expanded]:
        """The entries of a section, those of Fn::ForEach once for each element."""
        entries: list[Expanded] = []
        for key, node in section:
            loop = for_each(node) if key.text.startswith("Fn::ForEach::") else None
            if loop is not None:
                identifier, collection, body = loop
                for value, member in self._elements(collection, loops, scope or self, key):
                    self.turns += 1
                    if self.turns > TURN_LIMIT:
                        break
                    inner = Round(scope or self, {identifier: value}, value, member)
                    entries += self._expanded(body.entries, (*loops, identifier), inner)
                if self.turns > TURN_LIMIT and not loops:
                    message = (
                        f"the loops make more than {TURN_LIMIT:,} turns, which is the limit: the rest was not judged"
                    )
                    self._fault(message, key.range)
            elif key.text.startswith("Fn::ForEach::"):
                self._fault("Fn::ForEach takes [identifier, collection, {key: value}]", key.range)
            elif not loops:
                entries.append((Key(key.text, key, False), node, loops, scope))
            else:
                assert scope is not None
                text_of_key = self.template.lowering.key
                name = self._deferred(text_of_key, key, loops, scope).force()
                known = isinstance(name, Known) and isinstance(name.data, str)
                text = str(name.data) if isinstance(name, Known) else key.text
                entries.append((Key(text, key, not known), node, loops, scope))
        return entries

    def _elements(
        self, collection: Node, loops: Loops, scope: Scope, key: ScalarNode
    ) -> list[tuple[Value, Deferred | None]]:
        """The elements of a loop, each with the question whether it is there; one unknown if nobody knows them."""
        found, base = elements(self.world, self._deferred(self.template.lowering.lower, collection, loops, scope))
        if found or (isinstance(base, Known) and base.kind in SEQUENCES and not base.data):
            return found
        reason, detail = (base.reason, base.detail) if isinstance(base, Unknown) else (UNRESOLVED, "")
        self._note(f"the collection of {key.text} is not known: one resource stands for all it makes", key.range)
        return [(Unknown(reason, detail, STRING, True, range=collection.range), None)]

    def _deferred(
        self, lower: Callable[[Node, Loops], tree.Expression], node: Node, loops: Loops, scope: Scope | None
    ) -> Deferred:
        return Deferred(self.world, lambda: evaluate(lower(node, loops), scope if scope is not None else self))

    def _add(self, key: Key, node: Node, loops: Loops, scope: Scope, implied_by: WrittenResource | None = None) -> None:
        if key.text in self.resources:
            self._fault(f"there are two resources {key.text}", key.node.range)
            return
        written = node if isinstance(node, MapNode) else MapNode(None, node.file, node.start, node.end)
        named = written.get("Type")
        type = named.text if isinstance(named, ScalarNode) and named.tag is None else ""
        if not type:
            # It stays in the graph, so that nothing is lost in silence. A macro may give it a type.
            report = self._unjudged if self.template.opaque else self._fault
            report(f"the resource {key.text} has no Type and was not judged", key.node.range)
        header = key.node.range
        properties = written.get("Properties")
        shared = self.template.globals(type)
        if shared is not None:
            properties = merged_with_globals(shared, properties) if properties is not None else shared
        serverless: MapNode | None = None
        if type.startswith(PREFIX) and type not in NESTED_TYPES and isinstance(properties, MapNode | None):
            serverless = properties or MapNode(None, written.file, header.start, header.end)
            properties = completed(key.text, type, serverless)
        if type in NOT_FOLLOWED:
            self._unjudged(f"what {key.text} ({type}) grants was not judged", header)
        if type.endswith("::MODULE"):
            self._unjudged(f"the module {type} was not loaded: its resources were not judged", header)
        meta = [entry for entry in written.entries if entry[0].text not in ("Type", "Properties")]
        resource = WrittenResource(
            self.root,
            self.address + key.text,
            type,
            key.text,
            CLOUDFORMATION,
            self._body(properties, loops, scope, header),
            Deferred(self.world, self._existence(written.get("Condition"), loops, scope)),
            header,
            entry_range(key.node, node),
            module=self.address.removesuffix("/"),
            symbolic=key.symbolic,
            meta=Attributes(self._fields(meta, loops, scope), header),
            default_tags=self._stack_tags,
        )
        resource.implied_by = implied_by
        resource.computed = computed(resource, self.options.identifier)
        if type in NESTED_TYPES and isinstance(properties, MapNode):
            passed = properties.get("Parameters")
            self.passed[key.text] = self._fields(passed.entries, loops, scope) if isinstance(passed, MapNode) else {}
        self.resources[key.text] = resource
        self.root.resources.append(resource)
        if serverless is not None:
            self._imply(key, resource, serverless, written, loops, scope)

    def _imply(
        self, key: Key, resource: WrittenResource, properties: MapNode, written: MapNode, loops: Loops, scope: Scope
    ) -> None:
        """Add what a Serverless resource stands for beside itself."""
        condition = written.get("Condition")
        for name, type, fields, place in implied(key.text, resource.type, properties, self._properties_of):
            if name not in self._declared and name not in self.resources:
                whole: dict[str, Data] = {"Type": type, "Condition": condition, "Properties": made(fields, place)}
                whole["Metadata"] = written.get("Metadata")
                self._add(Key(name, key.node, key.symbolic), made(whole, written), loops, scope, resource)
        if not key.symbolic:
            for kind, event in implicit_apis(properties):
                if IMPLICIT[kind] not in self._declared:
                    known = self._implicit_apis.setdefault(kind, (resource, event, []))
                    known[2].append({"Condition": condition} if condition is not None and not loops else None)

    def _properties_of(self, name: str) -> MapNode | None:
        """The properties of a resource as they are written, with those of Globals."""
        for kind, implicit in IMPLICIT.items():
            if name == implicit and name not in self._declared:
                return self.template.globals(PREFIX + kind) or MapNode(None, self.template.file, 0, 0)
        node = self._declared.get(name)
        type = node.get("Type") if isinstance(node, MapNode) else None
        own = node.get("Properties") if isinstance(node, MapNode) else None
        shared = self.template.globals(type.text) if isinstance(type, ScalarNode) else None
        if shared is not None:
            own = merged_with_globals(shared, own) if own is not None else shared
        return own if isinstance(own, MapNode) else None

    def _body(self, properties: Node | None, loops: Loops, scope: Scope, header: SourceRange) -> Lazy:
        if properties is None or (isinstance(properties, ScalarNode) and scalar_value(properties) is None):
            return Attributes({}, header)
        if not isinstance(properties, MapNode):
            self._fault("Properties must be a map", properties.range)
            return Attributes({}, header)
        entries, transforms = self.template.entries(properties)
        fields = self._fields(entries, loops, scope)
        return PartlyWritten(fields, header) if transforms else Attributes(fields, header)

    def _fields(self, entries: list[tuple[ScalarNode, Node]], loops: Loops, scope: Scope) -> dict[str, Deferred]:
        return {
            key.text: Deferred(self.world, Property(self.template, key, node, loops, scope)) for key, node in entries
        }

    def _existence(self, condition: Node | None, loops: Loops, scope: Scope) -> Callable[[], Value]:
        needed = [self.outer.exists] if self.outer is not None else []
        needed += memberships(scope)
        if condition is not None and (isinstance(condition, ScalarNode) or intrinsic(condition) is not None):
            name = self.template.lowering.condition(condition, loops)
            range = name.range
            own = tree.Choose(name, tree.Literal(True, range), tree.Literal(False, range), range)
            needed.append(Deferred(self.world, lambda: evaluate(own, scope)))

        def exists() -> Value:
            """All of what is needed: the first that is false, else the first that is not known."""
            undecided: Value | None = None
            for each in needed:
                value = each.force()
                if is_false(value):
                    return value
                if undecided is None and not is_true(value):
                    undecided = value
            return undecided if undecided is not None else Known(True, BOOL)

        return exists

    # -----------------------------------------------------------------------------------------------------------------
    # Diagnostics

    def _fault(self, message: str, range: SourceRange) -> None:
        self.root.diagnostics.append(Diagnostic("error", message, range))

    def _note(self, message: str, range: SourceRange) -> None:
        self.root.diagnostics.append(Diagnostic("note", message, range))

    def _unjudged(self, message: str, range: SourceRange) -> None:
        self._note(message, range)
        self.root.unjudged.append(message)

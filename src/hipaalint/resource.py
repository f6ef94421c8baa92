"""Roots and resources as written: what the loaders hand on, before the model gives it the registry's names.

Made by load/, read by model/ (lifting), graph/ (references) and the reports (locations, addresses).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .expression.values import Absent, Lazy, Reference, Value, is_false
from .expression.world import Deferred, Input, World
from .source import Diagnostic, SourceFile, SourceRange

TERRAFORM, CLOUDFORMATION, PLAN = "terraform", "cloudformation", "plan"
MOVES_LIMIT = 100  # of one resource; contradictory blocks can name any number of addresses


class Root:
    """One thing that is deployed as a whole: a Terraform root module, a template, a plan, a CDK assembly.

    path: its folder or file, as shown to people. deployment: the name of the set of inputs, "" if there is only one.
    unjudged: what was not loaded and might hold any type (remote modules, opaque includes), for people.
    moved: former addresses of resources or modules and what they are now, as `moved` blocks say.
    outputs: what it gives to whoever deploys it; None where that is not read.
    """

    __slots__ = (
        "deployment",
        "diagnostics",
        "files",
        "inputs",
        "kind",
        "moved",
        "outputs",
        "path",
        "provider_versions",
        "resources",
        "unjudged",
        "world",
    )

    def __init__(self, kind: str, path: str, deployment: str, world: World) -> None:
        self.kind = kind
        self.path = path
        self.deployment = deployment
        self.world = world
        self.inputs: list[Input] = []
        self.files: list[SourceFile] = []
        self.resources: list[WrittenResource] = []
        self.diagnostics: list[Diagnostic] = []
        self.unjudged: list[str] = []
        self.outputs: list[Deferred] | None = None
        # provider source ("hashicorp/aws") → version constraint as written ("~> 5.0"); empty for CloudFormation
        self.provider_versions: dict[str, str] = {}
        self.moved: list[tuple[str, str]] = []

    def former_addresses(self, address: str) -> list[str]:
        """The addresses that a resource had before, by the moves of this root: the latest first, each once."""
        found: dict[str, None] = {}
        waiting = [address] if self.moved else []
        while waiting:
            current = waiting.pop(0)
            for before, after in self.moved:
                if current == after or current.startswith((f"{after}.", f"{after}[")):
                    former = before + current[len(after) :]
                    if former != address and former not in found and len(found) < MOVES_LIMIT:
                        found[former] = None
                        waiting.append(former)
        return list(found)


class Attributes(Lazy):
    """The attributes of a block or of `Properties`, each evaluated when asked for; Absent where nothing is written.

    fields: name → Deferred, in the order of the text. path: dotted path of this object within its resource.
    range: the header of the block (or the key), where a missing attribute is reported.
    """

    __slots__ = ("fields", "path")

    def __init__(self, fields: Mapping[str, Deferred], range: SourceRange | None, path: str = "") -> None:
        super().__init__(range)
        self.fields = fields
        self.path = path

    def get(self, name: str, range: SourceRange | None) -> Value:
        field = self.fields.get(name)
        if field is None:
            return Absent(f"{self.path}.{name}" if self.path else name, range=self.range, spelled=name)
        return field.force()

    def names(self) -> list[str]:
        return list(self.fields)


class WrittenResource:
    """A resource (or data source) as its author wrote it, one for each instance that could be known.

    address: full, with instance keys: `module.db["a"].aws_db_instance.this[0]`, `Nested/Volume`.
    type: `aws_db_instance`, `AWS::RDS::DBInstance`, `AWS::Serverless::Function`, `Custom::X`.
    name: the last label or logical id.
    origin: who fills in what is not written: "cloudformation", "aws" or "awscc" (keys of the defaults table).
    body: an Attributes object (nested blocks are lists of objects under the block type's name).
    exists: a bool: false where `count`, `for_each` or `Condition` say that there is none; unknown where nobody knows.
    header: the line that opens it; range: the whole block.
    symbolic: True when its count or keys are unknown: one stands for any number.
    data: True for data sources. module: address of its module instance or nested stack, "" for the root itself.
    call: the `module` block in the user's repository, when the resource's own file lies outside it.
    meta: what stands beside the properties (DependsOn, DeletionPolicy, Metadata, lifecycle, depends_on, provider, …).
    default_tags: tags that the provider adds, as an object value; absent if there are none.
    computed: gives an attribute that others refer to; set by the loader.
    implied_by: the resource whose author did not write this one, but what a transform makes of it (a function's role).
    """

    __slots__ = (
        "address",
        "body",
        "call",
        "computed",
        "data",
        "default_tags",
        "exists",
        "header",
        "implied_by",
        "key",
        "meta",
        "module",
        "name",
        "origin",
        "range",
        "region",
        "root",
        "symbolic",
        "type",
    )

    def __init__(
        self,
        root: Root,
        address: str,
        type: str,
        name: str,
        origin: str,
        body: Lazy,
        exists: Deferred,
        header: SourceRange,
        range: SourceRange,
        *,
        module: str = "",
        data: bool = False,
        symbolic: bool = False,
        key: Value | None = None,
        call: SourceRange | None = None,
        meta: Lazy | None = None,
        default_tags: Deferred | None = None,
        region: Deferred | None = None,
        computed: Callable[[str], Value] | None = None,
    ) -> None:
        self.root = root
        self.address = address
        self.type = type
        self.name = name
        self.origin = origin
        self.body = body
        self.exists = exists
        self.header = header
        self.range = range
        self.module = module
        self.data = data
        self.symbolic = symbolic
        self.key = key
        self.call = call
        self.meta = meta if meta is not None else Attributes({}, header)
        self.default_tags = default_tags
        self.region = region
        self.computed = computed
        self.implied_by: WrittenResource | None = None

    def written_as(self) -> WrittenResource:
        """The resource in the text that this one is, or was made of."""
        return self.implied_by.written_as() if self.implied_by is not None else self

    def may_exist(self) -> bool:
        """False only where it certainly does not exist in the scenario in force."""
        return not is_false(self.exists.force())

    def reference(self, attribute: str) -> tuple[Reference, ...]:
        """The reference that a value carries which names this resource."""
        return ((self, attribute),)

    def __repr__(self) -> str:
        return f"WrittenResource({self.address})"

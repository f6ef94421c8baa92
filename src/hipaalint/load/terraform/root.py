"""A root module folder to a Root: the module tree with all instances that can exist, modules found and not found.

The entry of load/terraform, called by the pipeline for every folder that discover.py calls a root.
"""

from __future__ import annotations

import json
from pathlib import Path

from ...expression.evaluator import evaluate
from ...expression.functions import TERRAFORM_FUNCTIONS
from ...expression.functions.function import CallContext
from ...expression.scope import Scope, truth
from ...expression.values import ERROR, LIMIT, NO_VALUE, STRING, Unknown, known
from ...expression.world import Deferred, Input, World
from ...resource import TERRAFORM, Root, WrittenResource
from ...source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from ...syntax.hcl import parse_template
from ...syntax.yaml_json import parse as parse_yaml
from ..options import LoadOptions
from .expansion import Key, Symbolic
from .module_body import DATA, RESOURCE, ModuleBody, module_body
from .module_instance import ModuleInstance
from .nodes import CallNode, ResourceNode
from .scopes import TemplateScope
from .variables import RootVariables, given_values

DEPTH_LIMIT = 32  # of module calls
RESOURCE_LIMIT = 50_000  # instances in one root


def load_module_root(folder: Path, options: LoadOptions) -> Root:
    """The root module in a folder, with all that it calls.

    What cannot be read or found is in `diagnostics`, never an exception; resources are in the order of the text.
    """
    return RootLoad(folder.resolve(), options).run()


class RootLoad:
    """The loading of one root: what all of its module instances share."""

    def __init__(self, folder: Path, options: LoadOptions) -> None:
        self.folder = folder
        self.options = options
        self.world = World()
        self.root = Root(TERRAFORM, options.display(folder), options.deployment, self.world)
        self.functions = TERRAFORM_FUNCTIONS
        self.context = CallContext(
            self.world,
            base=folder,
            root=options.repository,
            parse_template=parse_template,
            parse_yaml=lambda text: parse_yaml(SourceFile("<text>", text), as_written=True),
            evaluate_template=lambda expression, names: evaluate(
                expression, TemplateScope(self.world, self.functions, self.context, names)
            ),
        )
        self.constants = Scope(self.world, {})
        unknown = Unknown(NO_VALUE, "the workspace is chosen when Terraform is run", STRING, True)
        self.workspace = Input("terraform.workspace", unknown, known)
        self.policies: dict[WrittenResource, Deferred] = {}
        self._partition: Input | None = None
        self._said: set[tuple[str, SourceRange | None, str | None]] = set()
        self._files: dict[int, SourceFile] = {}
        self._manifest: dict[str, Path] | None = None
        self._bodies: dict[tuple[Path | None, str], ModuleBody | None] = {}

    def run(self) -> Root:
        root = self.root
        try:
            body = module_body(self.folder, self.options)
        except OSError as error:
            self.say("error", f"not read: {error.strerror or error}", path=root.path)
            return root
        self._take(body)
        files: list[SourceFile] = []
        given = given_values(self.folder, self.options, files, root.diagnostics)
        for file in files:
            self._files[id(file)] = file
        variables = RootVariables(body.variables, given, self.world, self.options.assume_nothing, root.diagnostics)
        root.inputs.extend([*variables.inputs, self.workspace])
        always = Deferred.of(self.world, truth(True))
        module = ModuleInstance(self, body, exists=always, values=variables.values)
        root.provider_versions.update(body.provider_versions)
        self._collect(module)
        root.outputs = [output for name in body.outputs if (output := module.output(name)) is not None]
        root.files.extend(self._files.values())
        return root

    def say(self, severity: str, message: str, range: SourceRange | None = None, path: str | None = None) -> None:
        """A diagnostic, once however many instances say it."""
        if (message, range, path) not in self._said:
            self._said.add((message, range, path))
            self.root.diagnostics.append(Diagnostic(severity, message, range, path))

    @property
    def partition(self) -> Input:
        """The AWS partition that the root is deployed into: one input for all data sources that ask."""
        if self._partition is None:
            unknown = Unknown(NO_VALUE, "the partition is that of the account", STRING, True)
            self._partition = Input("aws_partition", unknown, known, ("aws", "aws-cn", "aws-us-gov"))
            self.root.inputs.append(self._partition)
        return self._partition

    def _take(self, body: ModuleBody) -> None:
        for file in body.files:
            self._files[id(file)] = file
        for diagnostic in body.diagnostics:
            self.say(diagnostic.severity, diagnostic.message, diagnostic.range, diagnostic.path)

    def _collect(self, module: ModuleInstance) -> None:
        """Settles all instances below a module; modules wait on a list, so that depth costs no recursion."""
        waiting = [module]
        modules = 0
        while waiting:
            current = waiting.pop()
            modules += 1
            body = current.body
            if body is None:
                continue
            prefix = f"{current.address}." if current.address else ""
            self.root.moved.extend((prefix + before, prefix + after) for before, after in body.moved)
            for mode, type, name in body.resources:
                node = current.resource(mode, type, name)
                if node is not None and mode in (RESOURCE, DATA):
                    self.root.resources.extend(node.settle())
                    self._explain(node)
            if len(self.root.resources) + modules > RESOURCE_LIMIT:
                message = (
                    f"more than {RESOURCE_LIMIT:,} instances of resources and modules, which is the limit:"
                    " the rest was not judged; split the root"
                )
                self.say("error", message, path=self.root.path)
                self.root.unjudged.append(f"all beyond {RESOURCE_LIMIT:,} instances")
                return
            below: list[ModuleInstance] = []
            for name in body.calls:
                call = current.module_call(name)
                if call is not None:
                    below.extend(call.settle())
                    self._explain(call)
            waiting.extend(reversed(below))

    def _explain(self, node: ResourceNode | CallNode) -> None:
        """Says why an expansion could not be evaluated; one that is merely unknown needs no word."""
        if node.expansion is None:
            return
        value = node.expansion.value.force()
        if isinstance(value, Unknown) and value.reason in (ERROR, LIMIT):
            what = "count" if node.expansion.counted else "for_each"
            message = (
                f"{what} of {node.address} cannot be evaluated ({value.detail}): one instance stands for any number"
            )
            self.say("warning", message, node.expansion.range)

    # -- modules -----------------------------------------------------------------------------------------------------

    def child(self, call: CallNode, key: Key) -> ModuleInstance:
        """The instance of a called module; one without body if it cannot be loaded, which is said."""
        body, outside = self._called(call)
        caller = call.module
        return ModuleInstance(
            self,
            body,
            address=call.instance_address(key),
            call=call,
            key=key,
            exists=call.exists(key),
            symbolic=caller.symbolic or isinstance(key, Symbolic),
            call_range=caller.call_range or (call.text.source_range if outside else None),
        )

    def _called(self, call: CallNode) -> tuple[ModuleBody | None, bool]:
        """The body of the module that a block calls, and whether it comes from outside the repository's own text."""
        text, caller, source = call.text, call.module, call.source
        assert caller.body is not None
        if source is None:
            return self._unloaded(call, "error", "its source cannot be known")
        local = source.startswith(("./", "../"))
        if local:
            folder = (caller.body.folder / source).resolve()
        else:
            found = self._manifest_folder(".".join([*caller.path(), text.name]))
            if found is None:
                return self._unloaded(call, "note", "")
            folder = found
        if not self.options.contains(folder):
            return self._unloaded(call, "error", f"{source} leads out of the repository")
        chain = caller
        depth = 1
        while True:
            if chain.body is not None and chain.body.folder == folder:
                return self._unloaded(call, "error", f"{source} calls itself")
            if chain.parent is None:
                break
            chain = chain.parent
            depth += 1
        if depth > DEPTH_LIMIT:
            return self._unloaded(call, "error", f"modules are nested deeper than {DEPTH_LIMIT}")
        try:
            body = module_body(folder, self.options)
        except OSError as error:
            return self._unloaded(call, "error", f"{source}: {error.strerror or error}")
        if not body.files and not body.diagnostics:
            return self._unloaded(call, "error", f"{source} holds no configuration")
        self._take(body)
        return body, not local

    def _unloaded(self, call: CallNode, severity: str, reason: str) -> tuple[None, bool]:
        """Says that a module is not loaded: a note for what lies elsewhere, an error for what should be here."""
        source = call.source
        where = f" ({reason})" if reason else f" ({source})" if source else ""
        message = f"module {call.text.name} is not loaded{where}: its resources were not judged"
        self.say(severity, message, call.text.source_range)
        shown = f"{call.address} ({source})" if source else call.address
        if shown not in self.root.unjudged:
            self.root.unjudged.append(shown)
        return None, False

    def _manifest_folder(self, key: str) -> Path | None:
        """Where `terraform init` put a module, by its path of names; None where it did not run."""
        if self._manifest is None:
            self._manifest = {}
            path = self.folder / ".terraform" / "modules" / "modules.json"
            try:
                entries = json.loads(self.options.read(path).text)["Modules"] if path.is_file() else []
                self._manifest = {str(entry["Key"]): (self.folder / str(entry["Dir"])).resolve() for entry in entries}
            except (OSError, ValueError, KeyError, TypeError, SyntaxFault, RecursionError) as error:
                self.say("warning", f"not read: {error}", path=self.options.display(path))
        return self._manifest.get(key)

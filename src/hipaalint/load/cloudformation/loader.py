"""A template file to a Root: the outermost stack with given parameters, and all stacks nested in it.

Entry point of load/cloudformation; called by the pipeline for each template that load/discover.py found.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ...expression.values import STRING, Known
from ...expression.world import Deferred, World
from ...resource import CLOUDFORMATION, Root
from ...source import Diagnostic, SourceRange, SyntaxFault
from ..options import LoadOptions
from .nesting import load_nested
from .parameter_files import TAG, Given, read_parameter_files
from .parameters import Parameter, pseudo_parameters
from .rules import apply_rules
from .stack import Stack
from .template import Template, read_template


def load_template(path: Path, options: LoadOptions) -> Root:
    """The resources of a template and of the local templates that it nests, as written.

    Never raises for what a file holds: a template that cannot be read is a Root with an error among its diagnostics.
    """
    world = World()
    root = Root(CLOUDFORMATION, options.display(path), options.deployment, world)
    try:
        template = read_template(path, options)
    except SyntaxFault as fault:
        root.files.append(fault.range.file)
        root.diagnostics.append(Diagnostic("error", fault.message, fault.range))
        return root
    except OSError as error:
        message = f"cannot read the file: {error.strerror}"
        root.diagnostics.append(Diagnostic("error", message, path=options.display(path)))
        return root
    root.files.extend(template.files)
    if not template.section("Resources") and not template.opaque and not template.faults:
        # A broken template if it says that it is one; else some other file that only looks like one.
        meant = template.root.get("AWSTemplateFormatVersion") is not None
        message = "the template has no Resources" if meant else "no template: it has no Resources at the top"
        place = SourceRange(template.file, 0, 0)
        root.diagnostics.append(Diagnostic("error" if meant else "note", message, place))
    files, diagnostics = read_parameter_files(options)
    root.diagnostics.extend(diagnostics)
    load_stack(root, template, options, files)
    return root


def load_stack(root: Root, template: Template, options: LoadOptions, files: Given, prefix: str = "") -> None:
    """Load an outermost stack and what it nests into a root. prefix: of its addresses, where it is not the only one."""
    declared = {key.text: Parameter(key, node) for key, node in template.section("Parameters")}
    given = {
        name: Deferred.of(root.world, declared[name].value(text, range))
        for name, (text, range) in files.items()
        if name in declared
    }
    tags = {
        name.removeprefix(TAG): Known(text, STRING, range)
        for name, (text, range) in files.items()
        if name.startswith(TAG) and isinstance(text, str)
    }
    stack = Stack(root, template, options, given, pseudo=pseudo_parameters(files), prefix=prefix, tags=tags)
    apply_rules(stack)
    stack.load()
    # What a nested stack gives out stays in the stack around it.
    root.outputs = [*(root.outputs or ()), *stack.outputs().values()]
    load_nested(stack)
    options.stacks.append(stack)


def without_nested(roots: list[Root], named: Collection[str] = ()) -> list[Root]:
    """The roots of a scan without the templates that another one of them nests, which are judged there.

    named: paths (as shown to people) that the user asked for by name: they are judged alone as well.
    """
    nesting: dict[str, list[Root]] = {}
    for root in roots:
        if root.kind == CLOUDFORMATION:
            for file in root.files[1:]:
                nesting.setdefault(file.path, []).append(root)
    dropped: set[int] = set()
    for root in roots:
        around = nesting.get(root.path, []) if root.kind == CLOUDFORMATION and root.path not in named else []
        # Of templates that nest each other, one stays.
        if any(other is not root and id(other) not in dropped for other in around):
            dropped.add(id(root))
    return [root for root in roots if id(root) not in dropped]

"""Nested stacks: which file a TemplateURL means, the parent's parameters in, the outputs back.

Called by loader.py for the outermost stack; goes down as deep as stacks are nested.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from ...expression.values import Known, Unknown, Value
from ...resource import WrittenResource
from ...source import Diagnostic, SyntaxFault
from .parameters import of_nested
from .stack import NESTED_TYPES, Stack
from .template import read_template

DEPTH_LIMIT = 8
STACK_LIMIT = 200  # of one root


def load_nested(stack: Stack, path: tuple[Path, ...] = (), count: list[int] | None = None) -> None:
    """Load what the nested stacks of a stack are made of, and what those nest."""
    path = (*path, stack.template.resolved)
    count = count if count is not None else [0]
    for name, resource in list(stack.resources.items()):
        property = NESTED_TYPES.get(resource.type)
        if property is None:
            continue
        with stack.world.scenario({}):
            location = resource.body.get(property, None)
        file = asset_file(stack, resource) or template_file(stack, location)
        if file is None:
            _not_loaded(stack, resource, "it is not in this repository")
        elif file.resolve() in path or len(path) >= DEPTH_LIMIT:
            reason = "it nests itself" if file.resolve() in path else f"it is nested deeper than {DEPTH_LIMIT} levels"
            stack.root.diagnostics.append(Diagnostic("error", f"{name} was not loaded: {reason}", resource.header))
        elif count[0] >= STACK_LIMIT:
            message = f"{name} was not loaded: the template nests more than {STACK_LIMIT} stacks"
            stack.root.diagnostics.append(Diagnostic("error", message, resource.header))
        else:
            count[0] += 1
            child = _child(stack, resource, file)
            if child is not None:
                stack.nested[name] = child
                load_nested(child, path, count)


def _child(stack: Stack, resource: WrittenResource, file: Path) -> Stack | None:
    root = stack.root
    try:
        template = read_template(file, stack.options)
    except SyntaxFault as fault:
        root.diagnostics.append(Diagnostic("error", fault.message, fault.range))
        return None
    except OSError as error:
        _not_loaded(stack, resource, error.strerror or "it cannot be read")
        return None
    for source in template.files:
        if source not in root.files:
            root.files.append(source)
    child = Stack(root, template, stack.options, stack.passed.get(resource.name, {}), resource, of_nested(stack.pseudo))
    child.load()
    return child


def asset_file(stack: Stack, resource: WrittenResource) -> Path | None:
    """The file that the CDK names beside a nested stack, whose TemplateURL leads to where it uploads it."""
    with stack.world.scenario({}):
        metadata = resource.meta.get("Metadata", None)
    named = (
        metadata.data.get("aws:asset:path") if isinstance(metadata, Known) and isinstance(metadata.data, dict) else None
    )
    if not isinstance(named, Known) or not isinstance(named.data, str):
        return None
    file = stack.template.path.parent / named.data
    return file if stack.options.contains(file) and file.is_file() else None


def template_file(stack: Stack, location: Value) -> Path | None:
    """The file of this repository that a TemplateURL means.

    A relative path is one (`aws cloudformation package` uploads it). Of an address, the last steps of its path are
    looked for beside the template and above it: `https://…/templates/vpc.yaml` is `templates/vpc.yaml`.
    """
    if isinstance(location, Known) and isinstance(location.data, str):
        text = location.data
    elif isinstance(location, Unknown) and location.parts and location.parts[-1] is not None:
        text = "\0" + location.parts[-1]
    else:
        return None
    folder = stack.template.path.parent
    options = stack.options
    if "://" not in text and "\0" not in text:
        file = folder / text
        return file if options.contains(file) and file.is_file() else None
    path = unquote(text.partition("?")[0])
    if "\0" in path:
        path = path.rpartition("\0")[2]
    else:
        path = path.partition("://")[2].partition("/")[2]  # without the host
    steps = [step for step in path.split("/") if step not in ("", ".", "..")]
    above = [folder, *folder.resolve().parents]
    for length in range(len(steps), 0, -1):
        suffix = Path(*steps[-length:])
        for base in above if length > 1 else above[:1]:
            if options.contains(base) and (base / suffix).is_file() and options.contains(base / suffix):
                return base / suffix
    return None


def _not_loaded(stack: Stack, resource: WrittenResource, reason: str) -> None:
    message = f"the template of {resource.address} was not loaded: {reason}; its resources were not judged"
    stack.root.diagnostics.append(Diagnostic("note", message, resource.header))
    stack.root.unjudged.append(message)

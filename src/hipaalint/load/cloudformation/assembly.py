"""A CDK assembly (`cdk.out`) to a Root: the stacks that its manifest names, and those of the assemblies inside it.

Called by the pipeline for each assembly that load/discover.py found; loader.py loads each stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...expression.world import World
from ...resource import CLOUDFORMATION, Root
from ...source import Diagnostic, SourceRange, SyntaxFault
from ...syntax.yaml_json import MapNode, Node, ScalarNode, parse
from ..options import LoadOptions
from .loader import load_stack
from .parameter_files import Given, read_parameter_files
from .template import read_template

MANIFEST = "manifest.json"
DEPTH_LIMIT = 8
_STACK, _ASSEMBLY = "aws:cloudformation:stack", "cdk:cloud-assembly"
# `aws://123456789012/eu-west-1`; either may be said to be unknown.
_ENVIRONMENT = re.compile(r"aws://(?P<account>[^/]+)/(?P<region>[^/]+)")


def load_assembly(folder: Path, options: LoadOptions) -> Root:
    """The resources of all stacks of an assembly, as written; addresses are `Stack/LogicalId`.

    Never raises for what the files hold: what cannot be read is an error among the root's diagnostics.
    """
    root = Root(CLOUDFORMATION, options.display(folder), options.deployment, World())
    files, diagnostics = read_parameter_files(options)
    root.diagnostics.extend(diagnostics)
    _load(root, folder, options, files, 1)
    return root


def _load(root: Root, folder: Path, options: LoadOptions, files: Given, depth: int) -> None:
    path = folder / MANIFEST
    try:
        file = options.read(path)
        root.files.append(file)
        manifest = parse(file)
    except SyntaxFault as fault:
        root.diagnostics.append(Diagnostic("error", fault.message, fault.range))
        return
    except OSError as error:
        _say(root, path, options, f"cannot read the file: {error.strerror}")
        return
    for key, kind, properties in _artifacts(manifest):
        named = properties.get("templateFile" if kind == _STACK else "directoryName")
        target = folder / named.text if isinstance(named, ScalarNode) else None
        if target is None or not options.contains(target):
            root.diagnostics.append(Diagnostic("error", f"{key.text} names no file of this assembly", key.range))
        elif kind == _ASSEMBLY and depth < DEPTH_LIMIT:
            _load(root, target, options, files, depth + 1)
        elif kind == _STACK:
            _stack(
                root,
                target,
                options,
                {**_environment(properties, key), **files},
                _text(properties, "stackName") or key.text,
            )


def _stack(root: Root, path: Path, options: LoadOptions, files: Given, name: str) -> None:
    try:
        template = read_template(path, options)
    except SyntaxFault as fault:
        root.diagnostics.append(Diagnostic("error", fault.message, fault.range))
        return
    except OSError as error:
        _say(root, path, options, f"cannot read the file: {error.strerror}")
        return
    root.files += [file for file in template.files if file not in root.files]
    place = SourceRange(template.file, 0, 0)
    load_stack(root, template, options, {"AWS::StackName": (name, place), **files}, f"{name}/")


def _artifacts(manifest: Node) -> Iterator[tuple[ScalarNode, str, MapNode]]:
    """The stacks and assemblies of a manifest: name, type, properties."""
    artifacts = manifest.get("artifacts") if isinstance(manifest, MapNode) else None
    for key, node in artifacts.entries if isinstance(artifacts, MapNode) else []:
        kind = _text(node, "type") if isinstance(node, MapNode) else None
        properties = node.get("properties") if isinstance(node, MapNode) else None
        if isinstance(node, MapNode) and isinstance(properties, MapNode) and kind in (_STACK, _ASSEMBLY):
            whole = MapNode(None, properties.file, properties.start, properties.end)
            # Where the stack is deployed stands beside its properties.
            whole.entries = [*properties.entries, *(entry for entry in node.entries if entry[0].text == "environment")]
            yield key, kind, whole


def _environment(properties: MapNode, key: ScalarNode) -> Given:
    found = _ENVIRONMENT.fullmatch(_text(properties, "environment") or "")
    given: Given = {}
    if found is not None and not found["account"].startswith("unknown-"):
        given["AWS::AccountId"] = (found["account"], key.range)
    if found is not None and not found["region"].startswith("unknown-"):
        given["AWS::Region"] = (found["region"], key.range)
    return given


def _text(node: MapNode, name: str) -> str | None:
    value = node.get(name)
    return value.text if isinstance(value, ScalarNode) else None


def _say(root: Root, path: Path, options: LoadOptions, message: str) -> None:
    root.diagnostics.append(Diagnostic("error", message, path=options.display(path)))

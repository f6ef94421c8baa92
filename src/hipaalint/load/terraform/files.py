"""Which files of a folder make a module, and what they say: one body, with override files merged into it.

First step of load/terraform: module_body.py lowers what this gives. Each file is parsed once a run.
"""

from __future__ import annotations

import os
from pathlib import Path

from ...source import Diagnostic, SourceFile, SyntaxFault
from ...syntax.hcl import AttributeDefinition, Block, Body, parse_body
from ..options import LoadOptions
from .json_body import parse_json_body, parse_json_values

SIZE_LIMIT = 8 << 20  # bytes of a configuration file; a hundred times what people write

# Behind each suffix the one that shadows it: of `main.tf` and `main.tofu` only the second is read.
_SUFFIXES = {".tofu.json": None, ".tf.json": ".tofu.json", ".tofu": None, ".tf": ".tofu"}


class ParsedFile:
    """A file with its body; body None if it could not be read at all."""

    __slots__ = ("body", "diagnostics", "file")

    def __init__(self, file: SourceFile | None, body: Body | None, diagnostics: list[Diagnostic]) -> None:
        self.file = file
        self.body = body
        self.diagnostics = diagnostics


def configuration_suffix(name: str) -> str | None:
    """The suffix that makes a file part of a module; None for all other files and those editors leave behind."""
    if name.startswith((".", "#")) or name.endswith(("~", "#")):
        return None
    return next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), None)


def module_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of a module and its override files, both in name order. Raises OSError."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if configuration_suffix(entry.name) and not os.path.isdir(entry))
    present = set(names)
    primary: list[Path] = []
    overrides: list[Path] = []
    for name in names:
        suffix = configuration_suffix(name)
        assert suffix is not None
        stem = name[: -len(suffix)]
        shadow = _SUFFIXES[suffix]
        if shadow is not None and stem + shadow in present:
            continue
        (overrides if stem == "override" or stem.endswith("_override") else primary).append(folder / name)
    return primary, overrides


def read_body(path: Path, options: LoadOptions) -> ParsedFile:
    """The body of a configuration or `.tfvars` file, parsed once a run; what cannot be read is a diagnostic."""
    found = options.files.get(path)
    if isinstance(found, ParsedFile):
        return found
    parsed = options.files[path] = _read_body(path, options)
    return parsed


def _read_body(path: Path, options: LoadOptions) -> ParsedFile:
    shown = options.display(path)
    if path.is_symlink() and not options.contains(path):
        return ParsedFile(
            None, None, [Diagnostic("error", "not read: the link leads out of the repository", path=shown)]
        )
    try:
        file = options.read(path, SIZE_LIMIT)
    except OSError as error:
        return ParsedFile(None, None, [Diagnostic("error", f"not read: {error.strerror or error}", path=shown)])
    except SyntaxFault as fault:
        return ParsedFile(None, None, [Diagnostic("error", fault.message, fault.range)])
    try:
        if path.name.endswith(".tfvars.json"):
            return ParsedFile(file, parse_json_values(file), [])
        body, diagnostics = parse_json_body(file) if path.name.endswith(".json") else parse_body(file)
    except SyntaxFault as fault:
        return ParsedFile(file, None, [Diagnostic("error", fault.message, fault.range)])
    return ParsedFile(file, body, diagnostics)


def merge_overrides(primary: list[Block], overrides: list[Block], diagnostics: list[Diagnostic]) -> list[Block]:
    """The blocks of a module with its override blocks merged in, each in the place of what it overrides."""
    blocks = list(primary)
    places: dict[tuple[str, ...], int] = {}
    for index, block in enumerate(blocks):
        if block.type != "locals" and block.type != "terraform":
            places.setdefault(_address(block), index)
    for block in overrides:
        if block.type == "locals":
            _override_locals(blocks, block, diagnostics)
        elif block.type in ("terraform", "moved", "import", "removed", "check"):
            blocks.append(block)
        else:
            place = places.get(_address(block))
            if place is None:
                address = ".".join((block.type, *block.labels))
                diagnostics.append(
                    Diagnostic(
                        "error",
                        f"there is no {address} that this could override; remove it or rename the file",
                        block.header_range,
                    )
                )
                places[_address(block)] = len(blocks)
                blocks.append(block)
            else:
                blocks[place] = _merged(blocks[place], block)
    return blocks


def _address(block: Block) -> tuple[str, ...]:
    alias = block.body.attributes.get("alias") if block.type == "provider" else None
    name = getattr(alias.expression, "value", "") if alias is not None else ""
    return (block.type, *block.labels, str(name))


def _merged(base: Block, override: Block) -> Block:
    body = Body(base.body.attributes | override.body.attributes, [], base.body.range)
    if "for_each" in override.body.attributes:
        body.attributes.pop("count", None)
    elif "count" in override.body.attributes:
        body.attributes.pop("for_each", None)
    replaced = {_block_name(block) for block in override.body.blocks} - {"lifecycle"}
    lifecycles = [block for block in base.body.blocks if block.type == "lifecycle"]
    body.blocks.extend(block for block in base.body.blocks if _block_name(block) not in replaced)
    for block in override.body.blocks:
        if block.type == "lifecycle" and lifecycles:
            place = body.blocks.index(lifecycles[0])
            lifecycles[0] = body.blocks[place] = _merged(lifecycles[0], block)
        else:
            body.blocks.append(block)
    return Block(base.type, base.labels, base.label_ranges, body, base.header_range, base.range)


def _block_name(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _override_locals(blocks: list[Block], override: Block, diagnostics: list[Diagnostic]) -> None:
    rest: dict[str, AttributeDefinition] = dict(override.body.attributes)
    for index, block in enumerate(blocks):
        names = rest.keys() & block.body.attributes.keys() if block.type == "locals" else set()
        if names:
            attributes = {name: rest.pop(name) if name in names else old for name, old in block.body.attributes.items()}
            body = Body(attributes, block.body.blocks, block.body.range)
            blocks[index] = Block("locals", [], [], body, block.header_range, block.range)
    for name, attribute in rest.items():
        message = f"there is no local value {name} that this could override; remove it or rename the file"
        diagnostics.append(Diagnostic("error", message, attribute.range))
    if rest:
        blocks.append(
            Block("locals", [], [], Body(rest, [], override.body.range), override.header_range, override.range)
        )

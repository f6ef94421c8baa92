"""HCL text to trees: the bodies of .tf and .tfvars files, and single expressions and templates from anywhere.

Top of the syntax layer's HCL side: load/ and policy/ call the three functions at the end and nothing below them.
"""

from __future__ import annotations

from functools import partial
from re import Match
from typing import Final

from ..expression.tree import Expression
from ..source import Diagnostic, SourceFile, SourceRange, SyntaxFault
from . import hcl_scanner as scan
from .hcl_expressions import ExpressionReader
from .hcl_reader import MakeRange
from .hcl_recovery import resume_offset
from .hcl_scanner import FREE, LINE, MAX_NESTING, BadLiteral

MAX_FAULTS: Final = 100
"""Broken items that one file may have before the rest of it is left unread."""

_REREAD: Final = 16
"""How often, on average, a character may be read anew because of faults, before the rest is left unread."""


class AttributeDefinition:
    """`name = expression`; `range` goes from the name to the end of the value."""

    __slots__ = ("expression", "name", "name_range", "range")

    def __init__(self, name: str, name_range: SourceRange, expression: Expression, range: SourceRange) -> None:
        self.name = name
        self.name_range = name_range
        self.expression = expression
        self.range = range


class Block:
    """`type "label" { … }`; `header_range` goes from the type to the last label, `range` to the closing brace."""

    __slots__ = ("body", "header_range", "label_ranges", "labels", "range", "type")

    def __init__(
        self,
        type: str,
        labels: list[str],
        label_ranges: list[SourceRange],
        body: Body,
        header_range: SourceRange,
        range: SourceRange,
    ) -> None:
        self.type = type
        self.labels = labels
        self.label_ranges = label_ranges
        self.body = body
        self.header_range = header_range
        self.range = range


class Body:
    """What stands between the braces of a block, or in a file: attributes by name, and blocks in their order."""

    __slots__ = ("attributes", "blocks", "range")

    def __init__(self, attributes: dict[str, AttributeDefinition], blocks: list[Block], range: SourceRange) -> None:
        self.attributes = attributes
        self.blocks = blocks
        self.range = range


class BodyReader(ExpressionReader):
    """Adds attributes and blocks to the reader of expressions.

    slips: faults within a block behind which it is plain how the text goes on; what they stand in was read all the same.
    """

    __slots__ = ("slips",)

    def __init__(self, text: str, make_range: MakeRange) -> None:
        super().__init__(text, make_range)
        self.slips: list[SyntaxFault] = []

    def item(self, found: Match[str] | None, attributes: dict[str, AttributeDefinition], blocks: list[Block]) -> None:
        """The attribute or block whose beginning was `found`, with the line end behind it."""
        if found is None or not found[1]:
            message = "Argument or block definition required: a line begins with the name of an argument or a block."
            if self.text[self.pos_after_skip()] == '"':
                message = "Invalid argument name: the name of an argument or a block has no quotes."
            raise self.unexpected(FREE, message)
        if not found[1].isascii():
            self.check_name(*found.span(1))
        definition = block = None
        if found[2]:
            self.pos = found.end()
            definition = self.attribute(found[1], found.start(1), attributes)
        else:
            self.pos = found.end(1)
            block = self.block(found[1], found.start(1))
        end = scan.end_of_line(self.text, self.pos)
        if end is None:
            if definition is not None:
                message = "Missing newline after argument: the line must end behind the value of the argument."
            else:
                message = "Missing newline after block definition: the line must end behind the closing brace."
            self.slip(self.unexpected(LINE, message))
        else:
            self.pos = end.end()
        # Kept only now: what has a fault behind it in its line is reported as skipped.
        if definition is not None:
            attributes[definition.name] = definition
        elif block is not None:
            blocks.append(block)

    def slip(self, fault: SyntaxFault) -> None:
        """Note a fault if an argument, a block or the closing brace follows it in a block; raise any other."""
        following = scan.body_item(self.text, self.pos) if self.depth else None
        if following is None or not any(following.group(2, 3, 4)) or len(self.slips) >= MAX_FAULTS:
            raise fault
        if not self.slips or self.slips[-1].range.line != fault.range.line:
            self.slips.append(fault)

    def pos_after_skip(self) -> int:
        """Where the next thing stands that is no blank, comment or line end."""
        skipped = FREE.skip(self.text, self.pos)
        return skipped.end() if skipped is not None else self.pos

    def attribute(self, name: str, start: int, others: dict[str, AttributeDefinition]) -> AttributeDefinition:
        """An attribute, from behind its `=`; none of the others may have its name."""
        name_range = self.make_range(start, start + len(name))
        expression = self.whole_expression(LINE)
        if name in others:
            line = others[name].name_range.line
            raise SyntaxFault(f'Attribute redefined: "{name}" was set in line {line} already.', name_range)
        return AttributeDefinition(name, name_range, expression, self.make_range(start, self.pos))

    def block(self, type: str, start: int) -> Block:
        """A block, from behind its type."""
        text = self.text
        make_range = self.make_range
        labels: list[str] = []
        label_ranges: list[SourceRange] = []
        while True:
            header_end = self.pos
            found = scan.block_label(text, self.pos)
            if found is None:
                raise self.header_fault()
            self.pos = found.end()
            if found[3]:
                break
            if found[1]:
                label = found[1]
                label_start = found.start(1)
                if not label.isascii():
                    self.check_name(label_start, self.pos)
            else:
                label_start = found.start(2) - 1
                try:
                    label = scan.quoted_value(found[2])
                except BadLiteral as bad:
                    at = label_start + 1 + bad.offset
                    raise self.fault(bad.message, at, at + bad.length) from None
            labels.append(label)
            label_ranges.append(make_range(label_start, self.pos))
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.fault(scan.TOO_DEEP, start, header_end)
        body = self.block_body(start, header_end)
        self.depth -= 1
        return Block(type, labels, label_ranges, body, make_range(start, header_end), make_range(start, self.pos))

    def header_fault(self) -> SyntaxFault:
        """The fault for a header that is neither continued by a label nor by a brace."""
        skipped = LINE.skip(self.text, self.pos)
        at = skipped.end() if skipped is not None else self.pos
        if self.text.startswith('"', at):
            piece = scan.quoted_piece(self.text, at + 1)
            if piece is not None and piece[2]:
                return self.fault("Invalid string literal: a label takes no template; write $${ for ${.", at)
            return self.fault("Invalid string literal: a label ends on its line, with a double quote.", at)
        if self.text.startswith("=", at):
            return self.fault("Invalid block definition: an argument has no label, and a block no equals sign.", at)
        if self.text[self.pos - 1 : self.pos] == '"' or self.text[at : at + 1] in ("", "\n", "\r", "#", "/"):
            message = "Invalid block definition: a block needs { in the line of its header, an argument needs =."
            return self.unexpected(LINE, message)
        message = "Argument or block definition required: after a name = and a value, or labels and {, are expected."
        return self.unexpected(LINE, message)

    def block_body(self, header: int, header_end: int) -> Body:
        """What stands in the braces of a block, from behind the first; the block begins at `header`."""
        text = self.text
        start = self.pos - 1
        attributes: dict[str, AttributeDefinition] = {}
        blocks: list[Block] = []
        first = scan.one_line(text, self.pos)
        if first is not None and first[2] is None:
            if first[1] is not None:
                self.pos = first.end()
            if first[1] is not None or self.single_attribute(attributes):
                return Body(attributes, blocks, self.make_range(start, self.pos))
        while True:
            found = scan.body_item(text, self.pos)
            if found is not None and not found[1]:
                if found[4]:
                    self.pos = found.end()
                    return Body(attributes, blocks, self.make_range(start, self.pos))
                self.pos = len(text)
                message = "Unclosed configuration block: there is no closing brace for this block before the file ends."
                raise self.fault(message, header, header_end)
            self.item(found, attributes, blocks)

    def single_attribute(self, attributes: dict[str, AttributeDefinition]) -> bool:
        """`name = value }`: the body of a block in one line. False where more than that stands in the line."""
        title = "Invalid single-argument block definition"
        found = scan.body_item(self.text, self.pos)
        if found is None or not found[2]:
            self.slip(self.unexpected(LINE, f"{title}: in one line a block can contain one argument and nothing else."))
            return False
        self.pos = found.end()
        if not found[1].isascii():
            self.check_name(*found.span(1))
        attributes[found[1]] = self.attribute(found[1], found.start(1), attributes)
        end = scan.one_line(self.text, self.pos)
        if end is None or end[1] is None:
            message = f"{title}: after the one argument the closing brace is expected in its line."
            self.slip(self.unexpected(LINE, message))
            return False
        self.pos = end.end()
        return True


def parse_body(file: SourceFile) -> tuple[Body, list[Diagnostic]]:
    """The body of a whole file. A broken item of the top level becomes a diagnostic; all others are in the body."""
    text = file.text
    reader = BodyReader(text, partial(SourceRange, file))
    reader.pos = 1 if text.startswith("\ufeff") else 0
    attributes: dict[str, AttributeDefinition] = {}
    blocks: list[Block] = []
    diagnostics: list[Diagnostic] = []
    budget = _REREAD * (len(text) + 1000)
    while True:
        found = scan.body_item(text, reader.pos)
        if found is not None and found[5] is not None:
            break
        start = found.start(1) if found is not None and found[1] else reader.pos_after_skip()
        reader.depth = 0
        known_slips = len(reader.slips)
        fault = None
        try:
            reader.item(found, attributes, blocks)
        except SyntaxFault as caught:
            fault = caught
        except RecursionError:
            fault = reader.fault(scan.TOO_DEEP, start)
        slips = reader.slips[known_slips:]
        if fault is None:
            diagnostics.extend(
                Diagnostic("error", f"{slip.message} It was read nevertheless.", slip.range) for slip in slips
            )
        else:
            resume = resume_offset(text, start, max(start, fault.range.start))
            budget -= max(reader.pos, resume) - start
            given_up = len(diagnostics) + 1 >= MAX_FAULTS or budget < 0
            if given_up:
                resume = len(text)
            first, last = (file.line_and_column(at)[0] for at in (start, len(text[start:resume].rstrip()) + start))
            lines = f"Line {first} was" if first == last else f"Lines {first} to {last} were"
            rest = "too many errors to read on" if given_up else "the rest of the file was read"
            first_fault = slips[0] if slips else fault
            diagnostics.append(
                Diagnostic("error", f"{first_fault.message} {lines} skipped; {rest}.", first_fault.range)
            )
            reader.pos = resume
    return Body(attributes, blocks, SourceRange(file, 0, len(text))), diagnostics


def _part(source: SourceFile | str, start: int, end: int | None, within: SourceRange | None) -> tuple[str, MakeRange]:
    """The text to read and what makes ranges for offsets in it."""
    if within is not None:
        whole = within
        return source if isinstance(source, str) else source.text[start:end], lambda _start, _end: whole
    file = SourceFile("<expression>", source) if isinstance(source, str) else source
    if start == 0:
        return file.text[:end], partial(SourceRange, file)
    return file.text[start:end], lambda first, last: SourceRange(file, start + first, start + last)


def parse_expression(
    source: SourceFile | str, start: int = 0, end: int | None = None, *, within: SourceRange | None = None
) -> Expression:
    """The one expression that start:end of the source consists of; newlines in it mean nothing.

    All ranges are those of the source, or `within`, for a text that was decoded from there. Raises SyntaxFault.
    """
    reader = ExpressionReader(*_part(source, start, end, within))
    node = reader.whole_expression(FREE)
    skipped = FREE.skip(reader.text, reader.pos)
    if skipped is None or skipped.end() != len(reader.text):
        raise reader.unexpected(
            FREE, "Extra characters after expression: one expression is expected, and nothing more."
        )
    return node


def parse_template(
    source: SourceFile | str, start: int = 0, end: int | None = None, *, within: SourceRange | None = None
) -> Expression:
    """The template that start:end of the source is: text with `${…}` and `%{…}`, without quotes around it.

    Ranges and errors as in parse_expression. One interpolation and nothing else has the interpolation's own value.
    """
    reader = ExpressionReader(*_part(source, start, end, within))
    return reader.whole_template()

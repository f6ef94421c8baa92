"""What stands in brackets: lists, objects, `for` expressions and the arguments of functions.

Between the reader of templates and that of expressions, which calls it at an opening bracket.
"""

from __future__ import annotations

from ..expression.tree import Call, Expression, For, Literal, Object, Tuple
from . import hcl_scanner as scan
from .hcl_reader import CLOSING
from .hcl_scanner import FREE, LINE, Mode
from .hcl_templates import TemplateReader


class CollectionReader(TemplateReader):
    """Adds brackets to the reader of templates."""

    __slots__ = ()

    def collection(self, bracket: str, start: int) -> Expression:
        """`[…]` or `{…}`, from behind the bracket."""
        item = scan.list_item(self.text, self.pos)
        if item is not None and item[1]:
            self.pos = item.end()
            return self.for_expression(bracket, start)
        return self.tuple(start) if bracket == "[" else self.object(start)

    def tuple(self, start: int) -> Expression:
        """`[a, b]`, from behind the bracket."""
        text = self.text
        items: list[Expression] = []
        while True:
            found = scan.list_item(text, self.pos)
            if found is not None and found[2] == "]":
                self.pos = found.end()
                break
            if found is not None and found.end() == len(text):
                raise self.unexpected(FREE, "", start)
            items.append(self.expression(FREE))
            found = FREE.punctuation(text, self.pos)
            separator = found[1] if found else ""
            if found is None or separator not in (",", "]"):
                raise self.unexpected(FREE, "Missing item separator: a comma or ] is expected after an item.", start)
            self.pos = found.end()
            if separator == "]":
                break
        return Tuple(items, self.make_range(start, self.pos))

    def object(self, start: int) -> Expression:
        """`{ key = value }`, from behind the brace. Here a newline separates, whatever stands around."""
        text = self.text
        items: list[tuple[Expression, Expression]] = []
        while True:
            found = scan.object_item(text, self.pos)
            if found is None or (found.end() == len(text) and not found[1]):
                raise self.unexpected(FREE, "Invalid expression: a key is expected here.", start)
            if found[1]:
                self.pos = found.end()
                break
            key: Expression
            if found[2]:
                if not found[2].isascii():
                    self.check_name(*found.span(2))
                key = Literal(scan.normalized(found[2]), self.make_range(*found.span(2)))
                self.pos = found.end()
            else:
                self.pos = found.end()
                key = self.expression(LINE)
                found = LINE.punctuation(text, self.pos)
                if found is None or found[1] not in ("=", ":"):
                    message = "Missing key/value separator: after a key of an object = or : and a value are expected."
                    raise self.unexpected(LINE, message, start)
                self.pos = found.end()
            items.append((key, self.expression(LINE)))
            found = scan.object_separator(text, self.pos)
            if found is None:
                message = "Missing attribute separator: a newline or a comma is expected after a value of an object."
                raise self.unexpected(LINE, message, start)
            self.pos = found.end()
            if found[1]:
                break
        return Object(items, self.make_range(start, self.pos))

    def for_expression(self, bracket: str, start: int) -> Expression:
        """`[for …]` or `{for …}`, from behind `for`."""
        text = self.text
        key, value = self.loop_names("Invalid 'for' expression")
        collection = self.expression(FREE)
        self.close(":", FREE, start, "Invalid 'for' expression: after the collection a colon is expected.")
        key_result = None
        value_result = self.expression(FREE)
        is_object = bracket == "{"
        found = FREE.punctuation(text, self.pos)
        if (found is not None and found[1] == "=>") != is_object:
            message = (
                "Invalid 'for' expression: an object needs key => value."
                if is_object
                else "Invalid 'for' expression: a list takes a value only; write {for …} for key => value."
            )
            raise self.unexpected(FREE, message, start)
        if found is not None and is_object:
            self.pos = found.end()
            key_result = value_result
            value_result = self.expression(FREE)
        found = FREE.punctuation(text, self.pos)
        grouping = found is not None and found[1] == "..."
        if found is not None and grouping:
            if not is_object:
                raise self.unexpected(FREE, "Invalid 'for' expression: grouping with ... needs {for …}.")
            self.pos = found.end()
        condition = None
        found = scan.if_keyword(text, self.pos)
        if found is not None:
            self.pos = found.end()
            condition = self.expression(FREE)
        closer = CLOSING[bracket]
        self.close(closer, FREE, start, f"Invalid 'for' expression: nothing more than {closer} may stand here.")
        whole = self.make_range(start, self.pos)
        return For(key, value, collection, key_result, value_result, condition, grouping, whole)

    def call(self, name: str, start: int, mode: Mode) -> Expression:
        """`name(arguments)` and `space::name(arguments)`, from behind the name."""
        text = self.text
        found = mode.postfix(text, self.pos)
        while found is not None and found.lastindex == 8:
            self.pos = found.end()
            part = self.name(
                scan.name if mode is FREE else scan.name_in_line, "Missing function name: a name is expected after ::."
            )
            name = f"{name}::{part}"
            found = mode.postfix(text, self.pos)
        if found is None or found.lastindex != 7:
            raise self.unexpected(mode, "Missing open parenthesis: a name with :: is that of a function.")
        bracket = found.end() - 1
        self.pos = found.end()
        arguments: list[Expression] = []
        expand = False
        while True:
            item = scan.list_item(text, self.pos)
            if item is not None and item[2] == ")":
                self.pos = item.end()
                break
            arguments.append(self.expression(FREE))
            found = FREE.punctuation(text, self.pos)
            separator = found[1] if found else ""
            if found is not None and separator in (",", ")", "..."):
                self.pos = found.end()
            if separator == ")":
                break
            if separator == "...":
                expand = True
                message = "Missing closing parenthesis: after an expanded argument with ... only ) may follow."
                self.close(")", FREE, bracket, message)
                break
            if separator != ",":
                raise self.unexpected(FREE, "Missing argument separator: a comma or ) is expected here.", bracket)
        return Call(name, arguments, expand, self.make_range(start, self.pos))

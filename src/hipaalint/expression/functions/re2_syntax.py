"""RE2's syntax (Go's package regexp): pattern text to a small program for re2.py; refuses what RE2 refuses.

No look-around and no back-references exist, so the program runs in time linear in pattern times text.
"""

from __future__ import annotations

from typing import Any

from .re2_classes import ESCAPES, PERL, POSIX, WORD, Matcher, PatternError, class_matcher, folds, property_matcher

# Instructions: (CHAR, matcher), (SPLIT, preferred, other), (JUMP, target), (SAVE, slot), (ASSERT, kind), (MATCH,)
CHAR, SPLIT, JUMP, SAVE, ASSERT, MATCH = range(6)
MAX_PROGRAM = 20_000
MAX_REPEAT = 1_000
MAX_DEPTH = 100


class Program:
    """instructions; groups: the names of the capturing groups in order, "" for those without a name."""

    __slots__ = ("groups", "instructions")

    def __init__(self, instructions: list[tuple[Any, ...]], groups: list[str]) -> None:
        self.instructions = instructions
        self.groups = groups


# Nodes: ("char", matcher) ("cat", [nodes]) ("alt", [nodes]) ("repeat", node, least, most, greedy) ("group", slot, node)
# ("assert", kind)
_Node = tuple[Any, ...]


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.position = 0
        self.groups: list[str] = []
        self.flags = frozenset[str]()
        self.depth = 0

    def parse(self) -> _Node:
        node = self.alternatives()
        if self.position < len(self.text):
            raise PatternError("unexpected ): `" + self.text + "`")
        return node

    def alternatives(self) -> _Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternError("expression nests too deeply")
        branches = [self.sequence()]
        while self.peek("|"):
            self.position += 1
            branches.append(self.sequence())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def peek(self, start: str) -> bool:
        return self.text.startswith(start, self.position)

    def sequence(self) -> _Node:
        items: list[_Node] = []
        text = self.text
        repeated = False  # the last item is a repetition already
        while self.position < len(text):
            c = text[self.position]
            if c in "|)":
                break
            if c in "*+?" or (c == "{" and self.bounds() is not None):
                self.repeat(items, repeated)
                repeated = True
                continue
            repeated = False
            if c == "(":
                node = self.group()
                if node is not None:
                    items.append(node)
            elif c == "[":
                items.append(("char", self.char_class()))
            elif c == "\\":
                items.extend(self.escape())
            else:
                self.position += 1
                items.append(self.single(c))
        return items[0] if len(items) == 1 else ("cat", items)

    def single(self, c: str) -> _Node:
        if c == "^":
            return ("assert", "line start" if "m" in self.flags else "text start")
        if c == "$":
            return ("assert", "line end" if "m" in self.flags else "text end")
        if c == ".":
            return ("char", (lambda x: True) if "s" in self.flags else (lambda x: x != "\n"))
        return ("char", self.literal(c))

    def literal(self, c: str) -> Matcher:
        if "i" in self.flags and len({c, c.lower(), c.upper()}) > 1:
            forms = frozenset(folds(c))
            return lambda x: x in forms or not forms.isdisjoint(folds(x))
        return c.__eq__

    def bounds(self) -> tuple[int, int | None, int] | None:
        """`{2}`, `{2,}` or `{2,5}` at the position: least, most, end. None where the brace is only a brace."""
        end = self.text.find("}", self.position)
        if end < 0:
            return None
        least, comma, most = self.text[self.position + 1 : end].partition(",")
        if not (least.isascii() and least.isdigit()) or (most and not (most.isascii() and most.isdigit())):
            return None
        if len(least) > 5 or len(most) > 5:
            raise PatternError("invalid repeat count")
        return int(least), (int(most) if most else None) if comma else int(least), end + 1

    def repeat(self, items: list[_Node], repeated: bool) -> None:
        start = self.position
        c = self.text[start]
        if c == "{":
            found = self.bounds()
            assert found is not None
            least, most, self.position = found
            if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
                raise PatternError(f"invalid repeat count: `{self.text[start : self.position]}`")
        else:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[c]
            self.position += 1
        greedy = True
        if self.peek("?"):
            greedy = False
            self.position += 1
        if repeated:
            raise PatternError(f"invalid nested repetition operator: `{self.text[start - 1 : self.position]}`")
        if not items:
            raise PatternError(f"missing argument to repetition operator: `{self.text[start : self.position]}`")
        if "U" in self.flags:
            greedy = not greedy
        items[-1] = ("repeat", items[-1], least, most, greedy)

    def group(self) -> _Node | None:
        """A group; None for bare flags, which change the rest of the enclosing group."""
        self.position += 1
        before = self.flags
        slot: int | None = None
        if self.peek("?"):
            name_start = next((len(s) for s in ("?P<", "?<") if self.peek(s)), 0)
            if name_start and self.text[self.position + name_start : self.position + name_start + 1] not in ("=", "!"):
                slot = self.named(name_start)
            else:
                self.position += 1
                if self.read_flags():
                    return None
        else:
            self.groups.append("")
            slot = len(self.groups)
        node = self.alternatives()
        if not self.peek(")"):
            raise PatternError(f"missing closing ): `{self.text}`")
        self.position += 1
        self.flags = before
        return node if slot is None else ("group", slot, node)

    def named(self, skip: int) -> int:
        start = self.position + skip
        end = self.text.find(">", start)
        name = self.text[start:end] if end >= 0 else ""
        if not name or not frozenset(name) <= WORD:
            raise PatternError(
                f"invalid named capture: `{self.text[start - skip - 1 : end + 1 if end >= 0 else None]}`"
            )
        self.groups.append(name)
        self.position = end + 1
        return len(self.groups)

    def read_flags(self) -> bool:
        """Flags after `(?`, up to `)` (then True) or `:`."""
        start = self.position
        negative = False
        flags = set(self.flags)
        seen = 0
        while self.position < len(self.text):
            c = self.text[self.position]
            self.position += 1
            if c in "imsU":
                (flags.discard if negative else flags.add)(c)
                seen += 1
            elif c == "-" and not negative:
                negative = True
                seen = 0
            elif c in "):" and (seen or not negative):
                self.flags = frozenset(flags)
                return c == ")"
            else:
                break
        raise PatternError(f"invalid or unsupported Perl syntax: `(?{self.text[start : self.position]}`")

    def escape(self) -> list[_Node]:
        c = self.text[self.position + 1 : self.position + 2]
        if c == "Q":
            start = self.position + 2
            end = self.text.find("\\E", start)
            self.position = len(self.text) if end < 0 else end + 2
            return [("char", self.literal(x)) for x in (self.text[start:] if end < 0 else self.text[start:end])]
        asserts = {"A": "text start", "z": "text end", "b": "word boundary", "B": "no word boundary"}
        if c in asserts:
            self.position += 2
            return [("assert", asserts[c])]
        matcher = self.class_escape()
        if matcher is not None:
            return [("char", matcher)]
        return [("char", self.literal(self.char_escape()))]

    def class_escape(self) -> Matcher | None:
        """`\\d`, `\\pL` and the like at the position."""
        c = self.text[self.position + 1 : self.position + 2]
        if c and c.lower() in PERL:
            self.position += 2
            members = PERL[c.lower()]
            return members.__contains__ if c.islower() else lambda x: x not in members
        if c not in ("p", "P"):
            return None
        start = self.position
        self.position += 3
        name = self.text[start + 2 : start + 3]
        if name == "{":
            end = self.text.find("}", start)
            if end < 0:
                raise PatternError(f"invalid character class range: `{self.text[start:]}`")
            name = self.text[start + 3 : end]
            self.position = end + 1
        negative = (c == "P") != name.startswith("^")
        name = name.removeprefix("^")
        matcher = property_matcher(name, negative)
        if matcher is not None:
            return matcher
        raise PatternError(f"invalid character class range: `{self.text[start : self.position]}`")

    def char_escape(self) -> str:
        start = self.position
        c = self.text[start + 1 : start + 2]
        self.position += 2
        if c in ESCAPES and c:
            return ESCAPES[c]
        if c and c in "01234567" and (c == "0" or self.text[start + 2 : start + 3] in tuple("01234567")):
            digits = c
            while len(digits) < 3 and self.text[self.position : self.position + 1] in tuple("01234567"):
                digits += self.text[self.position]
                self.position += 1
            return chr(int(digits, 8))
        if c == "x":
            return self.hex_escape(start)
        if c and ord(c) < 128 and not c.isalnum():
            return c
        problem = "trailing backslash at end of expression" if not c else "invalid escape sequence"
        raise PatternError(f"{problem}: `{self.text[start : start + 2]}`")

    def hex_escape(self, start: int) -> str:
        if self.peek("{"):
            end = self.text.find("}", self.position)
            digits = self.text[self.position + 1 : end] if end >= 0 else ""
            self.position = end + 1
        else:
            digits = self.text[self.position : self.position + 2]
            self.position += 2
            if len(digits) < 2:
                digits = ""
        if not digits or len(digits) > 8 or not frozenset(digits) <= POSIX["xdigit"] or int(digits, 16) > 0x10FFFF:
            raise PatternError(f"invalid escape sequence: `{self.text[start : start + 4]}`")
        return chr(int(digits, 16))

    def char_class(self) -> Matcher:
        start = self.position
        self.position += 1
        negative = self.peek("^")
        if negative:
            self.position += 1
        singles: set[str] = set()
        ranges: list[tuple[str, str]] = []
        matchers: list[Matcher] = []
        first = True
        while first or not self.peek("]"):
            if self.position >= len(self.text):
                raise PatternError(f"missing closing ]: `{self.text[start:]}`")
            first = False
            if self.peek("[:") and self.posix(matchers):
                continue
            if self.peek("\\"):
                matcher = self.class_escape()
                if matcher is not None:
                    matchers.append(matcher)
                    continue
            low = self.class_char()
            high = low
            if self.peek("-") and self.text[self.position + 1 : self.position + 2] not in ("]", ""):
                self.position += 1
                high = self.class_char()
                if high < low:
                    raise PatternError(f"invalid character class range: `{low}-{high}`")
            if high == low:
                singles.add(low)
            else:
                ranges.append((low, high))
        self.position += 1
        return class_matcher(frozenset(singles), ranges, matchers, negative, "i" in self.flags)

    def class_char(self) -> str:
        if self.peek("\\"):
            return self.char_escape()
        c = self.text[self.position : self.position + 1]
        if not c:
            raise PatternError("missing closing ]")
        self.position += 1
        return c

    def posix(self, matchers: list[Matcher]) -> bool:
        end = self.text.find(":]", self.position)
        if end < 0:
            return False
        name = self.text[self.position + 2 : end]
        members = POSIX.get(name.removeprefix("^"))
        if members is None:
            raise PatternError(f"invalid character class range: `[:{name}:]`")
        self.position = end + 2
        matchers.append((lambda x: x not in members) if name.startswith("^") else members.__contains__)
        return True


def compile_pattern(pattern: str) -> Program:
    """The program of a pattern. Raises PatternError."""
    parser = _Parser(pattern)
    node = parser.parse()
    program: list[tuple[Any, ...]] = [(SAVE, 0)]
    _emit(node, program)
    program += [(SAVE, 1), (MATCH,)]
    return Program(program, parser.groups)


def _nullable(node: _Node) -> bool:
    kind = node[0]
    if kind == "char":
        return False
    if kind == "cat":
        return all(_nullable(item) for item in node[1])
    if kind == "alt":
        return any(_nullable(item) for item in node[1])
    if kind == "repeat":
        return node[2] == 0 or _nullable(node[1])
    return kind == "assert" or _nullable(node[2])


def _emit(node: _Node, program: list[tuple[Any, ...]]) -> None:
    if len(program) > MAX_PROGRAM:
        raise PatternError("expression too large")
    kind = node[0]
    if kind == "char":
        program.append((CHAR, node[1]))
    elif kind == "assert":
        program.append((ASSERT, node[1]))
    elif kind == "cat":
        for item in node[1]:
            _emit(item, program)
    elif kind == "group":
        program.append((SAVE, 2 * node[1]))
        _emit(node[2], program)
        program.append((SAVE, 2 * node[1] + 1))
    elif kind == "alt":
        _emit_alternatives(node[1], program)
    else:
        _emit_repeat(program, *node[1:])


def _emit_alternatives(branches: list[_Node], program: list[tuple[Any, ...]]) -> None:
    jumps: list[int] = []
    for branch in branches[:-1]:
        split = len(program)
        program.append(())
        _emit(branch, program)
        jumps.append(len(program))
        program.append(())
        program[split] = (SPLIT, split + 1, len(program))
    _emit(branches[-1], program)
    for jump in jumps:
        program[jump] = (JUMP, len(program))


def _split(greedy: bool, into: int, past: int) -> tuple[int, int, int]:
    return (SPLIT, into, past) if greedy else (SPLIT, past, into)


def _emit_repeat(program: list[tuple[Any, ...]], node: _Node, least: int, most: int | None, greedy: bool) -> None:
    plus = most is None and least > 0
    for _ in range(least - 1 if plus else least):
        _emit(node, program)
    if most is None:
        # x* with an x that can be empty is (x+)?, so that the preference of the branches stays right.
        split = len(program) if not plus and _nullable(node) else None
        if split is not None:
            program.append(())
        loop = len(program)
        if plus or split is not None:
            _emit(node, program)
            program.append(_split(greedy, loop, len(program) + 1))
        else:
            program.append(())
            _emit(node, program)
            program.append((JUMP, loop))
            program[loop] = _split(greedy, loop + 1, len(program))
        if split is not None:
            program[split] = _split(greedy, split + 1, len(program))
        return
    splits: list[int] = []
    for _ in range(most - least):
        splits.append(len(program))
        program.append(())
        _emit(node, program)
    for split in splits:
        program[split] = _split(greedy, split + 1, len(program))

"""Which values are secret because of where they stand, and their disappearance from the texts that reports quote.

After the graph is made and before a check is run: excerpts, trails and values are taken from the masked text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from ..expression.evaluator import attribute_of
from ..expression.values import Absent, EvaluationError, Known, Lazy, Value
from ..model.resource import Resource
from ..model.tables import read_yaml_folder
from ..source import SourceFile, SourceRange

_NAME = re.compile(
    r"(?i).*(?:password|passwd|passphrase|secret(?:[_-]?(?:string|key|value))?|token|(?:private|api|access)[_-]?key)"
)
_HARMLESS = re.compile(r"arn:|\{\{resolve:")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")
_HOLES = re.compile(r"(\$\{[^}]*\})")
_KEY = re.compile(r"""\s*["']?[\w.:-]+["']?\s*[=:]\s*""")
Spans = dict[SourceFile, list[tuple[int, int]]]
_NODES = 500  # values that one secret may have been made from before the search for its texts ends


def names_secret(name: str) -> bool:
    """Whether what is called so is a secret: a password, a token, a private key."""
    return _NAME.fullmatch(name) is not None


@cache
def _table() -> dict[str, dict[str, list[tuple[str, ...]]]]:
    """values and pairs: type → paths."""
    (content,) = (content for _, content in read_yaml_folder("secrets"))
    return {
        section: {type: [tuple(path.split(".")) for path in paths] for type, paths in rows.items()}
        for section, rows in content.items()
    }


def is_secret(type: str, path: str) -> bool:
    """Whether a property of a resource (dotted, list levels left out or as `[0]`) is one or lies in one."""
    steps = tuple(re.sub(r"\[[^\]]*\]", "", path).split("."))
    return any(steps[: len(secret)] == secret for secret in _table()["values"].get(type, ()))


def mask_texts(resources: Iterable[Resource]) -> None:
    """Put asterisks for the secrets in the files that the resources were read from; all ranges stay right."""
    tables = _table()
    found: Spans = {}
    for resource in resources:
        for path in tables["values"].get(resource.type, ()):
            for value in _at(resource.properties, path):
                _collect(value, found)
        for path in tables["pairs"].get(resource.type, ()):
            for pair in _at(resource.properties, path):
                for name, value in zip(_at(pair, ("Name",)), _at(pair, ("Value",)), strict=False):
                    if isinstance(name, Known) and names_secret(str(name.data)):
                        _collect(value, found)
    for file, spans in found.items():
        parts, end = [], 0
        for start, stop in sorted(spans):
            if stop > end:
                parts += [file.text[end : max(start, end)], re.sub(r"\S", "*", file.text[max(start, end) : stop])]
                end = stop
        file.text = "".join(parts) + file.text[end:]


def _at(value: Value, path: tuple[str, ...]) -> Iterator[Value]:
    """What stands at a path, through lists."""
    if isinstance(value, Known) and isinstance(value.data, list):
        for item in value.data:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, Lazy) or (isinstance(value, Known) and isinstance(value.data, dict)):
        try:
            member = attribute_of(value, path[0], None, True)
        except EvaluationError:
            return
        if not isinstance(member, Absent):
            yield from _at(member, path[1:])


def _collect(secret: Value, found: Spans) -> None:
    """Notes the literals within a value's own place, and all that it was made from."""
    if secret.range is not None:
        found.setdefault(secret.range.file, []).extend(_literals(secret.range))
    waiting, done = [secret], set[int]()
    while waiting and len(done) < _NODES:
        value = waiting.pop()
        if id(value) in done:
            continue
        done.add(id(value))
        waiting.extend(value.sources)
        if isinstance(value, Known) and isinstance(value.data, str) and value.data and not value.sources:
            if value.range is not None and not _HARMLESS.match(value.data):
                spans = list(_literals(value.range)) or [_unquoted(value.range)]
                found.setdefault(value.range.file, []).extend(spans)
        elif isinstance(value, Known) and isinstance(value.data, (list, dict)):
            waiting.extend(value.data.values() if isinstance(value.data, dict) else value.data)


def _literals(place: SourceRange) -> Iterator[tuple[int, int]]:
    """Where the quoted texts of a place stand, without what is put into them."""
    for match in _QUOTED.finditer(place.text):
        if _HARMLESS.match(match.group()[1:]):
            continue
        start = place.start + match.start() + 1
        for index, part in enumerate(_HOLES.split(match.group()[1:-1])):
            if index % 2 == 0 and part:
                yield start, start + len(part)
            start += len(part)


def _unquoted(place: SourceRange) -> tuple[int, int]:
    key = _KEY.match(place.text)
    return place.start + (key.end() if key else 0), place.end

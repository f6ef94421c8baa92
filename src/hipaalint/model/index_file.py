"""The file format of the two schema indexes: a JSON object with one line per type, decoded one type at a time.

In the flow: below registry and provider_schema, which read it, and distill, which writes it.
"""

import json
import mmap
import os
from collections.abc import Iterator, Mapping

# The header says what an index was made from; no resource type has such a name.
HEADER = "@source"
_DATA = os.path.join(os.path.dirname(__file__), "data")


def index_path(name: str) -> str:
    """The path of the committed index `name` (a plain path: importlib.resources would cost more than the reading)."""
    return os.path.join(_DATA, name)


class IndexFile:
    """An index mapped into memory; lines are found by bisection, and only the types that are asked for are decoded.

    Splitting the 2.7 MB of the registry into lines first takes 7 ms, a table of contents would change with every type.
    """

    __slots__ = ("_content", "_end", "_start")

    def __init__(self, content: bytes | mmap.mmap) -> None:
        self._content = content
        self._start = content.find(b"\n") + 1  # behind the line of the opening brace
        self._end = content.rfind(b"\n}")  # before the line of the closing one

    @classmethod
    def open(cls, path: str) -> "IndexFile":
        """Map an index; raises OSError if it is not there."""
        with open(path, "rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    @property
    def source(self) -> dict[str, str]:
        """What the index was distilled from."""
        header: dict[str, str] = self.decode(HEADER) or {}  # type: ignore[assignment]
        return header

    def __iter__(self) -> Iterator[str]:
        for line in self._content[self._start : self._end].split(b"\n"):
            name = line[1 : line.index(b'"', 1)].decode("ascii")
            if name != HEADER:
                yield name

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def decode(self, name: str) -> dict[str, object] | None:
        """The entry of a type, or None if the index has no such type."""
        found = self._find(name)
        if found is None:
            return None
        entry: dict[str, object] = json.loads(found.rstrip(b","))
        return entry

    def _find(self, name: str) -> bytes | None:
        """The text behind `"name":`, found by bisection over lines, which are sorted by name."""
        content = self._content
        wanted = name.encode("utf-8", "surrogatepass")
        low, high = self._start, self._end
        while low < high:  # both stand at the start of a line, or high at the end
            start = content.rfind(b"\n", low, (low + high) // 2) + 1 or low
            quote = content.find(b'"', start + 1)
            here = content[start + 1 : quote]
            if here == wanted:
                end = content.find(b"\n", quote)
                return content[quote + 2 : end]
            if here < wanted:
                low = content.find(b"\n", quote) + 1
            else:
                high = start
        return None


def render(source: Mapping[str, str], entries: Mapping[str, object]) -> str:
    """The text of an index: the same bytes for the same content, a diff of one line for a change in one type."""
    rows = [(HEADER, source), *sorted(entries.items())]  # "@" sorts before every letter
    lines = (f'"{name}":{json.dumps(entry, sort_keys=True, separators=(",", ":"))}' for name, entry in rows)
    return "{\n" + ",\n".join(lines) + "\n}\n"

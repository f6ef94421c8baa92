"""A resource under the registry's names: what checks and relations see.

Made by model/lift.py from resource.WrittenResource; kept in the graph; shown by the reports.
"""

from __future__ import annotations

from ..expression.values import Lazy
from ..expression.world import Deferred
from ..resource import Root, WrittenResource
from ..source import SourceRange


class Resource:
    """type: the registry type (`AWS::RDS::DBInstance`), or the written type where the table has no row.

    properties: read on demand; a property that nobody wrote is Absent, with its documented default.
    folded: the side-cars whose content stands in the properties. partial: it stands for a resource declared outside the
    root, of which only what a side-car says is known.
    """

    __slots__ = ("folded", "partial", "properties", "type", "written")

    def __init__(self, written: WrittenResource, type: str, properties: Lazy) -> None:
        self.written = written
        self.type = type
        self.properties = properties
        self.folded: list[WrittenResource] = []
        self.partial = False

    @property
    def address(self) -> str:
        """Its address; of what a transform made, that of the resource in the text, with its own part in brackets."""
        own, owner = self.written.address, self.written.written_as().address
        part = own.removeprefix(owner)
        return f"{owner}[{part}]" if self.written.implied_by is not None and part != own and part else own

    @property
    def root(self) -> Root:
        return self.written.root

    @property
    def exists(self) -> Deferred:
        return self.written.exists

    @property
    def header(self) -> SourceRange:
        return self.written.header

    def __repr__(self) -> str:
        return f"Resource({self.type}, {self.address})"

"""A loaded folder whose values show themselves as plain data, which a test can compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hipaalint.expression.values import Absent, Known, Lazy, Unknown, Value, all_references
from hipaalint.expression.world import Input, Part
from hipaalint.resource import Root, WrittenResource


def shown(value: Value) -> Any:
    """Plain data; of an unknown string its parts (`a-?`), of any other unknown `?` and its reason."""
    if isinstance(value, Known):
        if isinstance(value.data, list):
            return [shown(item) for item in value.data]
        if isinstance(value.data, dict):
            return {name: shown(item) for name, item in value.data.items()}
        return value.data
    if isinstance(value, Unknown):
        if value.parts and value.parts != (None,):
            return "".join("?" if part is None else part for part in value.parts)
        return f"?{value.reason}"
    if isinstance(value, Absent):
        return "absent"
    assert isinstance(value, Lazy)
    return {name: shown(value.get(name, None)) for name in value.names()}


class Loaded:
    def __init__(self, root: Root) -> None:
        self.root = root

    @property
    def addresses(self) -> list[str]:
        return [resource.address for resource in self.root.resources]

    def resource(self, address: str) -> WrittenResource:
        return next(resource for resource in self.root.resources if resource.address == address)

    def value(self, address: str, name: str) -> Value:
        return self.resource(address).body.get(name, None)

    def shown(self, address: str, name: str) -> Any:
        return shown(self.value(address, name))

    def exists(self, address: str) -> Any:
        return shown(self.resource(address).exists.force())

    def line(self, address: str, name: str) -> str:
        """Where an attribute is written: `file:line: text`."""
        place = self.value(address, name).range
        assert place is not None
        return f"{place.file.path}:{place.line}: {place.text}"

    def names(self, address: str, name: str) -> list[str]:
        """The resources that an attribute refers to, with the attribute of each."""
        references = all_references(self.value(address, name))
        return [f"{resource.address}.{attribute}" for resource, attribute in references]

    def said(self, severity: str = "") -> list[str]:
        return [
            f"{each.path}:{each.line}: {each.message}"
            for each in self.root.diagnostics
            if not severity or each.severity == severity
        ]

    def input(self, label: str) -> Input:
        return next(input for input in self.root.inputs if input.label == label)

    def when(self, assignment: dict[str, Any], address: str, name: str) -> Any:
        """An attribute (or `exists`) in a scenario."""
        parts = {self.input(label): Part(constant) for label, constant in assignment.items()}
        with self.root.world.scenario(parts):
            return self.exists(address) if name == "exists" else self.shown(address, name)


Load = Callable[..., Loaded]

"""Splitting: an argument that the registry has as a resource of its own, such as the policy written inside an old bucket.

After model/lift.py, before graph/. The new resources share address, location and existence with the one they come from.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.values import COMPUTED, STRING, Unknown, Value
from ..resource import WrittenResource
from .lift import LiftedObject, Lifting
from .registry import registry
from .resource import Resource
from .tables import row


def split_off(resource: Resource) -> Iterator[Resource]:
    """The resources that stand in the registry in place of arguments of this one; none where these are not written."""
    written = resource.written
    found = row(written.type)
    if found is None or written.data:
        return
    for split in found.splits:
        if not any(argument in written.body.names() for argument in split.arguments):
            continue
        lifting = Lifting(written, split.row, split.type)
        properties = LiftedObject(
            lifting, written.body, registry().type(split.type), split.row.shape, (), written.header
        )
        lifting.resource = Resource(written, split.type, properties)
        lifting.fillers[split.link] = [lambda own: _reference(written)]
        yield lifting.resource


def _reference(written: WrittenResource) -> Value:
    """What `ADDRESS.id` gives: it is not known before it is deployed, but it names the resource."""
    return Unknown(COMPUTED, f"{written.address}.id", STRING, True, range=written.header, references=((written, "id"),))

"""Reading what is written: members and paths of blocks and objects, whatever the language.

Below model/lift.py, which gives what is read here the registry's names.
"""

from __future__ import annotations

from ..expression.values import LIST, MAPPINGS, NOT_LIFTED, SEQUENCES, Absent, Known, Lazy, Unknown, Value, is_null
from ..resource import Attributes
from .tables import Path


def member_of(written: Value, name: str) -> Value:
    """A member of a written object; Absent where there is none."""
    if isinstance(written, Attributes):
        return written.get(name, None)
    if isinstance(written, Lazy):
        return written.get(name, None) if name in written.names() else Absent(name, range=written.range)
    if isinstance(written, Known) and written.kind in MAPPINGS:
        return written.data.get(name) or Absent(name, range=written.range)
    return Absent(name, range=written.range)


def read_path(written: Value, path: Path) -> Value:
    """What stands at a path; a list of one block is passed through."""
    value = written
    for step in path:
        if isinstance(value, Known) and value.kind in SEQUENCES:
            if len(value.data) != 1:
                if not value.data:
                    return Absent(step, range=value.range)
                return Unknown(
                    NOT_LIFTED,
                    f"several blocks where one is expected, before {step}",
                    range=value.range,
                    sources=(value,),
                )
            value = value.data[0]
        if isinstance(value, Unknown):
            return value
        value = member_of(value, step)
    return value


def names_of(written: Value) -> list[str]:
    """The names of the members of a written object, in the order of the text."""
    if isinstance(written, Lazy):
        return written.names()
    return list(written.data) if isinstance(written, Known) and isinstance(written.data, dict) else []


def is_nothing(value: Value | None) -> bool:
    """Not written; null, which Terraform takes for not written; or an empty text, as the provider and most services do."""
    return (
        value is None or isinstance(value, Absent) or is_null(value) or (isinstance(value, Known) and value.data == "")
    )


def may_be_empty(value: Unknown) -> bool:
    """Whether it stands for any number of blocks, none included."""
    return not isinstance(value.type, str) and value.type[0] == LIST and (value.length is None or not value.length[0])

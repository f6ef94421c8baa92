"""Written values in the registry's terms: kinds of scalars, words that differ, tags, lists from several places, spellings.

Used by model/lift.py and model/fold.py once they know which property a value belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..expression import convert
from ..expression.values import OBJECT, SEQUENCES, TUPLE, EvaluationError, Known, Unknown, Value, is_null, known
from ..source import SourceRange


def scalar(value: Known | Unknown, kind: str) -> Value:
    """A scalar in the kind that the schema asks for; as it is where it does not fit."""
    try:
        if kind == "boolean":
            written = value
            if isinstance(value, Known) and value.data in ("True", "False", "TRUE", "FALSE"):
                written = value.copy()  # CloudFormation takes these spellings as well
                written.data = value.data.lower()
            converted = convert.to_bool(written)
        elif kind in ("integer", "number"):
            converted = convert.to_number(value)
        elif kind == "string":
            converted = convert.to_string(value)
        else:
            return value
    except EvaluationError:
        return value
    if converted is not value:
        converted.range = value.range
        converted.sources = (value,)
    return converted


def mapped(value: Value, mapping: Mapping[str, Any]) -> Value:
    """A written value in the registry's terms (`enabled = true` → `Status: Enabled`)."""
    if isinstance(value, Known) and not isinstance(value.data, (list, dict)):
        spelled = str(value.data).lower() if isinstance(value.data, bool) else str(value.data)
        if spelled in mapping:
            other = known(mapping[spelled], value.range)
            other.sources = (value,)
            return other
    return value


def tag_entries(tags: Known) -> Known:
    """A map of tags as the list of keys and values that it is elsewhere."""
    entries: list[Value] = [
        Known({"Key": known(name, item.range), "Value": item}, OBJECT, item.range, (item,))
        for name, item in tags.data.items()
        if not is_null(item)
    ]
    return Known(entries, TUPLE, tags.range, (tags,))


def joined(lists: list[Value], range: SourceRange | None) -> Known:
    """The elements of several written lists as one; a list of which nothing is known stays an unknown element."""
    elements: list[Value] = []
    for value in lists:
        elements.extend(value.data if isinstance(value, Known) and value.kind in SEQUENCES else [value])
    return Known(elements, TUPLE, range, tuple(lists))


@lru_cache(maxsize=4096)
def snake_case(name: str) -> str:
    """`KmsKeyId` → `kms_key_id`, `EnableIAMAuth` → `enable_iam_auth`: how Terraform would spell a property."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()

"""Settings and attributes in every form: maps, and lists of names and values under whatever names those have.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.evaluator import operand
from ..expression.values import NULL, SEQUENCES, Absent, Known, Lazy, Unknown, Value
from .decisions import Decision, any_of, domain_function, elements, member, names, nothing, text

# RDS, DocumentDB and Neptune take a map in CloudFormation; Terraform has blocks of name and value for all of them. Load
# balancers have attributes (keys, classic ones names), Elastic Beanstalk options.
_SPELLINGS = (
    ("ParameterName", "ParameterValue"),
    ("ParameterKey", "ParameterValue"),
    ("parameter_key", "parameter_value"),
    ("Key", "Value"),
    ("OptionName", "Value"),
    ("Name", "Value"),
    ("name", "value"),
)


def entries(settings: Value) -> Iterator[tuple[Value, Value]]:
    """(name, value) of every setting; an unknown name where a setting, or all of them, cannot be known."""
    if nothing(settings):
        return
    settings = settings if isinstance(settings, Lazy) else operand(settings)
    if isinstance(settings, Known) and settings.kind in SEQUENCES:
        for item in settings.data:
            if isinstance(item, Unknown):
                yield item, item
            elif not nothing(item):
                yield _pair(item)
    elif isinstance(settings, Unknown):
        yield settings, settings
    else:
        if isinstance(settings, Lazy):
            settings = settings.materialize()
        if isinstance(settings, Known) and isinstance(settings.data, dict):
            if {"name", "value"} <= set(settings.data):
                yield _pair(settings)  # a single block
                return
            for name, value in settings.data.items():
                yield Known(name, "string", value.range, (value,)), value


def _pair(item: Value) -> tuple[Value, Value]:
    written = names(item)
    for name, value in _SPELLINGS:
        if name in written:
            return member(item, name), member(item, value)
    unnamed = Unknown("evaluation-error", "this setting has no name", range=item.range)
    return unnamed, unnamed


@domain_function("setting", 2, 2)
def setting(settings: Value, name: Value) -> Value:
    """The value of a parameter group's setting; null if it is not set, unknown if one of unknown name may be it."""
    wanted = (text(name) or "").lower()
    unknown: Value | None = None
    for key, value in entries(settings):
        if isinstance(key, Unknown):
            unknown = unknown or key
        elif (text(key) or "").lower() == wanted:
            return value
    return unknown if unknown is not None else Known(None, NULL, None, (settings,))


@domain_function("has_setting", 2, 3)
def has_setting(settings: Value, name: Value, values: Value | None = None) -> Decision:
    """Whether a parameter group sets something; with `values`, whether to one of them, capitals apart.

    Written numbers and booleans count as their texts (`1`, `true`).
    """
    wanted = (text(name) or "").lower()
    accepted = None if values is None else {(text(item) or "").lower() for item in elements(values)}
    found: list[Decision] = []
    for key, value in entries(settings):
        if isinstance(key, Unknown):
            found.append(Decision(None, key))
        elif (text(key) or "").lower() != wanted:
            continue
        elif accepted is None:
            return Decision(True, value)
        elif isinstance(value, Unknown):
            found.append(Decision(None, value))
        else:
            found.append(Decision((text(value) or "").lower() in accepted, value))
    return any_of(found, *(() if found else (_place(settings),)))


def _place(settings: Value) -> Value:
    return settings if settings.range is not None or isinstance(settings, Absent) else operand(settings)

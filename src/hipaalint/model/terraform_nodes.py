"""Reduces a Terraform provider's schema to what a scan needs: argument names, types, nesting, required or computed.

In the flow: beside it; distill calls it while developing, provider_schema reads the rows that it makes.

A row maps every argument of a type to one of
  "string" "number" "bool" "map" "any" "list(string)" "set(number)"   with " required" or " computed" behind it
  {"block": {argument: …}, "many": true, "required": true}            a nested block; an attribute that holds objects
"""

from collections.abc import Mapping
from typing import Any

Rows = dict[str, dict[str, Any]]


def provider_rows(document: Mapping[str, Any], version: str | None) -> tuple[dict[str, str], Rows]:
    """The source and the rows of all types in a document; a data source is named `data.aws_…`.

    The document is the output of `terraform providers schema -json` (then the version of the provider has to be given,
    since that output does not say it), or rows of this form under `resources` and `data_sources` with `provider` and
    `version`, without the attributes that only the provider sets. Raises ValueError for anything else.
    """
    if "provider_schemas" in document:
        if version is None:
            raise ValueError("the output of `terraform providers schema` has no version: it must be given")
        names = [name for name in document["provider_schemas"] if name.endswith("/hashicorp/aws")]
        if not names:
            raise ValueError("no schema of hashicorp/aws in the document")
        schemas = document["provider_schemas"][names[0]]
        resources = {name: _block(each["block"]) for name, each in schemas["resource_schemas"].items()}
        data_sources = {name: _block(each["block"]) for name, each in schemas["data_source_schemas"].items()}
        source = {"provider": "hashicorp/aws", "version": version, "computed": "listed"}
    elif document.keys() >= {"resources", "data_sources", "provider", "version"}:
        resources, data_sources = document["resources"], document["data_sources"]
        source = {"provider": document["provider"], "version": document["version"], "computed": "left out"}
    else:
        raise ValueError("neither the output of `terraform providers schema -json` nor rows made from it")
    return source, {**resources, **{f"data.{name}": rows for name, rows in data_sources.items()}}


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = {name: _attribute(each) for name, each in block.get("attributes", {}).items()}
    for name, nested in block.get("block_types", {}).items():
        rows[name] = {"block": _block(nested["block"])}
        if nested["nesting_mode"] in ("list", "set", "map") and nested.get("max_items") != 1:
            rows[name]["many"] = True
        if nested.get("min_items", 0) > 0:
            rows[name]["required"] = True
    return rows


def _attribute(attribute: Mapping[str, Any]) -> str | dict[str, Any]:
    if "nested_type" in attribute:
        nested = attribute["nested_type"]
        row: str | dict[str, Any] = {"block": _block(nested)}
        if nested["nesting_mode"] != "single":
            row = {"block": _block(nested), "many": True}
    else:
        row = _type(attribute["type"])
    if attribute.get("required"):
        mark = "required"
    elif attribute.get("computed") and not attribute.get("optional"):
        mark = "computed"
    else:
        return row
    return f"{row} {mark}" if isinstance(row, str) else {**row, mark: True}


def _type(type_: str | list[Any]) -> str | dict[str, Any]:
    """A type as Terraform's JSON gives it: "string", ["set", "string"], ["list", ["object", {…}]]."""
    if isinstance(type_, str):
        return "any" if type_ == "dynamic" else type_
    kind, element = type_[0], type_[1]
    if kind == "object":
        return {"block": {name: _type(each) for name, each in element.items()}}
    if kind == "map":
        return "map"
    if kind not in ("list", "set"):
        return "any"
    inner = _type(element)
    return f"{kind}({inner})" if isinstance(inner, str) else {**inner, "many": True}

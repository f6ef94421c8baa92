"""What is known of attributes that a data source reads when Terraform runs: shapes of a few, nothing of all others.

Used by nodes.py; aws_iam_policy_document, which only builds JSON, is in policy_document.py. template_file, of the older
provider of that name, reads nothing either: it is what `templatestring` is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...expression.values import (
    DATA_SOURCE,
    DYNAMIC,
    IMPORTED,
    LIST,
    STRING,
    Absent,
    EvaluationError,
    Type,
    Unknown,
    Value,
    is_null,
    known,
)
from ...resource import WrittenResource
from .objects import SOME, TEXTS
from .policy_document import policy_json

if TYPE_CHECKING:
    from .module_instance import ModuleInstance

# (data source, attribute) → type
_TYPES: dict[tuple[str, str], Type] = {
    ("aws_availability_zones", "names"): (LIST, STRING),
    ("aws_availability_zones", "zone_ids"): (LIST, STRING),
    ("aws_subnets", "ids"): (LIST, STRING),
    ("aws_caller_identity", "account_id"): STRING,
    ("aws_caller_identity", "user_id"): STRING,
    ("aws_partition", "dns_suffix"): STRING,
    ("aws_partition", "reverse_dns_prefix"): STRING,
    ("aws_region", "description"): STRING,
    ("aws_region", "endpoint"): STRING,
}
_REGION = ("name", "region", "id")


def data_attribute(resource: WrittenResource, name: str, module: ModuleInstance) -> Value:
    """An attribute of a data source that is not written in its block."""
    type = resource.type
    if type == "aws_iam_policy_document" and name in ("json", "minified_json"):
        return policy_json(resource, module)
    if type == "template_file" and name == "rendered":
        return _rendered(resource, module)
    if type == "aws_partition" and name in ("partition", "id"):
        return module.load.world.value_of(module.load.partition, propose=False)
    if type == "aws_region" and name in _REGION:
        if resource.region is not None:
            return resource.region.force()
        return _unknown(resource, name, STRING, True)
    if type == "terraform_remote_state":
        detail = f"{resource.address} is the state of another configuration"
        return Unknown(IMPORTED, detail, DYNAMIC)
    shape = _TYPES.get((type, name))
    if shape is not None:
        value = _unknown(resource, name, shape, True)
        if name == "account_id":
            value.length = (12, 12)  # digits
        return value
    text = name in ("id", "arn") or name.endswith("_arn")
    value = _unknown(resource, name, STRING if text else DYNAMIC, text)
    if name in TEXTS:
        value.length = SOME
    return value


def _rendered(resource: WrittenResource, module: ModuleInstance) -> Value:
    template, variables = (resource.body.get(name, None) for name in ("template", "vars"))
    if isinstance(variables, Absent) or is_null(variables):
        variables = known({})
    try:
        return module.load.functions["templatestring"](module.load.context, [template, variables], resource.header)
    except EvaluationError:
        return _unknown(resource, "rendered", STRING, True)  # what it needs is not there, or no longer a template


def _unknown(resource: WrittenResource, name: str, type: Type, not_null: bool) -> Unknown:
    return Unknown(DATA_SOURCE, f"{resource.address}.{name} is read when Terraform runs", type, not_null)

"""What is known of attributes that a data source reads when Terraform runs: shapes of a few, nothing of all others.

Used by nodes.py; aws_iam_policy_document, which only builds JSON, is in policy_document.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...expression.values import (
    DATA_SOURCE,
    DYNAMIC,
    IMPORTED,
    LIST,
    STRING,
    Type,
    Unknown,
    Value,
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


def _unknown(resource: WrittenResource, name: str, type: Type, not_null: bool) -> Unknown:
    return Unknown(DATA_SOURCE, f"{resource.address}.{name} is read when Terraform runs", type, not_null)

"""What references to resources and modules evaluate to: objects read on demand, which note what they were asked for.

Made by module_instance.py; the evaluator asks them for attributes.
"""

from __future__ import annotations

from collections.abc import Callable

from ...expression.values import (
    COMPUTED,
    DYNAMIC,
    LIST,
    MAP,
    STRING,
    UNRESOLVED,
    Absent,
    Lazy,
    Unknown,
    Value,
    is_null,
)
from ...expression.world import Deferred
from ...resource import WrittenResource
from ...source import SourceRange

TEXTS = frozenset({"id", "arn"})  # these are strings whatever the type, and never empty
SOME = (1, None)

# What has no identifier of its own: its `id` is that of the resource it belongs to, in this argument.
_IDENTIFIED_BY = {
    **dict.fromkeys(
        (
            "aws_s3_bucket_accelerate_configuration",
            "aws_s3_bucket_cors_configuration",
            "aws_s3_bucket_lifecycle_configuration",
            "aws_s3_bucket_logging",
            "aws_s3_bucket_notification",
            "aws_s3_bucket_object_lock_configuration",
            "aws_s3_bucket_ownership_controls",
            "aws_s3_bucket_policy",
            "aws_s3_bucket_public_access_block",
            "aws_s3_bucket_replication_configuration",
            "aws_s3_bucket_request_payment_configuration",
            "aws_s3_bucket_server_side_encryption_configuration",
            "aws_s3_bucket_versioning",
            "aws_s3_bucket_website_configuration",
        ),
        "bucket",
    ),
    "aws_api_gateway_rest_api_policy": "rest_api_id",
    "aws_backup_vault_policy": "backup_vault_name",
    "aws_ecr_repository_policy": "repository",
    "aws_efs_file_system_policy": "file_system_id",
    "aws_kms_key_policy": "key_id",
    "aws_secretsmanager_secret_policy": "secret_arn",
    "aws_sns_topic_policy": "arn",
    "aws_sqs_queue_policy": "queue_url",
}


class ResourceObject(Lazy):
    """A resource or data source in an expression: an attribute that is written, or what is known of a computed one.

    Every value carries a reference to the resource, nearest first.
    """

    __slots__ = ("resource",)

    def __init__(self, resource: WrittenResource) -> None:
        super().__init__(resource.header)
        self.resource = resource
        self.references = ((resource, ""),)

    def get(self, name: str, range: SourceRange | None) -> Value:
        value = self.resource.body.get(name, range)
        if isinstance(value, Absent) or is_null(value):
            assert self.resource.computed is not None
            value = self.resource.computed(name)
        if isinstance(value, Lazy):
            return value
        twin = value.copy()
        twin.references = ((self.resource, name), *value.references)
        return twin

    def names(self) -> list[str]:
        return self.resource.body.names()


class ModuleObject(Lazy):
    """A module instance in an expression: its outputs."""

    __slots__ = ("_outputs", "address")

    def __init__(self, address: str, outputs: Callable[[str], Deferred | None], header: SourceRange) -> None:
        super().__init__(header)
        self.address = address
        self._outputs = outputs

    def get(self, name: str, range: SourceRange | None) -> Value:
        output = self._outputs(name)
        if output is None:
            return Unknown(UNRESOLVED, f'{self.address} has no output "{name}"', range=range)
        return output.force()

    def names(self) -> list[str]:
        return []


# How the identifiers of gateways begin: by that routes tell where they lead.
_BEGINNINGS = {"aws_internet_gateway": "igw-", "aws_vpn_gateway": "vgw-"}


class Undeclared(Lazy):
    """A resource that the module does not declare: Terraform would stop, we go on with attributes nobody knows."""

    __slots__ = ("detail", "type")
    many = True

    def __init__(self, type: str, detail: str, range: SourceRange | None) -> None:
        super().__init__(range)
        self.type = type
        self.detail = detail

    def get(self, name: str, range: SourceRange | None) -> Value:
        if name == "*" or name.isdigit():
            return self
        if name in TEXTS:
            parts = (_BEGINNINGS[self.type], None) if name == "id" and self.type in _BEGINNINGS else None
            return Unknown(UNRESOLVED, self.detail, STRING, True, parts, SOME, range)
        return Unknown(UNRESOLVED, self.detail, DYNAMIC, True, range=range)

    def names(self) -> list[str]:
        return []

    def materialize(self) -> Value:
        return Unknown(UNRESOLVED, self.detail, DYNAMIC, True, range=self.range)


class Uncounted(Lazy):
    """The instances of a block whose count or for_each is unknown in the scenario in force.

    An index gives that instance where it can exist, else the symbolic one; an attribute (from a splat) is that
    of the symbolic one. some: any one instance.
    """

    __slots__ = ("_instance", "cause", "counted", "some")
    many = True

    def __init__(self, instance: Callable[[str], Lazy | None], some: Lazy, cause: Unknown, counted: bool) -> None:
        super().__init__(cause.range)
        self._instance = instance
        self.some = some
        self.cause = cause
        self.counted = counted
        self.references = some.references

    def get(self, name: str, range: SourceRange | None) -> Value:
        if name == "*":
            return self.some
        if self.counted and not name.isdigit():
            return self.some.get(name, range)
        return self._instance(name) or self.some

    def names(self) -> list[str]:
        return []

    def materialize(self) -> Value:
        type = (LIST, DYNAMIC) if self.counted else (MAP, DYNAMIC)
        cause = self.cause
        return Unknown(
            cause.reason, cause.detail, type, True, range=cause.range, sources=(cause,), references=self.references
        )


def computed_attribute(resource: WrittenResource, name: str, module: object) -> Value:
    """An attribute that the provider fills in."""
    owner = _IDENTIFIED_BY.get(resource.type) if name == "id" else None
    if owner is not None:
        value = resource.body.get(owner, None)
        if not isinstance(value, (Absent, Lazy)) and not is_null(value):
            return value
    detail = f"{resource.address}.{name} is known after apply"
    return Unknown(COMPUTED, detail, STRING if name in TEXTS else DYNAMIC, True)

"""All domain functions by name: what conditions can call beside Terraform's own functions.

Used by policy/engine.py; docs/writing-checks.md lists them for authors of checks.
"""

from __future__ import annotations

import re

from ..expression.evaluator import operand
from ..expression.values import BOOL, OUTSIDE, UNRESOLVED, Absent, Lazy, Unknown, Value, known
from ..graph.graph import ResourceView
from . import (
    backups,
    beside,
    buckets,
    certificates,
    credentials,
    eligibility,
    iam,
    iam_grants,
    iam_trust,
    log_filters,
    network,
    phi,
    reachable,
    routing,
    secrets,
    settings,
    tags,
    trails,
)
from .decisions import Decision, domain_function, domain_functions, elements, member, nothing, pieces, text

# `aws/s3` is how the console calls the key behind `alias/aws/s3`.
_MANAGED_ALIAS = re.compile(r"(?:^|:)(?:alias/)?aws/")
_KEYS = (
    "aws_kms_key",
    "aws_kms_alias",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "AWS::KMS::Key",
    "AWS::KMS::Alias",
    "AWS::KMS::ReplicaKey",
)
_WRITTEN_NAME = re.compile(r"""["']?([A-Za-z][\w-]*)["']?\s*[=:{]""")


@domain_function("is_customer_key", 1, 1)
def is_customer_key(key: Value) -> Decision:
    """Whether a key reference names a key of the customer: not left out, and no alias of AWS's own (`alias/aws/s3`)."""
    if nothing(key):
        return Decision(False, key)
    if any(reference.type in _KEYS and not reference.data for reference, _attribute in key.references):
        return Decision(True, key)
    # A key that nobody declares is one of the customer's all the same: AWS's own are no resources.
    if isinstance(key, Unknown) and key.reason == UNRESOLVED and key.detail.split(".")[0] in _KEYS:
        return Decision(True, key)
    for reference, _attribute in key.references:
        # A data source asks for a key by its name, which says whose it is.
        if reference.data and reference.type in _KEYS:
            name = member(reference.body, "name" if reference.type == "aws_kms_alias" else "key_id")
            asked: Decision = is_customer_key(name)
            return Decision(asked.holds, key, name)
    known_pieces = pieces(key)
    if any(piece is not None and _MANAGED_ALIAS.search(piece) for piece in known_pieces):
        return Decision(False, key)
    written = text(key)
    if written is not None:
        return Decision(bool(written.strip()), key)
    return Decision(True if any(piece and "key/" in piece for piece in known_pieces) else None, key)


@domain_function("given", 1, 1)
def given(value: Value) -> Decision:
    """Whether a key, name or ARN is given: written, and no empty text. What another resource gives is none."""
    if nothing(value):
        return Decision(False, value)
    written = text(value)
    if written is not None:
        return Decision(bool(written.strip()), value)
    value = operand(value)
    return Decision(True if value.references or any(pieces(value)) or getattr(value, "not_null", True) else None, value)


@domain_function("unknown", 1, 2)
def unknown(why: Value, leads_to: Value | None = None) -> Value:
    """For what the text cannot tell: makes the verdict unknown, with the reason, at the value that leads there."""
    return Unknown(UNRESOLVED, text(why) or "", BOOL, True, sources=() if leads_to is None else (leads_to,))


@domain_function("declared_here", 1, 1)
def declared_here(related: Value) -> Decision:
    """Whether a relation leads to a resource of this root: false where it leads outside or nowhere.

    For what must be shown beside the resource: `declared_here(bucket) && bucket.VersioningConfiguration.Status == …`.
    Of `self` it is false where only side-cars of the resource are declared here.
    """
    if isinstance(related, ResourceView):
        return Decision(not related.resource.partial)
    if nothing(related) or (isinstance(related, Unknown) and related.reason == OUTSIDE):
        return Decision(False)  # no line is to blame: nothing is wrong with the reference itself
    return Decision(None, related)


@domain_function("connected", 1, 8)
def connected(*related: Value) -> Decision:
    """Whether any of some relations leads to anything: unknown where it may not exist or may not be meant."""
    found = [one for relation in related for one in elements(relation)]
    sure = [one for one in found if isinstance(one, Lazy)]
    return Decision(True if sure else None if found else False, *(sure[:1] or found or related))


@domain_function("spelled", 1, 1)
def spelled(value: Value) -> Value:
    """For messages: the name of a property as the user's file spells it (`storage_encrypted`, `StorageEncrypted`)."""
    current: Value | None = value
    while current is not None:
        if isinstance(current, Absent):
            return known(current.spelled)
        if current.range is not None:
            written = _WRITTEN_NAME.match(current.range.text)
            if written is not None:
                return known(written[1])
        current = current.sources[0] if current.sources else None
    return known("the property")


DOMAIN_FUNCTIONS = domain_functions()

__all__ = [
    "DOMAIN_FUNCTIONS",
    "backups",
    "beside",
    "buckets",
    "certificates",
    "credentials",
    "eligibility",
    "iam",
    "iam_grants",
    "iam_trust",
    "log_filters",
    "network",
    "phi",
    "reachable",
    "routing",
    "secrets",
    "settings",
    "tags",
    "trails",
]

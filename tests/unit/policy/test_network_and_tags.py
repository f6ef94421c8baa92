"""Domain functions over addresses, ports, tags and keys."""

from __future__ import annotations

from typing import Any

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, UNRESOLVED, Absent, Unknown, Value, known
from hipaalint.policy.decisions import Decision
from hipaalint.policy.functions import DOMAIN_FUNCTIONS, is_customer_key, spelled
from hipaalint.policy.network import is_open_cidr, port_range_includes
from hipaalint.policy.tags import has_tag, tag
from hipaalint.source import SourceFile, SourceRange


def unknown(*parts: str | None) -> Unknown:
    return Unknown(NO_VALUE, "var.x has no value", STRING, True, parts or None)


@pytest.mark.parametrize(
    ("cidr", "open"),
    [
        ("0.0.0.0/0", True),
        ("::/0", True),
        ("0::0/0", True),
        ("0.0.0.0/1", True),
        ("128.0.0.0/1", True),
        ("2000::/3", True),
        ("1.2.3.4/0", True),
        ("10.0.0.0/8", False),
        ("0.0.0.0/2", False),
        ("2001:db8::/32", False),
        ("10.1.2.3", False),
        ("pl-12345", None),  # what such a list holds is not said here
        ("", False),
    ],
)
def test_open_cidr(cidr: str, open: bool | None) -> None:
    assert is_open_cidr(known(cidr)).holds is open


def test_open_cidr_of_what_is_not_known() -> None:
    assert is_open_cidr(unknown()).holds is None
    assert is_open_cidr(unknown(None, "/32")).holds is False
    assert is_open_cidr(unknown(None, "/0")).holds is None
    assert is_open_cidr(Absent("CidrIp")).holds is False
    assert is_open_cidr(known(None)).holds is False


@pytest.mark.parametrize(
    ("first", "last", "protocol", "includes"),
    [
        (22, 22, "tcp", True),
        (0, 65535, "tcp", True),
        ("20", "25", "6", True),
        (23, 80, "tcp", False),
        (1, 21, "tcp", False),
        (None, None, "-1", True),
        (0, 0, -1, True),
        (0, 0, "tcp", False),
        (8, 0, "icmp", False),
        (22, 22, "udp", True),
        (-1, -1, "tcp", True),
    ],
)
def test_port_range(first: Any, last: Any, protocol: Any, includes: bool) -> None:
    assert port_range_includes(known(first), known(last), known(22), known(protocol)).holds is includes


def test_port_range_with_unknown_parts() -> None:
    port = known(22)
    assert port_range_includes(unknown(), known(80), port, known("tcp")).holds is None
    assert port_range_includes(known(23), unknown(), port, known("tcp")).holds is False
    assert port_range_includes(known(22), unknown(), port, known("tcp")).holds is True  # every range holds its ends
    assert port_range_includes(unknown(), known(22), port, known("tcp")).holds is True
    assert port_range_includes(known(20), unknown(), port, known("tcp")).holds is None
    assert port_range_includes(unknown(), known(21), port, known("tcp")).holds is False
    assert port_range_includes(known(20), known(30), port, unknown()).holds is None
    assert port_range_includes(known(30), known(40), port, unknown()).holds is None  # the protocol may be -1
    assert port_range_includes(unknown(), unknown(), port, known("icmp")).holds is False


LIST = known([{"Key": "data", "Value": "PHI"}, {"Key": "team", "Value": "billing"}])
MAP = known({"data": "PHI", "team": "billing"})


@pytest.mark.parametrize("tags", [LIST, MAP])
def test_tags_in_both_forms(tags: Value) -> None:
    assert has_tag(tags, known("data")).holds is True
    assert has_tag(tags, known("Data")).holds is False
    assert has_tag(tags, known(["owner", "team"])).holds is True
    assert has_tag(tags, known("data"), known(["phi", "ephi"])).holds is True
    assert has_tag(tags, known("team"), known(["phi"])).holds is False
    assert getattr(tag(tags, known("team")), "data", "") == "billing"
    assert getattr(tag(tags, known("owner")), "data", "") is None


def test_tags_that_are_not_known() -> None:
    some = known([unknown(), {"Key": "team", "Value": unknown()}])
    assert has_tag(unknown(), known("data")).holds is None
    assert has_tag(some, known("team")).holds is True
    assert has_tag(some, known("data")).holds is None
    assert has_tag(some, known("team"), known(["billing"])).holds is None
    assert isinstance(tag(some, known("data")), Unknown)
    assert has_tag(Absent("Tags"), known("data")).holds is False
    assert has_tag(known([]), known("data")).holds is False


def test_no_tag_is_shown_where_the_tags_are() -> None:
    place = SourceRange(SourceFile("a.tf", "tags = {}"), 0, 9)
    tags = known({}, place)
    assert has_tag(tags, known("data")).because == (tags,)
    absent = Absent("Tags", range=place)
    assert has_tag(absent, known("data")).because == (absent,)


def test_customer_keys() -> None:
    assert is_customer_key(Absent("KmsKeyId")).holds is False
    assert is_customer_key(known("alias/aws/s3")).holds is False
    assert is_customer_key(known("arn:aws:kms:us-east-1:111122223333:alias/aws/ebs")).holds is False
    assert is_customer_key(known("aws/secretsmanager")).holds is False
    assert is_customer_key(known("alias/records")).holds is True
    assert is_customer_key(known("alias/records/aws/s3")).holds is True
    assert is_customer_key(unknown()).holds is None
    assert is_customer_key(unknown("arn:aws:kms:", None, ":alias/aws/s3")).holds is False
    assert is_customer_key(unknown("arn:aws:kms:", None, ":key/1234")).holds is True
    assert is_customer_key(Unknown(UNRESOLVED, "aws_kms_key.records is not declared")).holds is True
    assert is_customer_key(Unknown(UNRESOLVED, "data.aws_kms_key.records is not declared")).holds is None


def test_spelled() -> None:
    terraform = SourceRange(SourceFile("a.tf", "storage_encrypted = false"), 0, 25)
    template = SourceRange(SourceFile("a.json", '"StorageEncrypted": false'), 0, 25)
    assert spelled(known(False, terraform)).data == "storage_encrypted"
    assert spelled(known(False, template)).data == "StorageEncrypted"
    assert spelled(Absent("StorageEncrypted", spelled="storage_encrypted")).data == "storage_encrypted"


def test_decisions_become_values() -> None:
    cause = unknown()
    value = DOMAIN_FUNCTIONS["is_open_cidr"](None, [cause], None)
    assert isinstance(value, Unknown)
    assert (value.reason, value.detail, value.type) == (NO_VALUE, "var.x has no value", "bool")
    assert value.sources == (cause,)
    assert isinstance(Decision(None, known(1)).value(None), Unknown)

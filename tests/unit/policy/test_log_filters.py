"""Patterns of metric filters, selectors of trails: what they let through, and what nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, Unknown, Value, known
from hipaalint.policy.log_filters import ORDINARY, PatternError, flat, picks_out, selects
from hipaalint.policy.trails import trail_records

ROOT = {**ORDINARY, "userIdentity.type": "Root"}
UNKNOWN = Unknown(NO_VALUE, "var.x has no value", STRING, True)


@pytest.mark.parametrize(
    ("pattern", "event", "selected"),
    [
        ("{ $.eventName = CreateVpc }", {"eventName": "CreateVpc"}, True),
        ('{($.eventName="CreateVpc")||($.eventName="DeleteVpc")}', {"eventName": "DeleteVpc"}, True),
        ("{ ($.eventName = Delete*) && ($.eventSource = iam.amazonaws.com) }", {"eventName": "DeleteRole"}, False),
        ("{ $.eventName = %^Create.*Vpc$% }", {"eventName": "CreateDefaultVpc"}, True),
        ("{ $.eventName != %Vpc% }", {"eventName": "CreateVpc"}, False),
        ("{ $.errorCode = AccessDenied* }", {"errorCode": "AccessDeniedException"}, True),
        ("{ $.errorCode = AccessDenied* }", {}, False),
        ("{ $.errorCode != AccessDenied* }", {}, True),
        ("{ $.errorCode EXISTS }", {}, False),
        ("{ $.errorCode NOT EXISTS }", {}, True),
        ("{ $.userIdentity EXISTS }", {}, True),
        ("{ $.managementEvent IS TRUE }", {}, True),
        ("{ $.managementEvent IS FALSE }", {}, False),
        ("{ $.size > 10 }", {}, False),
        ("{ $.userIdentity['type'] = Root }", {"userIdentity.type": "Root"}, True),
        ("{ $.a = 1 || $.eventName = CreateVpc && $.errorCode EXISTS }", {"eventName": "CreateVpc"}, False),
        ("CreateVpc", {"eventName": "CreateVpc"}, True),
        ('"CreateVpc" -root', {"eventName": "CreateVpc", "userName": "root"}, False),
        ("?CreateVpc ?DeleteVpc", {"eventName": "DeleteVpc"}, True),
        ("?CreateVpc ?DeleteVpc", {}, False),
        ("[ip, user, name=CreateVpc]", {"eventName": "CreateVpc"}, False),
        ("", {}, True),
    ],
)
def test_what_a_pattern_selects(pattern: str, event: dict[str, str], selected: bool) -> None:
    assert selects(pattern, {**ORDINARY, **event}) is selected


def test_the_usual_pattern_for_the_root_user() -> None:
    pattern = '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}'
    assert selects(pattern, ROOT)
    assert not selects(pattern, {**ROOT, "userIdentity.invokedBy": "support.amazonaws.com"})
    assert not selects(pattern, {**ROOT, "eventType": "AwsServiceEvent"})


@pytest.mark.parametrize(
    "pattern",
    ["{ $.a = 1", "{ a = 1 }", "{ $.a ~ 1 }", "{ ($.a = 1 }", "{ $.a }", "{ $.a NOT THERE }", "{ $.a = %[% }", "{} x"],
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError):
        selects(pattern, {**ORDINARY, "a": "1"})
    assert picks_out(known(pattern), known([{"a": "1"}])).holds is None


def test_events_are_picked_out() -> None:
    events = known([{"eventName": "CreateVpc"}, {"eventName": "DeleteVpc"}])
    assert picks_out(known("{ $.eventName = CreateVpc || $.eventName = DeleteVpc }"), events).holds is True
    assert picks_out(known("{ $.eventName = CreateVpc }"), events).holds is False
    assert picks_out(known("{ $.eventName = * }"), events).holds is False
    assert picks_out(known(""), events).holds is False
    assert picks_out(UNKNOWN, events).holds is None


def test_an_event_by_dotted_path() -> None:
    assert flat(known({"a": {"b": "x", "c": True}, "d": 1})) == {"a.b": "x", "a.c": "true", "d": "1"}


DATA = {"eventCategory": "Data", "resources.type": "AWS::S3::Object"}
OBJECTS = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}


def fields(*selectors: dict[str, Any]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": list(selectors)}]}


CATEGORY = {"Field": "eventCategory", "Equals": ["Data"]}
TYPE = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}


@pytest.mark.parametrize(
    ("trail", "event", "recorded"),
    [
        ({}, {"eventCategory": "Management", "readOnly": "true"}, True),
        ({}, {**DATA, "readOnly": "true"}, False),
        ({"EventSelectors": [{"DataResources": [OBJECTS]}]}, {**DATA, "readOnly": "true"}, True),
        ({"EventSelectors": [{"DataResources": [{**OBJECTS, "Values": []}]}]}, {**DATA, "readOnly": "true"}, False),
        ({"EventSelectors": [{"DataResources": [{**OBJECTS, "Type": UNKNOWN}]}]}, {**DATA, "readOnly": "true"}, None),
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "DataResources": [OBJECTS]}]}, {**DATA, "readOnly": "true"}, False),
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "DataResources": [OBJECTS]}]}, {**DATA, "readOnly": "false"}, True),
        ({"EventSelectors": [{"ReadWriteType": UNKNOWN, "DataResources": [OBJECTS]}]}, {**DATA, "readOnly": "false"}, None),
        ({"EventSelectors": [{"IncludeManagementEvents": False}]}, {"eventCategory": "Management"}, False),
        ({"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
         {"eventCategory": "Management", "eventSource": "kms.amazonaws.com"}, False),
        ({"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
         {"eventCategory": "Management", "eventSource": "iam.amazonaws.com"}, True),
        ({"EventSelectors": [UNKNOWN]}, {"eventCategory": "Management"}, None),
        (fields(CATEGORY, TYPE), {**DATA, "readOnly": "true"}, True),
        (fields(CATEGORY, TYPE), {"eventCategory": "Management"}, False),
        (fields(CATEGORY, TYPE, {"Field": "readOnly", "Equals": ["false"]}), {**DATA, "readOnly": "true"}, False),
        (fields(CATEGORY, TYPE, {"Field": "resources.ARN", "StartsWith": ["x"]}), {**DATA, "readOnly": "true"}, True),
        (fields(CATEGORY, TYPE, {"Field": "eventName", "Equals": ["PutObject"]}), {**DATA, "readOnly": "true"}, False),
        (fields(CATEGORY, {"Field": "resources.type", "NotEquals": ["AWS::S3::Object"]}), DATA, False),
        (fields(CATEGORY, {"Field": "resources.type", "StartsWith": ["AWS::S3"]}), DATA, True),
        (fields(CATEGORY, {"Field": "resources.type", "NotStartsWith": ["AWS::S3"]}), DATA, False),
        (fields(CATEGORY, {"Field": "resources.type", "EndsWith": ["Table"]}), DATA, False),
        (fields(CATEGORY, {"Field": UNKNOWN, "Equals": ["x"]}), DATA, None),
        (fields(CATEGORY, {"Field": "resources.type", "Equals": [UNKNOWN]}), DATA, None),
        ({"AdvancedEventSelectors": [UNKNOWN]}, DATA, None),
    ],
)  # fmt: skip
def test_what_a_trail_records(trail: dict[str, Any], event: dict[str, str], recorded: bool | None) -> None:
    value: Value = known(trail)
    assert trail_records(value, known(event)).holds is recorded

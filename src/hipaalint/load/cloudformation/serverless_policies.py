"""The role that AWS::Serverless makes for a function or state machine, and the policies it gives it.

Used by serverless.py. data/policy_templates.json holds the statements of SAM's policy templates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode
from .serverless_nodes import NO_VALUE, Data, made, said
from .shapes import intrinsic

_MANAGED = "arn:aws:iam::aws:policy/"
_SERVICE_ROLE = _MANAGED + "service-role/"
_POLLING = {
    "SQS": "AWSLambdaSQSQueueExecutionRole",
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
}
# AWS keeps these below a path of their own.
_BELOW_SERVICE_ROLE = frozenset({"AWSLambdaBasicExecutionRole", "AWSLambdaENIManagementAccess", "AWSLambdaRole",
                                 "AWSLambdaVPCAccessExecutionRole", *_POLLING.values()})  # fmt: skip
_SENDING = {
    "SQS": "sqs:SendMessage",
    "SNS": "sns:publish",
    "Lambda": "lambda:InvokeFunction",
    "EventBridge": "events:PutEvents",
    "S3Bucket": "s3:PutObject",
}


def document(statements: Data) -> Data:
    """A policy document with these statements."""
    return {"Version": "2012-10-17", "Statement": statements}


def trust(service: str) -> Data:
    """The trust policy of a role for a service."""
    principal: Data = {"Service": [f"{service}.amazonaws.com"]}
    return document([{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": principal}])


def role(name: str, properties: MapNode, service: str, events: Sequence[str]) -> tuple[str, str, Data, Node]:
    """The role of a function (service "lambda") or state machine ("states"): logical id, type, properties, place.

    events: the types of its events; for some of them Lambda reads from the source with the role.
    """
    own = f"{name}Role"
    managed: list[Data] = []
    inline: list[Data] = []
    if service == "lambda":
        managed.append(_SERVICE_ROLE + "AWSLambdaBasicExecutionRole")
        if properties.get("VpcConfig") is not None:
            managed.append(_SERVICE_ROLE + "AWSLambdaVPCAccessExecutionRole")
        managed += [_SERVICE_ROLE + _POLLING[type] for type in dict.fromkeys(events) if type in _POLLING]
    if _traced(properties.get("Tracing")):
        managed.append(_MANAGED + "AWSXrayWriteOnlyAccess")
    for target, to, title in _destinations(properties, name):
        statement: Data = {"Action": _SENDING[to], "Resource": target, "Effect": "Allow"}
        inline.append({"PolicyName": title, "PolicyDocument": document([statement])})
    policies = properties.get("Policies")
    if policies is not None:
        listed = policies.items if isinstance(policies, ListNode) and intrinsic(policies) is None else [policies]
        for position, policy in enumerate(listed):
            arn, inner = _split(policy, f"{own}Policy{position}")
            managed += [arn] if arn is not None else []
            inline += [inner] if inner is not None else []
    fields: dict[str, Data] = {
        "AssumeRolePolicyDocument": properties.get("AssumeRolePolicyDocument") or trust(service),
        "ManagedPolicyArns": managed,
        "Policies": inline or None,
        "PermissionsBoundary": properties.get("PermissionsBoundary"),
        "Path": properties.get("RolePath"),
    }
    return own, "AWS::IAM::Role", fields, policies or properties


def _destinations(properties: MapNode, name: str) -> Iterator[tuple[Node, str, str]]:
    """Where a function sends what failed or succeeded: the target, its kind, and the name of the policy for it."""
    places = [(properties.get("DeadLetterQueue"), "TargetArn", "DeadLetterQueuePolicy")]
    invoked = properties.get("EventInvokeConfig")
    outcomes = invoked.get("DestinationConfig") if isinstance(invoked, MapNode) else None
    if isinstance(outcomes, MapNode):
        for key, value in outcomes.entries:
            places.append((value, "Destination", f"{name}EventInvokeConfig{key.text}Policy"))
    for node, attribute, policy in places:
        if isinstance(node, MapNode):
            target, to = node.get(attribute), said(node.get("Type"))
            if target is not None and to in _SENDING:
                yield target, to, policy


def _traced(node: Node | None) -> bool:
    if isinstance(node, MapNode):  # of a state machine
        return said(node.get("Enabled")) == "true"
    return said(node) in ("Active", "PassThrough")


def _split(policy: Node, name: str) -> tuple[Data, Data]:
    """A policy as the ARN of a managed one and as an inline one; None for what it is not."""
    found = intrinsic(policy)
    if found is not None:
        function, argument = found
        if function == "Fn::If" and isinstance(argument, ListNode) and len(argument.items) == 3:
            condition, *branches = argument.items
            (left, own_left), (right, own_right) = (_split(branch, name) for branch in branches)
            return _either(condition, left, right), _either(condition, own_left, own_right)
        nothing = function == "Ref" and said(argument) == "AWS::NoValue"
        return (None, None) if nothing else (policy, None)
    if isinstance(policy, ScalarNode):
        return (policy if ":" in policy.text else made(_managed(policy.text), policy)), None
    if not isinstance(policy, MapNode):
        return None, None
    if policy.get("Statement") is None and len(policy.entries) == 1:
        key, arguments = policy.entries[0]
        statements = policy_templates().get(key.text)
        if statements is not None:
            filled = _filled(statements, arguments if isinstance(arguments, MapNode) else None)
            return None, {"PolicyName": name, "PolicyDocument": made(document(filled), policy)}
    return None, {"PolicyName": name, "PolicyDocument": policy}


def _managed(name: str) -> str:
    return (_SERVICE_ROLE if name in _BELOW_SERVICE_ROLE else _MANAGED) + name


def _either(condition: Node, then: Data, otherwise: Data) -> Data:
    if then is None and otherwise is None:
        return None
    return {"Fn::If": [condition, NO_VALUE if then is None else then, NO_VALUE if otherwise is None else otherwise]}


def _filled(data: Any, arguments: MapNode | None) -> Data:
    """The statements of a policy template with what the author gives for its parameters."""
    if isinstance(data, Mapping):
        name = data.get("Ref")
        if name is not None and not name.startswith("AWS::"):
            given = arguments.get(name) if arguments is not None else None
            return given if given is not None else NO_VALUE
        return {key: _filled(value, arguments) for key, value in data.items()}
    return [_filled(item, arguments) for item in data] if isinstance(data, list) else data


@cache
def policy_templates() -> dict[str, Any]:
    """Name of a policy template → its statements, in which `Ref` names its parameters."""
    text = files(__package__ or "").joinpath("data", "policy_templates.json").read_text(encoding="utf-8")
    templates: dict[str, Any] = json.loads(text)
    return templates

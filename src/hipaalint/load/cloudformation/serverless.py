"""What AWS::Serverless resources stand for beside themselves: roles, stages, permissions, event sources, domains.

Called by stack.py, which makes resources of these nodes; the Serverless resource itself is lifted by model/tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...resource import WrittenResource
from ...syntax.yaml_json import MapNode, Node
from .serverless_calls import IMPLICIT, Finder, api_of, call, named
from .serverless_nodes import NO_VALUE, Data, made, said
from .serverless_policies import document, role, trust
from .shapes import intrinsic

PREFIX = "AWS::Serverless::"

Implied = tuple[str, str, Data, Node]  # logical id, type, properties, and where it is said

# The properties of an API that are its stage's.
_STAGE = (
    "AccessLogSetting", "AlwaysDeploy", "CacheClusterEnabled", "CacheClusterSize", "CanarySetting", "MethodSettings",
    "StageName", "Tags", "TracingEnabled", "Variables",
)  # fmt: skip
_HTTP_STAGE = ("AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables", "Tags")
# Event types by what calls the function, and the events whose source Lambda polls: the property that names it.
_SERVICES = {
    "Api": "apigateway", "HttpApi": "apigateway", "S3": "s3", "SNS": "sns", "Schedule": "events",
    "CloudWatchEvent": "events", "EventBridgeRule": "events", "CloudWatchLogs": "logs", "IoTRule": "iot",
    "Cognito": "cognito-idp",
}  # fmt: skip
_RULES = ("Schedule", "CloudWatchEvent", "EventBridgeRule")
POLLED = {
    "SQS": "Queue", "Kinesis": "Stream", "DynamoDB": "Stream", "MSK": "Stream", "MQ": "Broker",
    "DocumentDB": "Cluster", "SelfManagedKafka": "",
}  # fmt: skip
_STARTERS = {**dict.fromkeys(_RULES, "events"), "ScheduleV2": "scheduler", "Api": "apigateway"}


# What these add to other resources is not followed.
NOT_FOLLOWED = (PREFIX + "Connector",)
# What `!Ref Api.Stage` and the like can name.
IMPLIED_KINDS = frozenset({"Alias", "Deployment", "DestinationQueue", "DestinationTopic", "Stage", "Version"})


def meant(resources: Mapping[str, WrittenResource], name: str) -> WrittenResource | None:
    """The resource that `Api.Stage` means: the implied one of that kind, else the one that the name begins with."""
    first, point, kind = name.partition(".")
    resource = resources.get(first)
    if resource is None or not point or not resource.type.startswith(PREFIX):
        return None
    found = (each for each in resources.values() if each.implied_by is resource and each.type.endswith(f"::{kind}"))
    return next(found, resource)


def completed(name: str, type: str, properties: MapNode) -> MapNode:
    """The properties of a Serverless resource with those that the transform adds, in the shape of the registry."""
    added: dict[str, Data] = {}
    dropped: set[str] = set()
    if type in (PREFIX + "Function", PREFIX + "StateMachine") and properties.get("Role") is None:
        added["Role"] = {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    elif type == PREFIX + "SimpleTable":
        if properties.get("ProvisionedThroughput") is None:
            added["BillingMode"] = "PAY_PER_REQUEST"
        if properties.get("PrimaryKey") is None:
            added["PrimaryKey"] = {"Name": "id", "Type": "String"}
    elif type == PREFIX + "GraphQLApi":
        logging = properties.get("Logging")
        if properties.get("Name") is None:
            added["Name"] = name
        if _logs_by_itself(properties):
            writer = {"Fn::GetAtt": [f"{name}CloudWatchRole", "Arn"]}
            added["Logging"] = {"CloudWatchLogsRoleArn": writer, "FieldLogLevel": "ALL"}
        if logging is not None and said(logging) is not None:
            dropped.add("Logging")
    elif type == PREFIX + "Api":
        configuration = properties.get("EndpointConfiguration")
        if configuration is not None:
            dropped.add("EndpointConfiguration")
            added["EndpointConfiguration"] = _endpoint(configuration)
    if properties.get("InlineCode") is not None:  # which goes before what Globals say
        dropped.add("CodeUri")
    if not added and not dropped:
        return properties
    whole = made(added, properties)
    assert isinstance(whole, MapNode)
    twin = MapNode(properties.tag, properties.file, properties.start, properties.end)
    twin.entries = [entry for entry in properties.entries if entry[0].text not in dropped] + whole.entries
    return twin


def implied(name: str, type: str, properties: MapNode, find: Finder) -> Iterator[Implied]:
    """The resources that a Serverless resource stands for beside itself, under the names that SAM gives them."""
    kind = type.removeprefix(PREFIX)
    if kind == "Function":
        yield from _function(name, properties, find)
    elif kind == "StateMachine":
        yield from _state_machine(name, properties, find)
    elif kind == "Api":
        fields: dict[str, Data] = {key: properties.get(key) for key in _STAGE}
        stage = f"{name}{_plain(properties.get('StageName'))}Stage"
        yield stage, "AWS::ApiGateway::Stage", {"RestApiId": {"Ref": name}, **fields}, properties
        yield from _domain(name, properties, "ApiGateway")
    elif kind == "HttpApi":
        fields = {key: properties.get(key) for key in _HTTP_STAGE}
        named = properties.get("StageName")
        stage = f"{name}ApiGatewayDefaultStage" if named is None else f"{name}{_plain(named)}Stage"
        fields["StageName"] = named if named is not None else "$default"
        yield stage, "AWS::ApiGatewayV2::Stage", {"ApiId": {"Ref": name}, **fields, "AutoDeploy": True}, properties
        yield from _domain(name, properties, "ApiGatewayV2")
    elif kind == "GraphQLApi" and _logs_by_itself(properties):
        writer = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs"
        writing: Data = {"AssumeRolePolicyDocument": trust("appsync"), "ManagedPolicyArns": [{"Fn::Sub": writer}]}
        yield f"{name}CloudWatchRole", "AWS::IAM::Role", writing, properties


def _logs_by_itself(properties: MapNode) -> bool:
    """Whether SAM makes the role with which a GraphQL API writes its logs."""
    logging = properties.get("Logging")
    return logging is None or said(logging) == "true"


def implicit_apis(properties: MapNode) -> Iterator[tuple[str, Node]]:
    """`Api` or `HttpApi` for each event that names none, with the event: there is one for all of them."""
    for _, type, event, given in events(properties):
        if type in IMPLICIT and api_of(type, given) is None:
            yield type, event


def events(properties: MapNode) -> Iterator[tuple[str, str, Node, MapNode]]:
    """Name, type, node and properties of each event."""
    listed = properties.get("Events")
    for key, event in listed.entries if isinstance(listed, MapNode) and intrinsic(listed) is None else []:
        if isinstance(event, MapNode):
            given = event.get("Properties")
            empty = MapNode(None, event.file, event.start, event.end)
            yield key.text, said(event.get("Type")) or "", event, given if isinstance(given, MapNode) else empty


# ---------------------------------------------------------------------------------------------------------------------
# Functions


def _function(name: str, properties: MapNode, find: Finder) -> Iterator[Implied]:
    found = list(events(properties))
    if properties.get("Role") is None:
        yield role(name, properties, "lambda", [type for _, type, _, _ in found])
    called: Data = {"Ref": name}
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": called}
    url = properties.get("FunctionUrlConfig")
    if isinstance(url, MapNode):
        fields: dict[str, Data] = {key.text: value for key, value in url.entries}
        yield f"{name}Url", "AWS::Lambda::Url", {"TargetFunctionArn": called, **fields}, url
        authentication = url.get("AuthType")
        if said(authentication) == "NONE":
            public: dict[str, Data] = {**permission, "Principal": "*"}
            public_url = {**public, "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": authentication}
            yield f"{name}UrlPublicPermissions", "AWS::Lambda::Permission", public_url, url
            yield (
                f"{name}URLInvokeAllowPublicAccess",
                "AWS::Lambda::Permission",
                {**public, "InvokedViaFunctionUrl": True},
                url,
            )
    invoked = properties.get("EventInvokeConfig")
    if isinstance(invoked, MapNode):
        fields = {"FunctionName": called, "Qualifier": "$LATEST", **{key.text: value for key, value in invoked.entries}}
        yield f"{name}EventInvokeConfig", "AWS::Lambda::EventInvokeConfig", fields, invoked
    for event, type, node, given in found:
        own = name + event
        suffix = "Permission"
        caller: dict[str, Data] = {}
        if type in IMPLICIT:
            api = api_of(type, given)
            if type == "Api":
                suffix += _stage_name(api, find)
            source: list[Data] = [_EXECUTE_API, {"Api": api if api is not None else {"Ref": IMPLICIT[type]}}]
            caller = {"SourceArn": {"Fn::Sub": source}}
            made_callable = call(own, type, given, node, find)
            if made_callable is not None:
                yield made_callable
        elif type == "S3":
            caller = {"SourceAccount": {"Ref": "AWS::AccountId"}}
        elif type == "SNS":
            topic = given.get("Topic")
            caller = {"SourceArn": topic}
            subscription = {"Endpoint": {"Fn::GetAtt": [name, "Arn"]}, "Protocol": "lambda", "TopicArn": topic}
            yield own, "AWS::SNS::Subscription", subscription, node
        elif type in _RULES:
            caller = {"SourceArn": {"Fn::GetAtt": [own, "Arn"]}}
            yield own, "AWS::Events::Rule", _rule(given, {"Arn": {"Fn::GetAtt": [name, "Arn"]}, "Id": own}), node
        elif type == "CloudWatchLogs":
            group = given.get("LogGroupName")
            caller = {"SourceArn": {"Fn::Sub": [_LOG_GROUP, {"Group": group if group is not None else NO_VALUE}]}}
            fields = {key.text: value for key, value in given.entries}
            filter: Data = {**fields, "DestinationArn": {"Fn::GetAtt": [name, "Arn"]}}
            yield own, "AWS::Logs::SubscriptionFilter", filter, node
        elif type == "ScheduleV2" and given.get("RoleArn") is None:
            yield _starter(own, f"{own}LambdaPolicy", "scheduler", "lambda:InvokeFunction", name, node)
        elif type == "IoTRule":
            caller = {"SourceAccount": {"Ref": "AWS::AccountId"}}
        elif type == "Cognito":
            caller = {"SourceArn": _arn_of(given.get("UserPool"))}
            suffix = "CognitoPermission"
            own = name
        elif type == "AlexaSkill":
            token = given.get("SkillId")
            caller = {"EventSourceToken": token} if token is not None else {}
            fields = {**permission, "Principal": "alexa-appkit.amazon.com", **caller}
            yield own + suffix, "AWS::Lambda::Permission", fields, node
        elif type in POLLED:
            fields = {
                key.text: value
                for key, value in given.entries
                if key.text not in (POLLED[type], "MSKPolicy", "SQSPolicy")
            }
            polled = given.get(POLLED[type])
            if polled is not None:
                fields["EventSourceArn"] = polled
            yield own, "AWS::Lambda::EventSourceMapping", {"FunctionName": called, **fields}, node
        if type in _SERVICES:
            fields = {**permission, "Principal": f"{_SERVICES[type]}.amazonaws.com", **caller}
            yield own + suffix, "AWS::Lambda::Permission", fields, node


_EXECUTE_API = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
_LOG_GROUP = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}:*"


def _stage_name(api: Node | None, find: Finder) -> str:
    if api is None:
        return "Prod"
    properties = find(named(api) or "")
    return _plain(properties.get("StageName")) if properties is not None else ""


def _plain(node: Node | None) -> str:
    """A stage's name where it becomes part of a logical id."""
    text = said(node)
    return text if text is not None and text.isalnum() else ""


def _arn_of(node: Node | None) -> Data:
    found = intrinsic(node) if node is not None else None
    if found is not None and found[0] == "Ref":
        return {"Fn::GetAtt": [found[1], "Arn"]}
    return node if node is not None else NO_VALUE


def _rule(given: MapNode, target: dict[str, Data]) -> dict[str, Data]:
    names = {"Schedule": "ScheduleExpression", "Pattern": "EventPattern", "EventBusName": "EventBusName", "Name": "Name",
             "Description": "Description", "State": "State"}  # fmt: skip
    fields: dict[str, Data] = {names[key.text]: value for key, value in given.entries if key.text in names}
    return {**fields, "Targets": [target]}


# ---------------------------------------------------------------------------------------------------------------------
# State machines and domains


def _state_machine(name: str, properties: MapNode, find: Finder) -> Iterator[Implied]:
    if properties.get("Role") is None:
        yield role(name, properties, "states", [])
    for event, type, node, given in events(properties):
        own = name + event
        if type in _RULES:
            target: dict[str, Data] = {
                "Arn": {"Ref": name},
                "Id": own,
                "RoleArn": given.get("RoleArn") or {"Fn::GetAtt": [f"{own}Role", "Arn"]},
            }
            yield own, "AWS::Events::Rule", _rule(given, target), node
        made_callable = call(own, type, given, node, find) if type in IMPLICIT else None
        if made_callable is not None:
            yield made_callable
        if type in _STARTERS and given.get("RoleArn") is None:
            policy = f"{own}RoleStartExecutionPolicy"
            yield _starter(own, policy, _STARTERS[type], "states:StartExecution", name, node)


def _starter(event: str, policy: str, service: str, action: str, started: str, place: Node) -> Implied:
    """The role with which a service starts what an event is for."""
    statement: Data = [{"Action": action, "Effect": "Allow", "Resource": {"Fn::GetAtt": [started, "Arn"]}}]
    fields: dict[str, Data] = {
        "AssumeRolePolicyDocument": trust(service),
        "Policies": [{"PolicyName": policy, "PolicyDocument": document(statement)}],
    }
    return f"{event}Role", "AWS::IAM::Role", fields, place


def _domain(name: str, properties: MapNode, service: str) -> Iterator[Implied]:
    domain = properties.get("Domain")
    if not isinstance(domain, MapNode) or intrinsic(domain) is not None:
        return
    endpoint = domain.get("EndpointConfiguration")
    kind: Data = endpoint if endpoint is not None else "REGIONAL"
    fields: dict[str, Data] = {key: domain.get(key) for key in ("DomainName", "MutualTlsAuthentication")}
    certificate, policy = domain.get("CertificateArn"), domain.get("SecurityPolicy")
    if service == "ApiGateway":
        where = "CertificateArn" if said(endpoint) == "EDGE" else "RegionalCertificateArn"
        fields |= {where: certificate, "SecurityPolicy": policy, "EndpointConfiguration": {"Types": [kind]}}
    else:
        entry: dict[str, Data] = {"CertificateArn": certificate, "SecurityPolicy": policy, "EndpointType": kind}
        fields["DomainNameConfigurations"] = [entry]
    # SAM puts a hash of the domain's name behind it, so that APIs can share it; here each has its own.
    yield f"{name}DomainName", f"AWS::{service}::DomainName", fields, domain


def _endpoint(configuration: Node) -> Data:
    if not isinstance(configuration, MapNode) or intrinsic(configuration) is not None:
        return {"Types": [configuration]}
    fields: dict[str, Data] = {}
    for key, value in configuration.entries:
        if key.text == "Type":
            fields["Types"] = [value]
        else:
            fields["VpcEndpointIds" if key.text == "VPCEndpointIds" else key.text] = value
    return fields

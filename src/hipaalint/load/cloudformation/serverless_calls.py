"""The methods and routes that API events of AWS::Serverless make callable, and whom each of them asks.

Used by serverless.py. AWS's transform writes them into the body of the API; here each is the resource that it becomes.
"""

from __future__ import annotations

from collections.abc import Callable

from ...syntax.yaml_json import MapNode, Node
from .serverless_nodes import Data, made, said
from .shapes import intrinsic

Finder = Callable[[str], MapNode | None]  # the properties of another resource of the template

IMPLICIT = {"Api": "ServerlessRestApi", "HttpApi": "ServerlessHttpApi"}  # the names of APIs that nobody wrote
_ANY = {"ANY", "*", "X-AMAZON-APIGATEWAY-ANY-METHOD"}


def api_of(type: str, given: MapNode) -> Node | None:
    """The API that an event names, None for the implicit one."""
    api = given.get("RestApiId" if type == "Api" else "ApiId")
    return None if api is not None and named(api) == IMPLICIT[type] else api


def named(node: Node) -> str | None:
    """The logical id that a `Ref` names."""
    found = intrinsic(node)
    return said(found[1]) if found is not None and found[0] == "Ref" else None


def call(own: str, type: str, given: MapNode, event: Node, find: Finder) -> tuple[str, str, Data, Node] | None:
    """The method or route of an event: logical id, type, properties, place. None where a body of its own says it."""
    api = api_of(type, given)
    settings = find(named(api) or "" if api is not None else IMPLICIT[type])
    if settings is None or any(settings.get(name) is not None for name in ("DefinitionBody", "DefinitionUri")):
        return None
    reference: Data = api if api is not None else {"Ref": IMPLICIT[type]}
    method, path = said(given.get("Method")), said(given.get("Path"))
    verb = "ANY" if method is None or method.upper() in _ANY else method.upper()
    asked = _authorization(type, given, settings, event)
    if type == "Api":
        fields: dict[str, Data] = {"RestApiId": reference, "HttpMethod": verb, "AuthorizationType": asked}
        return f"{own}Method", "AWS::ApiGateway::Method", fields, event
    key = "$default" if method is None and path is None else f"{verb} {path or '/'}"
    return (
        f"{own}Route",
        "AWS::ApiGatewayV2::Route",
        {"ApiId": reference, "RouteKey": key, "AuthorizationType": asked},
        event,
    )


def _authorization(type: str, given: MapNode, settings: MapNode, event: Node) -> Data:
    """Whom a call asks: the authorizer of the event, else the default one of the API."""
    own, general = given.get("Auth"), settings.get("Auth")
    for node in (own, general):
        if node is not None and intrinsic(node) is not None:
            return {"Fn::Transform": {"Name": "AWS::Serverless"}}  # nobody knows it here
    authorizer = own.get("Authorizer") if isinstance(own, MapNode) else None
    if authorizer is None and isinstance(general, MapNode):
        authorizer = general.get("DefaultAuthorizer")
    name = said(authorizer)
    if authorizer is None:
        return made("NONE", own if own is not None else event)
    if name in (None, "NONE", "AWS_IAM"):
        return authorizer
    declared = general.get("Authorizers") if isinstance(general, MapNode) else None
    one = declared.get(name or "") if isinstance(declared, MapNode) else None
    if isinstance(one, MapNode) and one.get("UserPoolArn") is not None:
        return made("COGNITO_USER_POOLS", authorizer)
    if type == "HttpApi" and not (isinstance(one, MapNode) and one.get("FunctionArn") is not None):
        return made("JWT", authorizer)
    return made("CUSTOM", authorizer)

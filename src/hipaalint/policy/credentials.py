"""Whether a script, such as an instance's user data, holds credentials that anybody can read in it.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

import base64
import binascii
import re

from ..expression.values import Known, Unknown, Value
from .decisions import Decision, domain_function, nothing, pieces, text

_KEY_ID = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{16}(?![A-Z0-9])")
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----")
# From the telling word on: what stands before it in a name matters to nobody, and would cost time on long texts.
_NAME = r"(?:passwo?r?d|passphrase|pwd|secret|api_?key|access_?key|private_?key|auth_?token|token)[A-Za-z0-9_]{0,60}"
_ASSIGNMENT = re.compile(
    rf"(?i){_NAME}[\\\"']{{0,4}}[ \t]{{0,40}}(?::|=>?)[ \t]{{0,40}}"
    r"(?P<value>\\?\"[^\"\n]*|\\?'[^'\n]*|[^\s\"';,&|]+)"
)
_ACCESS_KEY_ID = re.compile(r"(?i)access_?key_?id$")
_OPTION = re.compile(
    r"(?i)--?(?:password|passwd|pass|secret|token)(?:[ \t]{1,40}|=)(?P<value>\\?\"[^\"\n]*|\\?'[^'\n]*|[^\s\"';,&|]+)"
)
# What stands for a value without being one: a shell's or template's variable, a call, a placeholder, a path, a switch.
_NO_LITERAL = re.compile(
    r"[$<{(`%/]|\{\{|(?i:true|false|yes|no|null|none|file|required|optional|enabled|disabled|changeme_?)$|arn:|https?:|\d{0,3}$|\*+$|x+$"
)
_NAME_OF_A_NAME = re.compile(
    r"(?i)(?:_?(?:name|id|arn|path|file|length|policy|ttl|url|uri|endpoint|version|enabled|type|auth(?:entication)?))$"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")
HOLE = "${…}"
DEPTH = 4


@domain_function("names_secret", 2, 2)
def names_secret(name: Value, value: Value) -> Decision:
    """Whether a setting such as an environment variable is a secret by its name, and has a literal for a value.

    The name of a secret, a path, an ARN or a look-up is none, nor is what other resources or inputs fill in.
    """
    written, content = text(name), text(value)
    if content is None or written is None:
        # What another resource or an input fills in is no literal, whatever its name.
        return Decision(False, value)
    if _KEY_ID.search(content) or _PRIVATE_KEY.search(content):
        return Decision(True, value)
    if _ACCESS_KEY_ID.search(written):
        return Decision(re.fullmatch(r"[A-Z0-9]{16,}", content) is not None, value)
    secret = re.fullmatch(rf"(?i)[A-Za-z0-9_.-]*?{_NAME}", written) and not _NAME_OF_A_NAME.search(written)
    return Decision(bool(secret) and len(content) >= 4 and not _NO_LITERAL.match(content), value)


@domain_function("holds_credentials", 1, 1)
def holds_credentials(script: Value) -> Decision:
    """Whether a text holds an AWS access key, a private key, or a password or token as a literal; base64 is decoded.

    Variables and look-ups (`$PASSWORD`, `$(aws ssm …)`) are none, nor is what other resources fill in.
    """
    if nothing(script):
        return Decision(False, script)
    known = _readable(script, DEPTH)
    if known is None:
        return Decision(None, script)
    return Decision(_has_credentials(_decoded(known)), script)


def _readable(value: Value, depth: int) -> str | None:
    """The text as far as it is known, holes marked; of an encoded one what it was made from."""
    known = text(value)
    if known is not None:
        return known
    if isinstance(value, Unknown) and value.parts is not None and any(value.parts):
        return "".join(HOLE if piece is None else piece for piece in pieces(value))
    if depth and isinstance(value, Unknown):
        # base64encode(…), Fn::Base64 and the like leave nothing of a text that is known in part.
        for source in value.sources:
            found = _readable(source, depth - 1) if not isinstance(source, Known) else None
            if found is not None:
                return found
    return None


def _decoded(written: str) -> str:
    if not _BASE64.fullmatch(written):
        return written
    try:
        return base64.b64decode("".join(written.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return written


def _has_credentials(script: str) -> bool:
    if _KEY_ID.search(script) or _PRIVATE_KEY.search(script):
        return True
    found = [match for pattern in (_ASSIGNMENT, _OPTION) for match in pattern.finditer(script)]
    return any(_is_literal(match) for match in found)


def _is_literal(match: re.Match[str]) -> bool:
    value = match["value"].lstrip("\\").strip("\"'").rstrip("\\")
    name = re.split(r"[\\\"'\s:=]", match[0], maxsplit=1)[0]
    return len(value) >= 4 and not _NO_LITERAL.match(value) and not _NAME_OF_A_NAME.search(name)

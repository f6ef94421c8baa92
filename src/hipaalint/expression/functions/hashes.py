"""Hashes of texts and of files, and the identifiers made of them.

Part of functions/.
"""

from __future__ import annotations

import base64

from .encoding import to_bytes
from .function import Call, function


def digest(algorithm: str, data: bytes) -> bytes:
    """The digest; the weak algorithms serve as fingerprints here, not as protection."""
    import hashlib  # here, as few configurations ask for it

    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _register(algorithm: str) -> None:
    @function(f"{algorithm}(str: string) -> string")
    def hexadecimal(call: Call, text: str) -> str:
        return digest(algorithm, to_bytes(text)).hex()


def _register_base64(algorithm: str) -> None:
    @function(f"base64{algorithm}(str: string) -> string")
    def in_base64(call: Call, text: str) -> str:
        return base64.b64encode(digest(algorithm, to_bytes(text))).decode("ascii")


for _algorithm in ("md5", "sha1", "sha256", "sha512"):
    _register(_algorithm)
for _algorithm in ("sha256", "sha512"):
    _register_base64(_algorithm)


@function("uuidv5(namespace: string, name: string) -> string")
def _uuidv5(call: Call, namespace: str, name: str) -> str:
    import uuid

    names = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        space = names.get(namespace) or uuid.UUID(namespace)
    except ValueError:
        call.fail(f"uuidv5() doesn't support namespace {namespace}")
    return str(uuid.UUID(bytes=digest("sha1", space.bytes + to_bytes(name))[:16], version=5))

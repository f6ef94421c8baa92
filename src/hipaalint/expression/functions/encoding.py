"""Encodings of texts: base64, URL, character sets, CSV. JSON and YAML have modules of their own.

Part of functions/.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re

from ..values import LIST, MAX_TEXT, OBJECT, STRING, Known, Value, known
from .function import Call, function


def decode_base64(call: Call, text: str) -> bytes:
    """The bytes of standard base64 with padding; line breaks are ignored, as Go ignores them."""
    compact = text.replace("\n", "").replace("\r", "")
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        call.fail("failed to decode base64 data")


def utf8(call: Call, data: bytes) -> str:
    """The text of bytes that must be UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        call.fail("the result of decoding the provided string is not valid UTF-8")


@function("base64encode(str: string) -> string")
def _base64encode(call: Call, text: str) -> str:
    return base64.b64encode(to_bytes(text)).decode("ascii")


def to_bytes(text: str) -> bytes:
    """UTF-8, which is how texts are hashed and encoded."""
    return text.encode("utf-8", "replace")


@function("base64decode(str: string) -> string")
def _base64decode(call: Call, text: str) -> str:
    return utf8(call, decode_base64(call, text))


@function("base64gzip(str: string) -> string", partial=lambda call, text: call.text([_GZIP, None]))
def _base64gzip(call: Call, text: str) -> Value | str:
    """Known where every compressor makes the same of a text: short, plain, with nothing in it that comes again."""
    import zlib

    data = text.encode("utf-8", "surrogatepass")
    runs = [data[start : start + 3] for start in range(len(data) - 2)]
    if len(data) > _SURELY_LITERAL or len(set(runs)) < len(runs) or any(byte >= 0x90 for byte in data):
        return call.text([_GZIP, None])
    compressor = zlib.compressobj(wbits=-15)
    body = (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)) or _EMPTY_BLOCK
    if data and body[0] >> 1 & 3 != _FIXED_CODES:
        return call.text([_GZIP, None])
    sizes = zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    # Terraform flushes before it closes: an empty block follows, then another one that is the last.
    packed = _GZIP_HEADER + body + b"\1" + _EMPTY_BLOCK[1:] + sizes
    return base64.b64encode(packed).decode()


_GZIP = "H4sI"  # what the header begins with
_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF))
_EMPTY_BLOCK = b"\0\0\0\xff\xff"
_FIXED_CODES = 1  # the type of a block without an alphabet of its own, which every compressor would write in its way
_SURELY_LITERAL = 256  # bytes


@function("base64gunzip(str: string) -> string")
def _base64gunzip(call: Call, text: str) -> str:
    import zlib

    decompressor = zlib.decompressobj(wbits=31)
    try:
        data = decompressor.decompress(decode_base64(call, text), MAX_TEXT + 1)
    except zlib.error:
        call.fail("failed to gunzip bytestream")
    call.limit(text=len(data))
    if not decompressor.eof:
        call.fail("failed to gunzip bytestream: unexpected end")
    return utf8(call, data)


@function("urlencode(str: string) -> string")
def _urlencode(call: Call, text: str) -> str:
    from urllib.parse import quote

    return quote(to_bytes(text), safe="-_.~ ").replace(" ", "+")


@function("urldecode(str: string) -> string")
def _urldecode(call: Call, text: str) -> str:
    from urllib.parse import unquote_plus

    if re.search("%(?![0-9A-Fa-f]{2})", text):
        call.fail("failed to decode URL: invalid URL escape")
    return unquote_plus(text, errors="replace")


# IANA names (and aliases) that Terraform knows, and how Python calls them where it differs.
_ENCODINGS = {
    "utf-8": "utf-8", "us-ascii": "ascii", "ascii": "ascii", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "utf-16": "utf-16", "iso-8859-1": "latin-1", "latin1": "latin-1", "shift_jis": "shift_jis", "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp", "euc-kr": "euc_kr", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030",
    "hz-gb-2312": "hz", "big5": "big5", "koi8-r": "koi8_r", "koi8-u": "koi8_u", "macintosh": "mac_roman",
    "ibm037": "cp037", "ibm437": "cp437", "ibm850": "cp850", "ibm852": "cp852", "ibm855": "cp855",
    "ibm858": "cp858", "ibm860": "cp860", "ibm862": "cp862", "ibm863": "cp863", "ibm865": "cp865",
    "ibm866": "cp866", "ibm1047": "cp1047", "ibm01140": "cp1140", "cp437": "cp437", "windows-874": "cp874",
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
}  # fmt: skip


def _codec(call: Call, encoding: str) -> codecs.CodecInfo:
    name = _ENCODINGS.get(encoding.lower())
    if name is None:
        call.bad("encoding", f'"{encoding}" is not a supported IANA encoding name or alias.')
    try:
        return codecs.lookup(name)
    except LookupError:
        call.bad("encoding", f'"{encoding}" is not supported here.')


@function("textencodebase64(string: string, encoding: string) -> string")
def _textencodebase64(call: Call, text: str, encoding: str) -> str:
    codec = _codec(call, encoding)
    try:
        data = b"\xfe\xff" + text.encode("utf-16-be") if codec.name == "utf-16" else codec.encode(text)[0]
    except UnicodeEncodeError:
        shown = encoding.upper()
        call.bad("string", f"the given string contains characters that cannot be represented in {shown}.")
    return base64.b64encode(data).decode("ascii")


@function("textdecodebase64(source: string, encoding: string) -> string")
def _textdecodebase64(call: Call, text: str, encoding: str) -> str:
    codec = _codec(call, encoding)
    try:
        data = base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        call.bad("source", "the given value has an invalid base64 symbol.")
    try:
        return codec.decode(data)[0]
    except UnicodeDecodeError:
        call.bad("source", f"the given string contains symbols that are not defined for {encoding.upper()}.")


@function("csvdecode(str: string) -> any")
def _csvdecode(call: Call, text: str) -> Value:
    rows = _csv_rows(call, text)
    if not rows:
        call.fail("missing header line")
    header = rows[0][1]
    seen: set[str] = set()
    for name in header:
        if name in seen:
            call.fail(f'duplicate column name "{name}"')
        seen.add(name)
    call.limit(elements=len(rows) * len(header))
    records: list[Value] = []
    for line, row in rows[1:]:
        if len(row) != len(header):
            call.fail(f"CSV parse error on line {line}: wrong number of fields")
        records.append(known(dict(zip(header, row, strict=True))))
    element = (OBJECT, tuple((name, STRING, False) for name in sorted(header)))
    return call.plain_value(Known(records, LIST, element=element))


def _csv_rows(call: Call, text: str) -> list[tuple[int, list[str]]]:
    """Rows with the lines they start at, by RFC 4180 without leniency; empty lines are left out."""
    text = text.replace("\r\n", "\n")
    rows: list[tuple[int, list[str]]] = []
    position, line = 0, 1
    while position < len(text):
        if text[position] == "\n":
            position += 1
            line += 1
            continue
        row: list[str] = []
        start = line
        while True:
            if text.startswith('"', position):
                end = _closing_quote(text, position + 1)
                field = text[position + 1 : end].replace('""', '"')
                line += field.count("\n")
                position = end + 1
                if end == len(text) or (position < len(text) and text[position] not in ",\n"):
                    call.fail(f'CSV parse error on line {line}: extraneous or missing " in quoted-field')
            else:
                match = re.compile('[^,\n"]*').match(text, position)
                assert match is not None
                field, position = match[0], match.end()
                if text.startswith('"', position):
                    call.fail(f'CSV parse error on line {line}: bare " in non-quoted-field')
            row.append(field)
            separated = text.startswith(",", position)
            position += 1
            if not separated:
                break
        line += 1
        rows.append((start, row))
    return rows


def _closing_quote(text: str, position: int) -> int:
    """Where the quoted field that starts at position ends; the end of the text where nothing closes it."""
    while True:
        position = text.find('"', position)
        if position < 0:
            return len(text)
        if not text.startswith('"', position + 1):
            return position
        position += 2

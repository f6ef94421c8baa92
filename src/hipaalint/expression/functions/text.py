"""Texts as Go and Unicode see them: case rules, white space, and grapheme clusters (one character to a reader).

Used by strings.py, format.py and collections.py.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def upper(text: str) -> str:
    """Upper case, one character for one: `ß` stays."""
    return text.upper() if text.isascii() else "".join(_simple_upper(c) for c in text)


def lower(text: str) -> str:
    """Lower case, one character for one."""
    return text.lower() if text.isascii() else "".join(c.lower()[0] for c in text)


def title(text: str) -> str:
    """The first letter of every word in title case, the rest untouched."""
    result = []
    before = " "
    for c in text:
        result.append(_simple_title(c) if _separates(before) else c)
        before = c
    return "".join(result)


def _simple_upper(c: str) -> str:
    for candidate in (c.upper(), c.title()):
        if len(candidate) == 1:
            return candidate
    return c


def _simple_title(c: str) -> str:
    candidate = c.title()
    return candidate if len(candidate) == 1 else c


def _separates(c: str) -> bool:
    if c.isascii():
        return not (c.isalnum() or c == "_")
    return not (c.isalpha() or unicodedata.category(c).startswith("N")) and c in SPACE


# Extended_Pictographic, in ranges (first, last).
_PICTOGRAPHIC = (
    (0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139),
    (0x2194, 0x2199), (0x21A9, 0x21AA), (0x231A, 0x231B), (0x2328, 0x2328), (0x2388, 0x2388), (0x23CF, 0x23CF),
    (0x23E9, 0x23F3), (0x23F8, 0x23FA), (0x24C2, 0x24C2), (0x25AA, 0x25AB), (0x25B6, 0x25B6), (0x25C0, 0x25C0),
    (0x25FB, 0x25FE), (0x2600, 0x2605), (0x2607, 0x2612), (0x2614, 0x2685), (0x2690, 0x2705), (0x2708, 0x2712),
    (0x2714, 0x2714), (0x2716, 0x2716), (0x271D, 0x271D), (0x2721, 0x2721), (0x2728, 0x2728), (0x2733, 0x2734),
    (0x2744, 0x2744), (0x2747, 0x2747), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757),
    (0x2763, 0x2767), (0x2795, 0x2797), (0x27A1, 0x27A1), (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2934, 0x2935),
    (0x2B05, 0x2B07), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x3030, 0x3030), (0x303D, 0x303D),
    (0x3297, 0x3297), (0x3299, 0x3299), (0x1F000, 0x1F0FF), (0x1F10D, 0x1F10F), (0x1F12F, 0x1F12F),
    (0x1F16C, 0x1F171), (0x1F17E, 0x1F17F), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F1AD, 0x1F1E5),
    (0x1F201, 0x1F20F), (0x1F21A, 0x1F21A), (0x1F22F, 0x1F22F), (0x1F232, 0x1F23A), (0x1F23C, 0x1F23F),
    (0x1F249, 0x1F3FA), (0x1F400, 0x1F53D), (0x1F546, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F774, 0x1F77F),
    (0x1F7D5, 0x1F7FF), (0x1F80C, 0x1F80F), (0x1F848, 0x1F84F), (0x1F85A, 0x1F85F), (0x1F888, 0x1F88F),
    (0x1F8AE, 0x1F8FF), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1FAFF), (0x1FC00, 0x1FFFD),
)  # fmt: skip
_FIRSTS = [first for first, _ in _PICTOGRAPHIC]

# The few characters with Prepend and with Extend that their general category does not tell.
_PREPEND = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e")
_EXTEND = frozenset(
    "\u09be\u09d7\u0b3e\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u1b35\u302e\u302f\u200c\uff9e\uff9f"
)
_NOT_SPACING = frozenset(
    "\u102b\u102c\u1038\u1062\u1063\u1064\u1067\u1068\u1069\u106a\u106b\u106c\u106d\u1083\u1087\u1088\u1089\u108a\u108b\u108c\u108f\u109a\u109b\u109c\u1a61\u1a63\u1a64\uaa7b\uaa7d"
)
_SPACING = frozenset("\u0e33\u0eb3")

CONTROL, EXTEND, ZWJ, SPACING, PREPEND, REGIONAL, L, V, T, LV, LVT, PICTOGRAPHIC, OTHER = range(13)


@lru_cache(maxsize=4096)
def _break_class(c: str) -> int:
    code = ord(c)
    if code < 0x80:
        return OTHER if 0x20 <= code < 0x7F else CONTROL
    if c == "\u200d":
        return ZWJ
    if 0x1F1E6 <= code <= 0x1F1FF:
        return REGIONAL
    if 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F or c in _EXTEND:
        return EXTEND
    if 0xAC00 <= code <= 0xD7A3:
        return LV if (code - 0xAC00) % 28 == 0 else LVT
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return L
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return V
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return T
    if c in _PREPEND:
        return PREPEND
    category = unicodedata.category(c)
    if category in ("Mn", "Me"):
        return EXTEND
    if (category == "Mc" and c not in _NOT_SPACING) or c in _SPACING:
        return SPACING
    if category in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return CONTROL
    position = bisect_right(_FIRSTS, code) - 1
    return PICTOGRAPHIC if position >= 0 and code <= _PICTOGRAPHIC[position][1] else OTHER


_LINES = r"(?s)\r\n|."


def graphemes(text: str) -> list[str]:
    """The grapheme clusters of a text (UAX 29)."""
    if text.isascii():
        return re.findall(_LINES, text) if "\r\n" in text else list(text)
    clusters: list[str] = []
    start = 0
    before = -1
    regionals = 0
    pictogram = False  # a pictogram, perhaps extended, is open; then a joiner keeps the next pictogram
    for position, c in enumerate(text):
        kind = _break_class(c)
        joined = (
            (before == CONTROL and text[position - 1] == "\r" and c == "\n")
            or (before != CONTROL and kind in (EXTEND, ZWJ, SPACING))
            or (before == PREPEND and kind != CONTROL)
            or (before == L and kind in (L, V, LV, LVT))
            or (before in (LV, V) and kind in (V, T))
            or (before in (LVT, T) and kind == T)
            or (before == ZWJ and pictogram and kind == PICTOGRAPHIC)
            or (before == REGIONAL and kind == REGIONAL and regionals % 2 == 1)
        )
        if position and not joined:
            clusters.append(text[start:position])
            start = position
        regionals = regionals + 1 if kind == REGIONAL else 0
        if kind == PICTOGRAPHIC:
            pictogram = True
        elif kind not in (EXTEND, ZWJ):
            pictogram = False
        before = kind
    if text:
        clusters.append(text[start:])
    return clusters

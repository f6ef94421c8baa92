"""Laws: what is said of an unknown result holds for every value that the unknown may have; Kleene's logic."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hipaalint import UNKNOWN, evaluate
from hipaalint.expression.equality import conjunction, disjunction, equal, matches_parts, set_order
from hipaalint.expression.evaluator import evaluate as evaluate_expression
from hipaalint.expression.functions import TERRAFORM_FUNCTIONS
from hipaalint.expression.functions.function import CallContext
from hipaalint.expression.scope import Scope
from hipaalint.expression.types import can_convert, type_of
from hipaalint.expression.values import GIVEN, STRING, EvaluationError, Known, Unknown, Value, known, plain
from hipaalint.expression.world import World
from hipaalint.source import SourceFile, SourceRange
from hipaalint.syntax.hcl import parse_expression
from hipaalint.syntax.yaml_json import parse as parse_yaml

TEXTS = st.text(alphabet="ab,:/ A1\n", max_size=6)
SCALARS = st.one_of(TEXTS, st.integers(-3, 5), st.booleans())
LISTS = st.lists(TEXTS, max_size=4)
MAPS = st.dictionaries(st.sampled_from("abc"), TEXTS, max_size=3)

# Calls with the kinds of their variables: t text, l list of texts, m map of texts, n small number.
CALLS = [
    ("upper(t)", "t"), ("lower(t)", "t"), ("trimspace(t)", "t"), ("chomp(t)", "t"), ("trim(t, s)", "ts"),
    ("trimprefix(t, s)", "ts"), ("trimsuffix(t, s)", "ts"), ("startswith(t, s)", "ts"), ("endswith(t, s)", "ts"),
    ("strcontains(t, s)", "ts"), ("replace(t, s, r)", "tsr"), ("split(s, t)", "ts"), ("join(s, l)", "sl"),
    ("join(s, l, k)", "slk"), ("substr(t, 0, 2)", "t"), ("substr(t, 1, 1)", "t"), ("indent(2, t)", "t"),
    ("strrev(t)", "t"), ("length(t)", "t"), ("length(l)", "l"), ("length(m)", "m"), ("length(toset(l))", "l"),
    ("contains(l, t)", "lt"), ("index(l, t)", "lt"), ("element(l, 1)", "l"), ("reverse(l)", "l"),
    ("distinct(l)", "l"), ("compact(l)", "l"), ("sort(l)", "l"), ("concat(l, k)", "lk"),
    ("concat(tolist(l), tolist(k))", "lk"), ("flatten([l, [k, t]])", "lkt"), ("chunklist(l, 2)", "l"),
    ("coalesce(t, s, 1)", "ts"), ("coalescelist(l, k)", "lk"), ("one(l)", "l"), ("slice(l, 0, 1)", "l"),
    ("keys(m)", "m"), ("values(m)", "m"), ('lookup(m, "a", t)', "mt"), ("lookup(m, s, t)", "mst"),
    ("merge(m, o)", "mo"), ("zipmap(l, k)", "lk"), ("transpose({a = l, b = k})", "lk"), ("matchkeys(l, k, l)", "lk"),
    ("setunion(l, k)", "lk"), ("setintersection(l, k)", "lk"), ("setsubtract(l, k)", "lk"),
    ("setproduct(l, k)", "lk"), ('format("%s-%5s|%v", t, s, l)', "tsl"), ('format("<%q>%s", t, s)', "ts"),
    ('formatlist("%s-%s", l, t)', "lt"), ("jsonencode({x = t, y = l, z = m})", "tlm"), ("yamlencode([t, m])", "tm"),
    ("jsondecode(jsonencode([t, l]))", "tl"), ("yamldecode(yamlencode({a = m, b = 1}))", "m"),
    ('regexall("[a-b]+", t)', "t"), ('replace(t, "/[ab]/", s)', "ts"), ("tostring(t)", "t"), ("tolist([t, s])", "ts"),
    ("toset(l)", "l"), ("tomap(m)", "m"), ("alltrue([for x in l : x == t])", "lt"),
    ("anytrue([for x in l : x == t])", "lt"), ("base64encode(t)", "t"), ("md5(t)", "t"), ("t == s", "ts"),
    ("l == k", "lk"), ('"x${t}/${s}" == "xa/b"', "ts"), ("[for x in l : upper(x)]", "l"), ("title(t)", "t"),
    ("urlencode(t)", "t"), ("m == o", "mo"), ('contains(l, "a${t}b")', "lt"), ('startswith("${t}b", "ab")', "t"),
    ("trimspace(\" a${t} \")", "t"), ('trim("a${t}b", s)', "ts"), ('endswith("a${t}", s)', "ts"),
    ('replace("a${t}b", "a", s)', "ts"), ('split(",", "a,${t},b")', "t"), ('substr("ab${t}", 0, 1)', "t"),
]  # fmt: skip
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "t": TEXTS, "s": TEXTS, "r": TEXTS, "l": LISTS, "k": LISTS, "m": MAPS, "o": MAPS,
}  # fmt: skip


class Names(Scope):
    __slots__ = ("names",)

    def __init__(self, names: Mapping[str, Value]) -> None:
        world = World()
        context = CallContext(world, parse_yaml=lambda text: parse_yaml(SourceFile("", text)))
        super().__init__(world, TERRAFORM_FUNCTIONS, context)
        self.names = names

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        return self.names[name]


@st.composite
def hidden(draw: st.DrawFn, data: Any) -> Value:
    """The data with some of it unknown, of which something true is said."""
    choice = draw(st.integers(0, 4))
    if isinstance(data, str):
        if choice == 0:
            return Unknown(GIVEN, "hidden")
        if choice == 1:
            return Unknown(GIVEN, "hidden", STRING, draw(st.booleans()))
        if choice == 2:
            start = draw(st.integers(0, len(data)))
            end = draw(st.integers(start, len(data)))
            parts = [part for part in (data[:start], None, data[end:]) if part != ""]
            return Unknown(GIVEN, "hidden", STRING, True, tuple(parts))
        return known(data)
    if choice == 0:
        return Unknown(GIVEN, "hidden")
    if isinstance(data, list):
        if choice == 1:
            most = draw(st.sampled_from([None, len(data), len(data) + 1]))
            length = (draw(st.integers(0, len(data))), most)
            return Unknown(GIVEN, "hidden", type_of(known(data)), True, length=length)
        return known([draw(hidden(item)) for item in data])
    return known({name: draw(hidden(item)) for name, item in data.items()})


def covers(general: Value, special: Value) -> bool:
    """What is said by the first is true of the second."""
    if isinstance(general, Unknown):
        if isinstance(special, Unknown):
            return True
        assert isinstance(special, Known)
        if special.data is None:
            return not general.not_null
        if not can_convert(type_of(special), general.type):
            return False
        if general.parts is not None and not matches_parts(general.parts, special.data):
            return False
        if general.length is not None:
            least, most = general.length
            return least <= len(special.data) and (most is None or len(special.data) <= most)
        return True
    assert isinstance(general, Known)
    if not isinstance(special, Known):
        return False
    if isinstance(general.data, list):
        if general.kind == "set":
            return all(any(covers(g, s) for g in general.data) for s in special.data)
        return len(general.data) == len(special.data) and all(
            covers(g, s) for g, s in zip(general.data, special.data, strict=True)
        )
    if isinstance(general.data, dict):
        return general.data.keys() == special.data.keys() and all(
            covers(item, special.data[name]) for name, item in general.data.items()
        )
    return equal(general, special) is True


def outcome(expression: str, names: Mapping[str, Value]) -> Value | None:
    """The value, or None where evaluation fails."""
    try:
        return evaluate_expression(parse_expression(expression), Names(names))
    except EvaluationError:
        return None


@given(st.sampled_from(CALLS), st.data())
def test_what_is_said_of_an_unknown_result_holds(call: tuple[str, str], data: st.DataObject) -> None:
    expression, variables = call
    values = {name: data.draw(KINDS[name], label=name) for name in variables}
    veiled = {name: data.draw(hidden(value), label=f"veiled {name}") for name, value in values.items()}
    special = outcome(expression, {name: known(value) for name, value in values.items()})
    general = outcome(expression, veiled)
    if special is not None:
        # What fails with the unknown must fail with every value.
        assert general is not None
        assert covers(general, special), (general, getattr(general, "parts", None), special)


TRUTHS = st.sampled_from([True, False, None])


@given(st.lists(TRUTHS, max_size=5))
def test_kleene(terms: list[bool | None]) -> None:
    assert conjunction(terms) is (False if False in terms else None if None in terms else True)
    assert disjunction(terms) is (True if True in terms else None if None in terms else False)
    opposite = [None if term is None else not term for term in terms]
    assert conjunction(opposite) is {True: False, False: True, None: None}[disjunction(terms)]
    names = {f"v{i}": UNKNOWN if term is None else term for i, term in enumerate(terms)}
    items = ", ".join(names)
    expected = {True: True, False: False, None: UNKNOWN}
    assert evaluate(f"alltrue([{items}])", names) is expected[conjunction(terms)]
    assert evaluate(f"anytrue([{items}])", names) is expected[disjunction(terms)]
    if terms:
        assert evaluate(" && ".join(names), names) is expected[conjunction(terms)]
        assert evaluate(" || ".join(names), names) is expected[disjunction(terms)]


DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-100, 100), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(DATA)
def test_encodings_round_trip(data: object) -> None:
    again = evaluate("jsondecode(jsonencode(x))", {"x": data})
    assert again == evaluate("x", {"x": data})


@given(DATA)
def test_yaml_round_trips(data: object) -> None:
    again = evaluate("yamldecode(yamlencode(x))", {"x": data})
    assert again == evaluate("x", {"x": data})


@given(st.text(max_size=30))
def test_text_functions_agree_with_each_other(text: str) -> None:
    names = {"x": text}
    assert evaluate("substr(x, 0, -1) == x", names) is True
    assert evaluate('join("", [for i in range(length(x)) : substr(x, i, 1)]) == x', names) is True
    assert evaluate('join(",", split(",", x)) == x', names) is True
    assert evaluate("base64decode(base64encode(x)) == x", names) is True
    assert evaluate("urldecode(urlencode(x)) == x", names) is True


@given(st.lists(st.one_of(TEXTS, st.integers(), st.booleans(), st.lists(st.integers(0, 20), max_size=2)), max_size=6))
def test_set_order_is_one_order(items: list[Any]) -> None:
    values = [known(item) for item in items]
    forward, backward = set_order(values), set_order(values[::-1])
    assert [plain(v) for v in forward] == [plain(v) for v in backward] or len(set(map(repr, items))) < len(items)


@given(st.decimals(-1000, 1000, places=3, allow_nan=False), st.integers(0, 6))
def test_numbers_are_formatted_to_the_nearest(value: Decimal, places: int) -> None:
    text = evaluate(f'format("%.{places}f", x)', {"x": value})
    assert abs(Decimal(str(text)) - value) <= Decimal(1).scaleb(-places) / 2
    assert evaluate('tonumber(format("%v", x)) == x', {"x": value}) is True

"""Small texts that ask for much: every one ends with an error that names the limit, quickly."""

import time

import pytest

from hipaalint import ExpressionError, evaluate

LONG = "x" * 1000


@pytest.mark.parametrize(
    "expression",
    [
        'format("%9999999d", 1)',
        'format("%.9999999f", 1)',
        'format("%99999999999d", 1)',
        "range(100000)",
        "setproduct(range(400), range(400))",
        "setproduct(range(1000), range(1000), range(1000), range(1000))",
        "concat([for i in range(200) : range(1000)]...)",
        "flatten([for i in range(200) : range(1000)])",
        'join("", [for i in range(1024) : s + s])',
        'join(join("", [for i in range(1000) : s]), [for i in range(1000) : s])',
        'replace(replace(replace(s, "x", s), "x", s), "x", s)',
        'replace(s, "/x/", replace(s, "x", "yyyyyyyyyy"))',
        'replace(replace(s, "/x/", s), "/x/", "xyz")',
        'indent(9999999, "a\\nb")',
        'split("", join("", [for i in range(1000) : s]))[0] == 1',
        'formatlist("%1000d", [for i in range(1000) : [for j in range(1000) : j]])',
        'regex("(x+x+)+y", join("", [for i in range(1000) : s]))',
        'regex("((x?){1000}){20}y", s)',
        f'regex("{"(" * 200}a{")" * 200}", s)',
        'regex("(((a{100}){100}){100}){100}", s)',
        f'jsondecode("{"[" * 100000}")',
        f'jsondecode("{"[" * 5000}{"]" * 5000}")',
        'jsondecode("1e999999999")',
        f'jsondecode("{"9" * 10000}")',
        'tonumber("1e999999999")',
        'parseint(join("", [for i in range(1024) : s]), 36)',
        "pow(10, 400)",
        "pow(-8, 0.5)",
        "log(-1, 10)",
        "log(10, 1)",
        'timeadd("9999-12-31T23:59:59Z", "1h")',
        "chunklist([for i in range(10) : i], 1)[1e300]",
        f'base64gunzip("{"H4sIAAAAAAAC/+3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"}A")',
    ],
)
def test_stops(expression: str) -> None:
    start = time.process_time()
    with pytest.raises(ExpressionError):
        evaluate(expression.replace("s + s", "s"), {"s": LONG * 2})
    assert time.process_time() - start < 20


def test_linear_time_for_patterns_that_explode_elsewhere() -> None:
    with pytest.raises(ExpressionError, match="did not match"):
        evaluate('regex("^(a+)+$", s)', {"s": "a" * 2000 + "b"})
    with pytest.raises(ExpressionError, match="did not match"):
        evaluate('regex("^(a|a)*$", s)', {"s": "a" * 2000 + "b"})
    assert evaluate('length(regex("(a*)*", s))', {"s": "a" * 500}) == 1


def test_deep_values_do_not_crash() -> None:
    data: object = 1
    for _ in range(150):
        data = [data]
    assert evaluate("length(jsonencode(x))", {"x": data}) == 301
    for _ in range(2000):
        data = [data]
    with pytest.raises(ExpressionError):
        evaluate("jsonencode(x)", {"x": data})

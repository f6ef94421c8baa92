"""Functions over numbers.

Part of functions/. Numbers are int or Decimal with 155 digits; log and pow work on doubles, as Terraform's do.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ..convert import CONTEXT, convert
from ..types import describe, kind_of, type_of
from ..values import DYNAMIC, LIST, NUMBER, SEQUENCES, EvaluationError, Known, Value, is_null, number
from .function import Call, build, function, value_function
from .sets import MAX_RANGE

Number = int | Decimal


@function("abs(num: number) -> number")
def _abs(call: Call, data: Number) -> Number:
    return abs(data) if isinstance(data, int) else data.copy_abs()


@function("ceil(num: number) -> number")
def _ceil(call: Call, data: Number) -> Number:
    return data if isinstance(data, int) else int(data.to_integral_value(ROUND_CEILING))


@function("floor(num: number) -> number")
def _floor(call: Call, data: Number) -> Number:
    return data if isinstance(data, int) else int(data.to_integral_value(ROUND_FLOOR))


@function("signum(num: number) -> number")
def _signum(call: Call, data: Number) -> int:
    if not isinstance(data, int):
        call.fail("value must be a whole number")
    return (data > 0) - (data < 0)


@function("max(numbers...: number) -> number")
def _max(call: Call, *numbers: Number) -> Number:
    if not numbers:
        call.fail("must pass at least one number")
    return max(numbers)


@function("min(numbers...: number) -> number")
def _min(call: Call, *numbers: Number) -> Number:
    if not numbers:
        call.fail("must pass at least one number")
    return min(numbers)


def _double(call: Call, data: Number) -> float:
    try:
        return float(data)
    except OverflowError:
        call.fail("a number is too large")


def _of_double(call: Call, data: float) -> Number:
    if not math.isfinite(data):
        call.fail("the result is not a finite number")
    return number(Decimal(repr(data)))


@function("log(num: number, base: number) -> number")
def _log(call: Call, data: Number, base: Number) -> Number:
    try:
        return _of_double(call, _logarithm(_double(call, data)) / _logarithm(_double(call, base)))
    except (ValueError, ZeroDivisionError):
        call.fail("the result is not a finite number")


def _logarithm(data: float) -> float:
    return math.log(data) if data else -math.inf


@function("pow(num: number, power: number) -> number")
def _pow(call: Call, data: Number, power: Number) -> Number:
    try:
        return _of_double(call, math.pow(_double(call, data), _double(call, power)))
    except (ValueError, OverflowError):
        call.fail("the result is not a finite number")


@value_function("sum(list: any) -> number")
def _sum(call: Call, value: Value) -> Value:
    kind = value.kind if isinstance(value, Known) else kind_of(type_of(value))
    if kind not in (*SEQUENCES, DYNAMIC):
        call.bad("list", f"argument must be list, set, or tuple. Received {describe(type_of(value))}.")
    if not isinstance(value, Known):
        return call.unknown(NUMBER)
    if not value.data:
        call.bad("list", "cannot sum an empty list.")
    total = Decimal(0)
    certain = True
    for item in value.data:
        try:
            item = convert(item, NUMBER)
        except EvaluationError:
            item = Known(None, "null")
        if is_null(item):
            call.bad("list", "argument must be list, set, or tuple of number values.")
        if isinstance(item, Known):
            total = CONTEXT.add(total, Decimal(item.data))
        else:
            certain = False
    return call.plain(number(total), NUMBER) if certain else call.unknown(NUMBER)


@function("range(params...: number) -> list(number)")
def _range(call: Call, *numbers: Number) -> Value:
    if not 1 <= len(numbers) <= 3:
        call.fail("must have one, two, or three arguments")
    start, end = (Decimal(0), Decimal(numbers[0])) if len(numbers) == 1 else map(Decimal, numbers[:2])
    step = Decimal(numbers[2]) if len(numbers) == 3 else Decimal(1 if end >= start else -1)
    if step > 0 and end < start:
        call.bad("params", "end must be greater than start when step is positive.")
    if step < 0 and end > start:
        call.bad("params", "end must be less than start when step is negative.")
    values: list[Number] = []
    current = start
    while current < end if step >= 0 else current > end:
        values.append(number(current.normalize(CONTEXT)))
        if len(values) > MAX_RANGE:
            call.fail(
                f"more than {MAX_RANGE} values were generated; either decrease the difference between start and end "
                "or use a smaller step"
            )
        current = CONTEXT.add(current, step)
    return call.plain(build(values, (LIST, NUMBER)), (LIST, NUMBER))

"""Domain functions over the settings of parameter groups."""

from __future__ import annotations

from typing import Any

import pytest

from hipaalint.expression.values import NO_VALUE, NULL, OBJECT, STRING, TUPLE, Absent, Known, Unknown, Value, known
from hipaalint.policy.settings import has_setting, setting

HOLE = Unknown(NO_VALUE, "var.x has no value", STRING, True)
FORMS: list[Any] = [
    {"tls": "disabled", "other": 1},
    [{"ParameterName": "tls", "ParameterValue": "disabled"}, {"ParameterName": "other", "ParameterValue": 1}],
    [{"ParameterKey": "tls", "ParameterValue": "disabled"}, {"ParameterKey": "other", "ParameterValue": 1}],
    [{"name": "TLS", "value": "Disabled"}, {"name": "other", "value": 1}],
    [{"Key": "tls", "Value": "disabled"}, {"Key": "other", "Value": 1}],
    [{"Name": "tls", "Value": "disabled"}, {"Name": "other", "Value": 1}],
    [{"Namespace": "app", "OptionName": "tls", "Value": "disabled"}, {"OptionName": "other", "Value": 1}],
    [{"parameter_key": "tls", "parameter_value": "disabled"}, {"parameter_key": "other", "parameter_value": 1}],
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form: Any) -> None:
    settings = known(form)
    assert has_setting(settings, known("tls")).holds is True
    assert has_setting(settings, known("tls"), known(["enabled", "DISABLED"])).holds is True
    assert has_setting(settings, known("tls"), known(["enabled"])).holds is False
    assert has_setting(settings, known("other"), known(["1"])).holds is True
    assert has_setting(settings, known("missing")).holds is False
    value = setting(settings, known("other"))
    assert isinstance(value, Known)
    assert value.data == 1
    assert getattr(setting(settings, known("missing")), "kind", "") == NULL


def test_a_single_block() -> None:
    assert has_setting(known({"name": "tls", "value": "enabled"}), known("tls"), known(["enabled"])).holds is True


@pytest.mark.parametrize("nothing", [Absent("Parameters"), known(None), known([]), known({})])
def test_nothing_is_set(nothing: Value) -> None:
    decision = has_setting(nothing, known("tls"), known(["enabled"]))
    assert decision.holds is False
    assert decision.because  # a finding needs a place
    assert getattr(setting(nothing, known("tls")), "kind", "") == NULL


def test_what_cannot_be_known() -> None:
    unknown_value = Known({"tls": HOLE}, OBJECT)
    assert has_setting(unknown_value, known("tls")).holds is True
    assert has_setting(unknown_value, known("tls"), known(["enabled"])).holds is None
    assert has_setting(unknown_value, known("other")).holds is False
    assert setting(unknown_value, known("tls")) is HOLE
    for settings in (HOLE, Known([HOLE], TUPLE), Known([Known({"name": HOLE, "value": known("1")}, OBJECT)], TUPLE)):
        assert has_setting(settings, known("tls")).holds is None
        assert isinstance(setting(settings, known("tls")), Unknown)
    nameless = Known([Known({"value": known("1")}, OBJECT)], TUPLE)
    assert has_setting(nameless, known("tls")).holds is None

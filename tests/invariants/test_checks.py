"""What holds for all checks that come with hipaalint, and what the reader of check files refuses."""

from __future__ import annotations

from collections import defaultdict

import pytest

from hipaalint.policy.catalogue import builtin_folder, load_catalogue
from hipaalint.policy.check import MISSING, Check
from hipaalint.policy.check_file import FIELDS, LANGUAGES
from hipaalint.policy.functions import DOMAIN_FUNCTIONS
from hipaalint.policy.paths import unknown_names
from hipaalint.policy.reference import functions_page

DOCS = builtin_folder().parent / "docs"
CATALOGUE = load_catalogue()
CHECKS = list(CATALOGUE.checks.values())
every_check = pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])


def test_all_files_are_read() -> None:
    assert CATALOGUE.diagnostics == []
    files = [path for path in builtin_folder().rglob("*.yaml") if path.parent.name not in ("controls", "profiles")]
    assert len(CHECKS) == len(files) > 0


@every_check
def test_examples_in_both_languages(check: Check) -> None:
    missing = [
        f"no example that must {verdict} in {language}"
        for verdict in ("pass", "fail")
        for language in LANGUAGES
        if not any(language in example.texts for example in check.examples.get(verdict, []))
        and not (set(check.only) - {language})
    ]
    assert not missing


@every_check
def test_names_in_conditions_exist(check: Check) -> None:
    assert unknown_names(check) == []


@every_check
def test_words_for_people(check: Check) -> None:
    assert check.message.strip()
    assert "${resource}" in check.message or check.kind == MISSING
    assert all((check.remediation, check.risk, check.title))
    assert not check.title.endswith(".")
    assert check.references, "every fact has a public source"
    assert all(reference.startswith("https://") for reference in check.references)


def test_no_two_checks_give_the_same_reason() -> None:
    reasons: dict[str, set[str]] = defaultdict(set)
    for check in CHECKS:
        for link in check.controls:
            reasons[link.because.casefold()].add(f"{check.id}: {link.id}")
    shared = {reason: places for reason, places in reasons.items() if len(places) > 1}
    assert not shared


def test_controls_say_what_they_are() -> None:
    frameworks = {control.framework for control in CATALOGUE.controls.values()}
    assert frameworks == {"hipaa", "hitrust"}
    for control in CATALOGUE.controls.values():
        if control.framework == "hipaa":
            assert control.status in ("required", "addressable"), control.id
            assert control.safeguard in ("administrative", "physical", "technical", "organizational", "documentation")


def test_the_guide_names_every_field() -> None:
    guide = (DOCS / "writing-checks.md").read_text(encoding="utf-8")
    assert [field for field in FIELDS if f"| `{field}` |" not in guide] == []


def test_the_page_of_functions_is_up_to_date() -> None:
    assert [name for name, function in DOMAIN_FUNCTIONS.items() if not function.__doc__] == []
    page = (DOCS / "functions.md").read_text(encoding="utf-8")
    assert page == functions_page(), "run: python -m hipaalint.policy.reference docs/functions.md"

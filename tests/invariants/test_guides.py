"""Every item of the guides that people start from is answered: by a check, or by what is to be shown by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hipaalint.policy.catalogue import load_catalogue

CATALOGUE = load_catalogue()
MANUAL = {one.id for one in CATALOGUE.manual}
GUIDES = yaml.safe_load((Path(__file__).parents[1] / "data" / "guides.yaml").read_text(encoding="utf-8"))
ITEMS = [(item, ids) for items in GUIDES.values() for item, ids in items.items()]


def test_the_guides_are_the_profiles() -> None:
    assert set(GUIDES) <= set(CATALOGUE.profiles)
    assert len(ITEMS) > 100


@pytest.mark.parametrize(("item", "ids"), ITEMS, ids=[item for item, _ in ITEMS])
def test_an_item_is_answered(item: str, ids: list[str]) -> None:
    assert [id for id in ids if CATALOGUE.find(id) is None and id not in MANUAL] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_its_checks_are_in_its_profile(guide: str) -> None:
    asked = {found.id for ids in GUIDES[guide].values() for id in ids if (found := CATALOGUE.find(id)) is not None}
    assert asked - {CATALOGUE.aliases.get(id, id) for id in CATALOGUE.profiles[guide]} == set()

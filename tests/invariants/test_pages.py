"""The reference pages in docs/ say what the check files say."""

from __future__ import annotations

from pathlib import Path

from hipaalint.policy.catalogue import load_catalogue
from hipaalint.report.pages import pages

DOCS = Path(__file__).parents[2] / "docs"


def test_the_pages_are_up_to_date() -> None:
    expected = pages(load_catalogue())
    written = {
        path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8")
        for name in ("checks", "controls")
        for path in (DOCS / name).rglob("*.*")
    }
    stale = sorted(path for path in expected.keys() | written.keys() if expected.get(path) != written.get(path))
    assert not stale, f"run: python -m hipaalint.report.pages docs ({', '.join(stale[:5])}, …)"

"""The HTML report in a real browser: it opens from disk, filters, follows links and keys, complains about nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hipaalint import scan
from hipaalint.policy.finding import PASS, UNKNOWN, Suppression
from hipaalint.report import render
from hipaalint.report.controls_matrix import KINDS, Matrix

from ..unit.report.builders import UNREADABLE, find, make_check, make_finding, make_report, make_root
from .browser import Browser

PORTAL = Path(__file__).parents[2] / "fixtures" / "patient-portal"
EVIL = "<img src=x onerror=alert(1)></script>"
COUNT = "document.querySelector('[role=status]').textContent"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = scan(
        [PORTAL], {"attest": [{"requirement": "ec2-antivirus", "owner": EVIL, "date": "2020-01-01", "evidence": "x"}]}
    )
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(report, "html"), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def nothing_is_wrong(browser: Browser) -> Iterator[None]:
    browser.errors.clear()
    browser.requests.clear()
    yield
    assert browser.errors == []
    assert {url.partition(":")[0] for url in browser.requests} <= {"file", "about", "data"}


def test_every_page_and_every_link_leads_somewhere(browser: Browser, page: Path) -> None:
    browser.open(page)
    seen: set[str] = set()
    waiting: list[str] = browser.ask("[...document.querySelectorAll('nav a')].map(a => a.hash)")
    assert len(waiting) >= 8
    kinds: dict[str, int] = {}
    while waiting:
        hash = waiting.pop()
        name = hash.split("?")[0].split("/")[1]
        kinds[name] = kinds.get(name, 0) + 1
        if hash in seen or kinds[name] > 12:  # a dozen of each kind of page
            continue
        seen.add(hash)
        browser.go(hash)
        assert "no such page" not in browser.ask("document.querySelector('main h2').textContent"), hash
        waiting += browser.ask("[...document.querySelectorAll('main a[href^=\"#\"]')].map(a => a.hash).slice(0, 60)")
    assert {"overview", "controls", "control", "checks", "check", "resources", "resource", "results"} <= set(kinds)


def test_the_cards_show_what_the_report_counts(browser: Browser, page: Path) -> None:
    counts = Matrix(scan([PORTAL])).total.kinds
    browser.open(page)
    assert browser.ask("[...document.querySelectorAll('.cards b')].map(b => +b.textContent)") == [
        counts[name] for name in KINDS
    ]
    browser.ask("document.querySelector('.cards a').click()")
    browser.wait("location.hash === '#/results?kind=fail' && document.querySelector('[role=status]') !== null")
    assert browser.ask(COUNT).startswith(f"{counts['fail']} results of ")


def test_a_result_opens_by_keyboard_alone(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("/")
    assert browser.ask("document.activeElement.type + location.hash") == "search#/results"
    browser.type("aws_ encrypt")
    browser.wait("location.hash.includes('q=')")
    for _ in range(12):
        browser.press("Tab")
        if browser.ask("document.activeElement.tagName") == "SUMMARY":
            break
    assert browser.ask("document.activeElement.tagName") == "SUMMARY"
    browser.press("Enter")
    browser.wait(
        "document.querySelector('.results details').open && document.querySelector('.results pre mark') !== null"
    )
    assert "q=aws_+encrypt" in browser.ask("location.hash")


def test_the_first_tab_skips_to_the_content(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("Tab")
    assert browser.ask("document.activeElement.id") == "skip"
    browser.press("Enter")
    assert browser.ask("document.activeElement.id") == "main"


def test_a_screen_reader_finds_names_for_everything(browser: Browser, page: Path) -> None:
    browser.open(page)
    for hash in ("#/overview", "#/controls", "#/results", "#/resources", "#/checks", "#/by-hand", "#/about", "#/print"):
        browser.go(hash)
        assert browser.ask("document.documentElement.lang") == "en"
        assert browser.ask("document.querySelectorAll('h1').length + document.querySelectorAll('main h2').length") == 2
        assert browser.ask("document.querySelectorAll('nav [aria-current=page]').length") == 1
        assert browser.ask(
            "[...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope=col]'))"
        )
        assert browser.ask("[...document.querySelectorAll('input, select')].every(i => i.labels.length === 1)")
        if hash not in ("#/overview", "#/results"):
            continue  # the tree of a large page takes seconds to make
        tree = browser.send("Accessibility.getFullAXTree")["nodes"]
        unnamed = [
            each
            for each in tree
            if each.get("role", {}).get("value") in ("link", "button", "searchbox", "combobox", "table")
            and not each["ignored"]
            and not each.get("name", {}).get("value")
        ]
        assert unnamed == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, page: Path, scheme: str) -> None:
    browser.media(scheme)
    browser.open(page)
    contrasts = browser.ask(
        """(() => {
          const style = getComputedStyle(document.documentElement);
          const light = (name) => { const c = style.getPropertyValue(name).trim().replace('#', '');
            const long = c.length === 3 ? [...c].map(x => x + x).join('') : c;
            const [r, g, b] = [0, 2, 4].map(i => parseInt(long.slice(i, i + 2), 16) / 255)
              .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b; };
          const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
          return ['text', 'quiet', 'link', 'fail', 'unknown', 'conditional', 'suppressed', 'pass']
            .flatMap(name => ['--ground', '--raised'].map(ground => ratio('--' + name, ground)));
        })()"""
    )
    browser.media()
    assert min(contrasts) >= 4.5


def test_the_map_leads_to_resources_and_stands_as_a_table_too(browser: Browser, page: Path) -> None:
    browser.open(page, "#/map")
    assert browser.ask("!document.getElementById('map').hidden")
    assert browser.ask("document.querySelectorAll('#map svg a').length") > 40
    assert browser.ask("document.querySelectorAll('#map tbody tr').length") > 40
    browser.ask(
        "document.querySelector('#map svg a').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
    )
    browser.wait("location.hash.startsWith('#/resources?q=')")
    browser.wait(f"{COUNT} !== '0 resources'")
    assert browser.ask("document.getElementById('map').hidden")


def test_printing_shows_everything_of_the_view(browser: Browser, page: Path) -> None:
    browser.open(page, "#/results?kind=pass")
    browser.wait("document.querySelectorAll('.results > li').length === 100")
    total = int(browser.ask(COUNT).split()[0].replace(",", ""))
    browser.ask("dispatchEvent(new Event('beforeprint'))")
    assert browser.ask("document.querySelectorAll('.results > li').length") == total > 100
    assert browser.ask("[...document.querySelectorAll('.results details')].every(d => d.open)")
    browser.go("#/controls")
    pdf = browser.send("Page.printToPDF", transferMode="ReturnAsStream")
    assert pdf["stream"]
    browser.go("#/print")
    assert "164.312(a)(2)(iv)" in browser.ask("document.querySelector('main').textContent")


def test_nothing_is_cut_off_on_paper(browser: Browser, page: Path) -> None:
    browser.open(page)
    # An A4 page across, less its margins.
    browser.send("Emulation.setDeviceMetricsOverride", width=1032, height=700, deviceScaleFactor=1, mobile=False)
    browser.media(medium="print")
    try:
        for hash in ("#/overview", "#/controls", "#/checks", "#/resources", "#/by-hand", "#/about", "#/map"):
            browser.go(hash)
            assert browser.ask("document.documentElement.scrollWidth") <= 1032, hash
            assert browser.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
    finally:
        browser.media()
        browser.send("Emulation.clearDeviceMetricsOverride")


def test_what_was_scanned_is_never_markup(browser: Browser, tmp_path: Path) -> None:
    root = make_root(EVIL)
    findings = [
        make_finding(root, EVIL, message=EVIL, note=EVIL, when=EVIL, reason=EVIL, marked=find("resource")),
        make_finding(root, "aws_sqs_queue.b", verdict=UNKNOWN, suppressed=Suppression("inline", EVIL, "2030-01-01")),
    ]
    path = tmp_path / "evil.html"
    path.write_text(render(make_report(*findings, diagnostics=(UNREADABLE,)), "html"), encoding="utf-8")
    browser.open(path)
    for hash in (
        "#/overview",
        "#/results",
        "#/resource/0",
        "#/resources",
        "#/about",
        "#/print",
        "#/control/" + EVIL,
        "#/results?q=<b>",
    ):
        browser.go(browser.ask(f"new URL({(hash)!r}, location.href).hash"))
        browser.ask("dispatchEvent(new Event('beforeprint'))")
        assert browser.ask("document.querySelectorAll('main img, main script, main b > *').length") == 0
    assert browser.ask("document.scripts.length") == 2


def test_ten_thousand_results_open_and_filter_at_once(browser: Browser, tmp_path: Path) -> None:
    root, checks = make_root(), [make_check(f"sqs-check-{number}") for number in range(40)]
    verdicts = ("fail", PASS, UNKNOWN, PASS)
    findings = [
        make_finding(root, f"module.m{n % 97}.aws_sqs_queue.q{n}", check=checks[n % 40], verdict=verdicts[n % 4])
        for n in range(10_000)
    ]
    path = tmp_path / "large.html"
    path.write_text(render(make_report(*findings), "html"), encoding="utf-8")
    start = time.monotonic()
    browser.open(path, "#/results")
    browser.wait("document.querySelector('[role=status]')?.textContent.startsWith('10,000 results')")
    opened = time.monotonic() - start
    start = time.monotonic()
    browser.ask("document.querySelector('input[type=search]').focus()")
    browser.type("q77 m7")
    browser.wait(
        f"{COUNT}.split(' ')[0] === '{sum(1 for n in range(10_000) if 'q77' in f'q{n}' and 'm7' in f'm{n % 97}.')}'"
    )
    filtered = time.monotonic() - start
    # On an idle machine each takes some tenths of a second; a slow one has other work.
    assert opened < 6
    assert filtered < 4
    browser.go("#/resources")
    assert browser.ask(COUNT) == "10,000 resources"

"""The report's page in a real browser, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import orderup
from orderup.envs.catalogue import changed, load_scenario
from orderup.evaluation.page.writing import write_page

from . import browser

TABS = ("overview", "costs", "service", "bullwhip", "sweeps", "learning", "sites", "replay", "method")

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    program = browser.found()
    if program is None:
        if browser.required():
            pytest.fail("no browser, and ORDERUP_REQUIRE_BROWSER says there must be one: apt-get install chromium")
        pytest.skip("no browser: apt-get install chromium, or name one in ORDERUP_BROWSER")
    short = changed(load_scenario("owmr"), horizon=30, warmup=5)
    levels = ("central_ideal", "central_stale", "hybrid_soe", "autonomous_silo")
    comparison = orderup.compare(short, [(level, "base_stock") for level in levels], episodes=20)
    path = write_page(comparison, tmp_path_factory.mktemp("report"), "python evaluate.py scenario=owmr")
    with browser.opened(program) as page:
        page.size(1400)
        page.scheme("light")
        page.open(path)
        yield page
        assert page.complaints == []
        assert [address for address in page.requests if not address.startswith(("file:", "blob:", "data:"))] == []


def test_every_tab_can_be_clicked_and_shows_itself_alone(tab: browser.Page) -> None:
    for name in TABS:
        tab.run(f"document.getElementById('tab-{name}').click()")
        shown = tab.run("[...document.querySelectorAll('[role=tabpanel]')].filter(e => e.offsetParent).map(e => e.id)")
        assert len(shown) == 1
        assert name in shown[0]
    assert tab.complaints == []


def test_the_replay_moves_with_its_slider_its_keys_and_its_button(tab: browser.Page) -> None:
    tab.run("document.getElementById('tab-replay').click()")
    before = tab.run("document.querySelector('#panel-replay svg, #replay svg').textContent")
    tab.run("{const p = document.querySelector('#period'); p.value = 12; p.dispatchEvent(new Event('input'))}")
    after = tab.run("document.querySelector('#panel-replay svg, #replay svg').textContent")
    assert before != after
    tab.run("document.querySelector('#period').focus()")
    tab.press("ArrowRight")
    assert tab.run("Number(document.querySelector('#period').value)") == 13
    tab.run("[...document.querySelectorAll('button')].find(b => b.textContent.includes('Play')).click()")
    tab.until("Number(document.querySelector('#period').value) > 13")
    assert tab.complaints == []


def test_the_theme_can_be_switched(tab: browser.Page) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = tab.run(colour)
    tab.run("[...document.querySelectorAll('button')].find(b => b.textContent.includes('dark')).click()")
    assert tab.run(colour) != light
    tab.run("[...document.querySelectorAll('button')].find(b => b.textContent.includes('dark')).click()")


def test_a_figures_data_can_be_downloaded(tab: browser.Page, tmp_path: Path) -> None:
    tab.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    tab.run("document.getElementById('tab-costs').click()")
    tab.run("[...document.querySelectorAll('button')].find(b => b.offsetParent && b.textContent.includes('CSV')).click()")
    tab.until("true")
    for _ in range(200):
        files = [path for path in tmp_path.iterdir() if path.suffix == ".csv"]
        if files:
            break
        tab.run("new Promise(done => setTimeout(done, 50))")
    (file,) = files
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 5
    assert "central_ideal" in json.dumps(lines)

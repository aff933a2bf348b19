"""The page: what it shows, that nothing of it is loaded or run, and how a browser takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lxml.html
import pytest

from broker.reports import html
from broker.reports.night import Entry, Night, Part, Report, Row, ServiceScore
from tests.broker.reports.nights import HISTORY, row, whole
from tests.browser import browser, find

HOSTILE = "</td><script>document.title='taken'</script><img src=x onerror=document.title='taken'>\u202e\x1b[31m&amp;"


def read(report: Report) -> Any:
    return lxml.html.fromstring(html.page(report))


def text(document: Any, path: str) -> str:
    [found] = document.xpath(path)
    return " ".join(found.text_content().split())


def hostile() -> Night:
    """Every text that may come from elsewhere is hostile."""
    made = row(
        HOSTILE, message=HOSTILE, service=HOSTILE, operation=HOSTILE, rule=HOSTILE, before=HOSTILE, after=[HOSTILE]
    )
    rows = [
        Row(finding=made.finding, source="probes", account=HOSTILE, fresh=True),
        Row(finding=row("b").finding, source="observed", reason=HOSTILE, until=HOSTILE),
    ]
    part = Part(service=HOSTILE, source="probes", account=HOSTILE, status="failed", words=[HOSTILE], rows=rows)
    entry = Entry(key=HOSTILE, reason=HOSTILE, until=HOSTILE)
    return Night(
        id=HOSTILE,
        begun_at="2026-03-01T03:00:00+00:00",
        ended_at="2026-03-01T03:20:00+00:00",
        parts=[part],
        errors=[HOSTILE],
        expired=[entry],
        unknown=[entry],
        over=[Row(finding=made.finding, source="probes")],
        fidelity=[ServiceScore(service=HOSTILE, contract=HOSTILE, mean=3, of=1, points={HOSTILE: 3})],
    )


def test_the_whole_page() -> None:
    document = read(Report(night=whole(), history=HISTORY))
    assert text(document, "//span[@id='verdict']") == "Not everything could be found out"
    assert "tiny probes at two: the account is locked" in text(document, "//section[@id='failures']")
    rows = {part: document.xpath(f"//*[@id='{part}']//tbody/tr") for part in ("new", "known", "accepted", "over")}
    assert {part: len(found) for part, found in rows.items()} == {"new": 2, "known": 1, "accepted": 1, "over": 1}
    first = " ".join(rows["new"][0].text_content().split())
    for words in (
        "breaking",
        "things.create",
        "response.200.body.a",
        "mock string, real 7",
        "2 environments",
        "since 2026-03-01",
    ):
        assert words in first
    assert "accepted until 2027-01-01: agreed with the maker" in rows["accepted"][0].text_content()
    assert "Accepted no longer" in text(document, "//section[@id='expired']")
    assert "Acceptances of nothing" in text(document, "//section[@id='unknown']")
    assert "contract" in text(document, "//section[@id='advice']")
    assert len(document.xpath("//section[@id='parts']//tbody/tr")) == len(whole().parts)
    assert "71" in text(document, "//section[@id='fidelity']//tbody/tr/td[2]")
    assert [bar.get("class") for bar in document.xpath("//div[@class='nights']/i")] == ["clean", "drift", "failed"]
    [entries, *_] = document.xpath("//pre")
    assert f'- key: "{whole().fresh[0].key}"' in entries.text_content()


def test_only_what_is_new() -> None:
    document = read(Report(night=whole(), since_last=True))
    assert len(document.xpath("//*[@id='new']//tbody/tr")) == 2
    assert document.xpath("//*[@id='known' or @id='accepted' or @id='over' or @id='unknown' or @id='history']") == []
    assert document.xpath("//*[@id='expired']"), "what counts again is news"


def test_a_night_without_drift() -> None:
    clean = Night(
        id="ngt_1", begun_at="2026-03-01T03:00:00+00:00", parts=[Part(service="tiny", source="observed", status="done")]
    )
    document = read(Report(night=clean))
    assert text(document, "//span[@id='verdict']") == "No drift"
    assert "Nothing is new." in text(document, "//section[@id='new']")
    assert document.xpath("//*[@id='failures' or @id='advice']") == []
    late = read(Report(night=clean, late="the night of 2026-03-02 is not over"))
    assert "the night of 2026-03-02" in text(late, "//section[@id='failures']")
    assert text(late, "//span[@id='verdict']") != "No drift"


def test_what_has_no_room_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_ROWS", 1)
    document = read(Report(night=whole()))
    assert "… and 1 more" in text(document, "//section[@id='new']")


def test_nothing_is_loaded_and_nothing_runs() -> None:
    for night in (whole(), hostile()):
        document = read(Report(night=night, history=HISTORY))
        assert document.xpath("//script | //link | //img | //iframe | //object | //@src | //@href | //@onerror") == []
        assert "@import" not in html.page(Report(night=night))
        assert "url(" not in html.page(Report(night=night))
        [policy] = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy == html.CONTENT_SECURITY_POLICY
    page = html.page(Report(night=hostile()))
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.browser
@pytest.mark.skipif(find() is None, reason="Chromium is not on this machine")
async def test_a_browser_shows_it(tmp_path: Path) -> None:
    page_file, bad_file = tmp_path / "drift.html", tmp_path / "hostile.html"
    page_file.write_text(html.page(Report(night=whole(), history=HISTORY)))
    bad_file.write_text(html.page(Report(night=hostile(), history=HISTORY)))
    async with browser(tmp_path) as page:
        await page.open(page_file)
        assert await page.value("document.title") == "Drift, night of 2026-03-01"
        for width in (1280, 420):
            await page.window(width)
            assert await page.value("document.documentElement.scrollWidth") <= width, "the page itself does not scroll"
        # The sheet is in force: the verdict has its colour, readable in both schemes.
        for scheme in ("light", "dark"):
            await page.scheme(scheme)
            for name in (".pill", ".tag.breaking", ".tag.risky", ".note", "code.key"):
                assert await page.value(CONTRAST % name) >= 4.5, (scheme, name)
        # What is folded opens without a script.
        assert await page.value("document.querySelector('#accepted table').checkVisibility()") is False
        await page.value("document.querySelector('#accepted > summary').click()")
        assert await page.value("document.querySelector('#accepted table').checkVisibility()") is True
        assert await page.value("document.querySelectorAll('.nights i')[1].getBoundingClientRect().height") > 3
        await page.open(bad_file)
        assert (await page.value("document.title")).startswith("Drift, night of")
        assert await page.value("document.scripts.length + document.images.length") == 0
        assert page.complaints == []
        assert {request.split("/")[-1] for request in page.requests} == {"drift.html", "hostile.html"}


#: The contrast of an element's text, as https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio says.
CONTRAST = """(() => {
  const parts = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => parts(color).slice(0, 3).map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const element = document.querySelector('%s');
  let behind = element;
  while (parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const pair = [light(getComputedStyle(element).color), light(getComputedStyle(behind).backgroundColor)].sort();
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
})()"""

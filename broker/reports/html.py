"""A night as one HTML page that needs nothing else: no script, no file, no address. Text from elsewhere is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from broker.reports.night import (
    ADVICE,
    SIDES,
    SOURCES,
    Entry,
    Part,
    Report,
    Row,
    ServiceScore,
    Verdict,
    acceptances,
    figures,
    plain,
)

#: Nothing may be loaded, and nothing runs. The page carries it too, for when it is read from a file.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
#: Rows of one table, characters of a value, operations with the lowest scores.
_ROWS, _VALUE, _LOWEST = 500, 120, 8

_STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2128;--soft:#5b6470;--line:#dfe3e8;--red:#c62828;
--amber:#a15c00;--green:#1b7f3b;--redbg:#fdecec;--amberbg:#fff4e0;--greenbg:#e8f6ec;--code:#eef1f4}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--card:#1d2127;--ink:#e6e9ed;--soft:#9aa4b0;--line:#333a43;
--red:#ff8a80;--amber:#ffc46b;--green:#7fd79a;--redbg:#3a1f1f;--amberbg:#3a2e17;--greenbg:#1b3324;--code:#2a3038}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;margin:0;background:var(--bg);color:var(--ink)}
main{max-width:76rem;margin:0 auto;padding:1.5rem}h1{font-size:1.5rem;margin:0}
h2{font-size:1.1rem;margin:2rem 0 .6rem}header{display:flex;flex-wrap:wrap;gap:.8rem;align-items:center}
header p{margin:0;color:var(--soft)}.pill{border-radius:99px;padding:.15rem .8rem;font-weight:600}
.failed,.breaking{background:var(--redbg);color:var(--red)}.drift,.risky{background:var(--amberbg);color:var(--amber)}
.clean,.safe,.done{background:var(--greenbg);color:var(--green)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:1.2rem 0}
.card,.box,table{background:var(--card);border:1px solid var(--line);border-radius:8px}.card{padding:.8rem 1rem}
.card b{display:block;font-size:1.7rem;line-height:1.2}.card span,.note{color:var(--soft);font-size:.86rem}
.box{padding:.8rem 1rem;margin:1rem 0}.box.failed,.box.drift{background:var(--card);color:var(--ink)}
.box.failed{border-color:var(--red)}.box.drift{border-color:var(--amber)}
.box.failed h2{color:var(--red)}.box.drift h2{color:var(--amber)}
.box h2{margin:0 0 .3rem}.box ul{margin:0;padding-left:1.2rem}.wide{overflow-x:auto}
table{border-collapse:separate;border-spacing:0;width:100%}
th,td{text-align:left;vertical-align:top;padding:.45rem .7rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
thead th{border-top:0;font-size:.8rem;color:var(--soft);font-weight:600;white-space:nowrap}
code{font:13px/1.4 ui-monospace,monospace;unicode-bidi:isolate}.key{user-select:all;color:var(--soft)}
.tag{display:inline-block;border-radius:5px;padding:0 .45rem;font-size:.82rem;font-weight:600;white-space:nowrap}
pre{background:var(--code);padding:.8rem;border-radius:6px;overflow-x:auto;font:13px/1.45 ui-monospace,monospace}
summary{cursor:pointer;margin:.8rem 0 .5rem}summary h2{display:inline;margin:0}
.bar{background:var(--code);border-radius:4px;height:.6rem;min-width:6rem}
.bar i{display:block;height:100%;border-radius:4px;background:currentColor}
.nights{display:flex;align-items:end;gap:3px;height:60px}
.nights i{flex:0 1 14px;min-width:4px;border-radius:3px 3px 0 0;background:currentColor}
"""
_WORDS: dict[Verdict, str] = {"failed": "Not everything could be found out", "drift": "Drift", "clean": "No drift"}


def page(report: Report) -> str:
    """The whole document."""
    night = report.night
    body = [_head(report), _failures(report), _expired(night.expired), _cards(report)]
    body.append(_section("New since the night before", night.fresh, "Nothing is new.", report))
    if not report.since_last:
        body.append(_folded("Known drift", night.known, report, opened=len(night.known) <= 50))
        body.append(_folded("Accepted drift", night.accepted, report))
        body.append(_folded("Over: not found any more", night.over, report))
        body.append(_unknown(night.unknown))
    body += [_advice(report.rows), _parts(night.parts), _fidelity(night.fidelity), _history(report)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_text(report.title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def _text(value: Any) -> str:
    return escape(plain(str(value)))


def _code(value: Any, name: str = "") -> str:
    return f'<code class="{name}">{_text(value)}</code>' if name else f"<code>{_text(value)}</code>"


def _moment(text: str) -> str:
    return _text(text[:16].replace("T", " ") + " UTC") if text else "-"


def _head(report: Report) -> str:
    night = report.night
    return (
        f'<header><h1>{_text(report.title)}</h1><span class="pill {report.verdict}" id="verdict">'
        f"{_WORDS[report.verdict]}</span><p>{_moment(night.begun_at)} to {_moment(night.ended_at)}</p></header>"
    )


def _failures(report: Report) -> str:
    if not report.failures:
        return ""
    lines = "".join(f"<li>{_text(each)}</li>" for each in report.failures)
    return (
        f'<section class="box failed" id="failures"><h2>Could not be found out</h2><ul>{lines}</ul>'
        '<p class="note">What stands below is not the whole: nothing here may be taken for a green.</p></section>'
    )


def _expired(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    lines = "".join(f"<li>{_code(each.key)} until {_text(each.until)}: {_text(each.reason)}</li>" for each in entries)
    return (
        '<section class="box drift" id="expired"><h2>Accepted no longer</h2>'
        "<p>The time of these acceptances is over, and their drift is still there. It counts again.</p>"
        f"<ul>{lines}</ul></section>"
    )


def _unknown(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    lines = "".join(f"<li>{_code(each.key)}: {_text(each.reason)}</li>" for each in entries)
    return (
        '<section class="box" id="unknown"><h2>Acceptances of nothing</h2><p>Of these keys nothing was found: the '
        f"drift is over, or the key is wrong. Take them out of the file.</p><ul>{lines}</ul></section>"
    )


def _cards(report: Report) -> str:
    night = report.night
    done = sum(part.status == "done" for part in night.parts)
    cards = [
        ("new since the night before", len(night.fresh), figures(night.fresh)),
        ("known before", len(night.known), figures(night.known)),
        ("accepted for now", len(night.accepted), figures(night.accepted)),
        ("over", len(night.over), "not found any more"),
        ("parts found out", f"{done} of {len(night.parts)}", _failed(len(report.failures))),
    ]
    shown = "".join(
        f'<div class="card"><span>{name}</span><b>{count}</b><span>{_text(more)}</span></div>'
        for name, count, more in cards
    )
    return f'<div class="cards">{shown}</div>'


def _failed(count: int) -> str:
    return f"{count} failure{'s' * (count != 1)}" if count else "all of them"


def _section(title: str, rows: Sequence[Row], empty: str, report: Report) -> str:
    inner = _table(rows) + _snippet(report, rows) if rows else f"<p>{empty}</p>"
    return f'<section id="new"><h2>{title} ({len(rows)})</h2>{inner}</section>'


def _folded(title: str, rows: Sequence[Row], report: Report, *, opened: bool = False) -> str:
    if not rows:
        return ""
    word = title.split()[0].strip(":").lower()
    inner = _table(rows) + (_snippet(report, rows) if word == "known" else "")
    return (
        f'<details id="{word}"{" open" if opened else ""}><summary><h2>{title} ({len(rows)})</h2></summary>{inner}'
        "</details>"
    )


def _snippet(report: Report, rows: Sequence[Row]) -> str:
    return (
        "<details><summary>Entries for the file of accepted drift</summary>"
        f"<pre>{escape(acceptances(report.night, rows))}</pre></details>"
    )


def _table(rows: Sequence[Row]) -> str:
    head = "".join(
        f"<th>{each}</th>" for each in ("Severity", "Operation and place", "What differs", "Called by", "Where", "Key")
    )
    body = "".join(_row(row) for row in rows[:_ROWS])
    rest = f'<p class="note">… and {len(rows) - _ROWS} more: see the JSON.</p>' if len(rows) > _ROWS else ""
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}'


def _row(row: Row) -> str:
    finding = row.finding
    sides = zip(SIDES[row.source], (_value(finding.before), _value(finding.after)), strict=True)
    told = ", ".join(f"{side} {value}" for side, value in sides if value)
    change = f'<br><span class="note">{told}</span>' if told else ""
    accepted = f'<br><span class="note">accepted until {_text(row.until)}: {_text(row.reason)}</span>'
    where = f"{row.source} {row.account}".strip()
    return (
        f'<tr><td><span class="tag {finding.severity}">{finding.severity}</span></td>'
        f"<td>{_text(finding.service)} {_code(finding.operation or 'the API')}<br>{_code(finding.place)}</td>"
        f"<td>{_text(finding.message)}{change}{'' if row.counts else accepted}<br>{_code(finding.rule, 'key')}</td>"
        f"<td>{_callers(row.callers)}</td>"
        f'<td>{_text(where)}<br><span class="note">since {_text(row.since[:10] or "-")}</span></td>'
        f"<td>{_code(row.key, 'key')}</td></tr>"
    )


def _value(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return _code(text if len(text) <= _VALUE else text[:_VALUE] + "…")


def _callers(callers: int | None) -> str:
    if callers is None:
        return "-"
    return f"<b>{callers}</b> environment{'s' * (callers != 1)}" if callers else "nobody now"


def _advice(rows: Iterable[Row]) -> str:
    found = {row.source for row in rows}
    lines = "".join(f"<li><b>{source}</b>: {_marked(ADVICE[source])}</li>" for source in SOURCES if source in found)
    return f'<section class="box" id="advice"><h2>What to do</h2><ul>{lines}</ul></section>' if lines else ""


def _marked(text: str) -> str:
    """Our own words, in which backquotes stand around commands."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))


def _parts(parts: Sequence[Part]) -> str:
    rows = "".join(
        f"<tr><td>{_text(part.service)}</td><td>{part.source}</td><td>{_text(part.account or '-')}</td>"
        f'<td><span class="tag {part.status}">{part.status}</span></td><td>{_compared(part)}</td>'
        f"<td>{_text(figures(part.rows))}{_text(f' and {part.more} more' if part.more else '')}</td>"
        f"<td>{_moment(part.ended_at)}</td></tr>"
        for part in parts
    )
    head = "".join(f"<th>{each}</th>" for each in ("Service", "By", "Account", "Status", "Compared", "Drift", "Ended"))
    return (
        f'<section id="parts"><h2>What was looked at</h2><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _compared(part: Part) -> str:
    if part.source != "probes":
        return "-"
    return f"{part.passed} agreed, {part.failed} differed, {part.skipped} skipped"


def _fidelity(found: Sequence[ServiceScore]) -> str:
    if not found:
        return ""
    rows = []
    for each in found:
        lowest = sorted(each.points.items(), key=lambda pair: (pair[1], pair[0]))[:_LOWEST]
        bar = f'<div class="bar"><i style="width:{each.mean or 0}%"></i></div>'
        rows.append(
            f"<tr><td>{_text(each.service)} {_code(each.contract)}</td>"
            f"<td>{'unmeasured' if each.mean is None else each.mean}{bar}</td>"
            f"<td>{len(each.points)} of {each.of}</td>"
            f"<td>{', '.join(f'{_code(name)} {points}' for name, points in lowest) or '-'}</td></tr>"
        )
    head = "".join(f"<th>{each}</th>" for each in ("Service", "Mean score", "Operations measured", "The lowest"))
    return (
        f'<section id="fidelity"><h2>Fidelity scores</h2><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _history(report: Report) -> str:
    nights = list(reversed(report.history))
    if len(nights) < 2:
        return ""
    most = max(1, *(sum(night["counts"].values()) for night in nights))
    bars = []
    for night in nights:
        total = sum(night["counts"].values())
        about = _text(f"{night['begun_at'][:10]}: {night['verdict']}, {total} counted")
        height = max(4, round(60 * total / most))
        bars.append(f'<i class="{_text(night["verdict"])}" style="height:{height}px" title="{about}"></i>')
    return (
        f'<section id="history"><h2>The last {len(nights)} nights</h2><div class="box"><div class="nights">'
        f'{"".join(bars)}</div><p class="note">Height: drift that counts; the colour is the verdict. Newest at the '
        "right.</p></div></section>"
    )

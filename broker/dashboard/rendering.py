"""Templates: Jinja2 with escaping always on and undefined names refused, and the filters that pages share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from broker.dashboard import assets, trees
from broker.dashboard.page import HOME

#: Below how many seconds which unit is said, and the smaller one beside it where the number is small.
_STEPS = (
    (60, 1, "s", 0, ""),
    (3600, 60, "min", 0, ""),
    (86400, 3600, "h", 60, "min"),
    (86400 * 400, 86400, "d", 3600, "h"),
)


def moment(at: str | datetime) -> datetime:
    """A time as the control API writes it, or as it is."""
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)


def span(seconds: float) -> str:
    """``12 s``, ``5 min``, ``3 h 20 min``, ``6 d 23 h``, ``40 d``: rounded down. The script does the same."""
    for below, unit, name, smaller, beside in _STEPS:
        if seconds < below:
            count, rest = divmod(seconds, unit)
            more = f" {int(rest // smaller)} {beside}" if smaller and count < 10 and rest >= smaller else ""
            return f"{int(count)} {name}{more}"
    return f"{int(seconds // (86400 * 365))} y"


def exact(at: str | datetime) -> str:
    """``2026-11-27 09:30:00.123 UTC``"""
    when = moment(at).astimezone(UTC)
    return f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03} UTC"


def relative(at: str | datetime, now: datetime) -> str:
    """``5 min ago``, ``in 3 d``, ``just now``."""
    gone = (now - moment(at)) / timedelta(seconds=1)
    if abs(gone) < 1:
        return "just now"
    return f"{span(gone)} ago" if gone > 0 else f"in {span(-gone)}"


def ago(at: str | datetime | None, now: datetime) -> Markup:
    """A time, relative to now and exact in its title; the script keeps it up to date."""
    if at is None:
        return Markup('<span class="muted">-</span>')
    return Markup('<time datetime="{}" title="{}" data-ago>{}</time>').format(
        moment(at).astimezone(UTC).isoformat(), exact(at), relative(at, now)
    )


def size(count: float | None) -> str:
    """``0 B``, ``1.5 KiB``, ``25 MiB``"""
    if count is None:
        return "-"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"


def milliseconds(value: float | None) -> str:
    """``0.4 ms``, ``12 ms``, ``1.2 s``"""
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"


def number(value: float) -> str:
    """``12 345``, with thin spaces."""
    return f"{value:,}".replace(",", "\u202f")


def within(path: str, name: str, service: str | None) -> str:
    """A path without its beginning that says which environment and service it is of."""
    beginning = f"/e/{name}/{service}"
    return path[len(beginning) :] or "/" if path.startswith((beginning + "/", beginning + "?")) else path


def written(value: Any, indent: int | None = None) -> str:
    """JSON as text, which is escaped as any other. Jinja's own filter of that name answers markup, which is none within
    the quotes of an attribute."""
    return json.dumps(value, indent=indent, ensure_ascii=False, default=str)


#: How good or bad a word of ours is, for the colour of its chip; every other word is plain.
TONES: Mapping[str, str] = {
    **dict.fromkeys(("open", "delivered", "ok", "ready", "live", "passed", "stateful", "real", "good"), "good"),
    **dict.fromkeys(("closing", "pending", "deferred", "generated", "stale", "deleting", "warn", "fork"), "warn"),
    **dict.fromkeys(("failed", "stuck", "bounce", "dropped", "incident", "refuse", "bad", "missing", "wrong"), "bad"),
    **dict.fromkeys(("mock", "sandbox", "record", "replay", "recorded", "frozen"), "info"),
}


def tone(word: object) -> str:
    """Of a word, or of an HTTP status."""
    if isinstance(word, int):
        return "bad" if word >= 500 else "warn" if word >= 400 else "info" if word >= 300 else "good"
    return TONES.get(str(word).lower(), "plain")


def with_query(query: Mapping[str, Any], **changes: Any) -> str:
    """The query of a page with some values changed; None and empty ones are left out."""
    return urlencode(
        {name: str(value) for name, value in {**query, **changes}.items() if value not in (None, "", False)}
    )


class Templates:
    """Renders by the template's name. ``shared`` is what every template sees."""

    def __init__(self, **shared: Any) -> None:
        self._environment = Environment(
            loader=PackageLoader("broker.dashboard"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "exact": exact,
            "size": size,
            "ms": milliseconds,
            "number": number,
            "tone": tone,
            "span": span,
            "within": within,
            "tojson": written,
            "jsontree": trees.tree,
        }
        self._environment.globals |= {
            "home": HOME,
            "assets": assets.names(),
            "ago": ago,
            "relative": relative,
            "with_query": with_query,
        }
        self._environment.globals |= shared

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """The page."""
        return self._environment.get_template(template).render(context)

    def macro(self, template: str, name: str) -> Any:
        """A macro of a template, to render a part without its page."""
        return getattr(self._environment.get_template(template).module, name)

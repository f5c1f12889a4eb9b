"""One self-contained HTML page, to be read in a minute: counts, then what needs a look, then what was kept.

Areas with the worst rows come first; the kept rows of an area are folded into one line. Light and dark, and
no scripts.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from specs.report.record import LEVELS, counted

if TYPE_CHECKING:
    from specs.report.record import Detail, Report, Row, Span

# The page loads nothing, and nothing in it runs.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root{color-scheme:light dark;--ink:#1c2127;--dim:#5b6570;--paper:#fff;--card:#f6f7f9;--line:#d8dde3;
--fail:#b42318;--warn:#96600a;--note:#2b5fa8;--unknown:#6b4fa0;--skip:#5b6570;--pass:#1d7544}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--dim:#9aa5b1;--paper:#15181c;--card:#1e2228;
  --line:#343b44;
--fail:#ff8a80;--warn:#f0b957;--note:#8ab8ff;--unknown:#c5aef5;--skip:#9aa5b1;--pass:#6fd29a}
}
body{overflow-wrap:anywhere;margin:0 auto;max-width:70rem;padding:1.5rem;
font:15px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--paper)}
h1{font-size:1.5rem;margin:0 0 .5rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem;color:var(--dim)}
dd{margin:0}
.grid{overflow-x:auto;overflow-wrap:normal}
.grid table{border-collapse:collapse}
.grid th,.grid td{border:1px solid var(--line);padding:.2rem .6rem;text-align:right}
.grid th[scope=row],.grid th:first-child{text-align:left}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;list-style:none}
.counts li,.verdict{border:1px solid currentColor;border-radius:1rem;padding:.05rem .6rem;
  font-size:.85rem;
white-space:nowrap}
details.row{border:1px solid var(--line);border-left:4px solid currentColor;border-radius:.3rem;
background:var(--card);margin:.4rem 0}
details.row>summary{padding:.5rem .7rem;cursor:pointer}
details.row>div{padding:0 .9rem .8rem;color:var(--ink)}
details.kept>summary{cursor:pointer;color:var(--pass);padding:.3rem .7rem}
summary .title{color:var(--ink)}
.dim,.id{color:var(--dim);font-size:.85rem}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{background:var(--paper);border:1px solid var(--line);border-radius:.3rem;padding:.5rem;overflow:auto;
  max-height:30rem;
white-space:pre-wrap;margin:.2rem 0}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:.8rem}
@media(max-width:45rem){.sides{grid-template-columns:1fr}
}
.track{position:relative;height:1.5rem;border-bottom:1px solid var(--line)}
.track i{position:absolute;top:.2rem;height:1.1rem;min-width:3px;background:currentColor;opacity:.45;
  border-radius:2px}
.track span{position:absolute;left:.3rem;font-size:.8rem;color:var(--ink)}
.fail{color:var(--fail)}
.warn{color:var(--warn)}
.note{color:var(--note)}
.unknown{color:var(--unknown)}
.skip{color:var(--skip)}
.pass{color:var(--pass)}
"""


def html_page(report: Report) -> str:
    """The report as one page without any outside asset. Failed rows are open, the others folded."""
    counts = "".join(
        f'<li class="{level}">{_text(counted(n, verdict))}</li>' for verdict, level, n in report.verdicts()
    )
    facts = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in report.facts)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{_text(report.title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{_text(report.title)}</h1>",
        f'<ul class="counts">{counts or "<li>nothing found</li>"}</ul>',
        f"<dl>{facts}</dl>" if facts else "",
        _grid(report.grid),
        *(_area(area, rows) for area, rows in sorted(report.areas(), key=_worst)),
        f'<p class="dim">{_text(f"{report.tool} {report.version}".strip())}</p>',
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _grid(grid: tuple[tuple[str, ...], ...]) -> str:
    if not grid:
        return ""
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in grid[0])
    lines = ""
    for name, *cells in grid[1:]:
        inner = "".join(f"<td>{_text(cell)}</td>" for cell in cells)
        lines += f'<tr><th scope="row">{_text(name)}</th>{inner}</tr>'
    return f'<div class="grid"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def _worst(area: tuple[str, tuple[Row, ...]]) -> int:
    """The rank of an area's worst row; sorting by it keeps the order of equals."""
    return min((LEVELS.index(row.level) for row in area[1]), default=len(LEVELS))


def _area(area: str, rows: tuple[Row, ...]) -> str:
    heading = f"<h2>{_text(area)}</h2>\n" if area else ""
    shown = "\n".join(_row(row) for row in rows if row.level != "pass")
    return f"<section>{heading}{shown}{_kept([row for row in rows if row.level == 'pass'])}</section>"


def _kept(rows: list[Row]) -> str:
    """The rows that ask for nothing, behind one line: "12 kept"."""
    if not rows:
        return ""
    verdicts = ", ".join(dict.fromkeys(row.verdict for row in rows))
    inner = "\n".join(_row(row) for row in rows)
    return f'\n<details class="kept"><summary>{len(rows)} {_text(verdicts)}</summary>\n{inner}</details>'


def _row(row: Row) -> str:
    operation = f"<code>{_text(row.operation)}</code> " if row.operation else ""
    parts = [
        f'<details class="row {row.level}"{" open" if row.level == "fail" else ""}>',
        f'<summary><span class="verdict">{_text(row.verdict)}</span>',
        f'<span class="title">{operation}{_text(row.title)}</span>',
        f'<span class="id">{_text(row.id)}</span></summary><div>',
        *(f"<p>{_text(line)}</p>" for line in row.text.split("\n") if line),
        *(f"<div><code>{_text(str(place))}</code></div>" for place in row.places),
        *(_detail(detail) for detail in row.details),
        _timeline(row.timeline),
        f'<p class="dim">{_text(row.explanation)}</p>' if row.explanation not in ("", row.text) else "",
        f'<p class="dim">fingerprint <code>{_text(row.fingerprint)}</code></p>' if row.fingerprint else "",
        "</div></details>",
    ]
    return "\n".join(part for part in parts if part)


def _detail(detail: Detail) -> str:
    block = f'<div class="dim">{_text(detail.title)}</div><pre>{_text(detail.text)}</pre>'
    if not detail.beside:
        return f"<div>{block}</div>"
    other = f'<div class="dim">{_text(detail.beside_title)}</div><pre>{_text(detail.beside)}</pre>'
    return f'<div class="sides"><div>{block}</div><div>{other}</div></div>'


def _timeline(spans: tuple[Span, ...]) -> str:
    if not spans:
        return ""
    whole = max(1, *(span.end_ms for span in spans))
    tracks = []
    for span in spans:
        left, width = 100 * span.start_ms / whole, 100 * (span.end_ms - span.start_ms) / whole
        label = f"{span.label} ({span.start_ms}–{span.end_ms} ms)"
        tracks.append(
            f'<div class="track {span.level}"><i style="left:{left:.2f}%;width:{width:.2f}%"></i>'
            f"<span>{_text(label)}</span></div>"
        )
    return '<div class="timeline">' + "".join(tracks) + "</div>"


def _text(text: str) -> str:
    return html.escape(text, quote=True)

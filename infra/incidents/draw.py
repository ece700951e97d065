"""A message as plain text, as HTML, and as a line or three of a chat."""

from __future__ import annotations

import html
from collections.abc import Iterator

from infra.incidents.words import HEADER, Message, Part

RED, GREEN = "#c62828", "#1a7f37"
CELL = "padding:3px 16px 3px 0;text-align:left;white-space:nowrap"
WIDTHS = (16, 22, 22, 6)


def text(message: Message) -> str:
    """Plain text."""
    return "\n\n".join([message.subject, *("\n".join(_text_lines(part)) for part in message.parts)]) + "\n"


def page(message: Message) -> str:
    """HTML that needs nothing from outside, for mail readers that know little of it."""
    colour = GREEN if message.good else RED
    body = "".join(_html_part(part) for part in message.parts)
    return (
        '<!doctype html><html><body style="margin:0;background:#f4f5f7">'
        '<div style="font:15px/1.5 -apple-system,Segoe UI,Helvetica,Arial,sans-serif;color:#1f2937;max-width:680px;'
        f'margin:24px auto;background:#fff;border-top:6px solid {colour};padding:20px 28px 24px">'
        f'<h1 style="font-size:20px;margin:0 0 8px;color:{colour}">{html.escape(message.subject)}</h1>{body}'
        '<p style="margin:20px 0 0;font-size:12px;color:#6b7280">Sent by Touchstone.</p></div></body></html>'
    )


def chat(message: Message) -> str:
    """A few lines in the small mark-up of Slack and those who copy it."""
    sign = ":white_check_mark:" if message.good else ":rotating_light:"
    lines = [f"{sign} *{message.subject}*"]
    for title in (
        "What happened",
        "Since when",
        "What is still served",
        "What it touches",
        "Still open",
        "What to do",
    ):
        told = " ".join([*message.part(title).lines, *message.part(title).steps])
        lines += [f"*{title}:* {told}"] if told else []
    return "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text_lines(part: Part) -> Iterator[str]:
    yield part.title.upper()
    yield from part.lines
    yield from (f"{number}. {step}" for number, step in enumerate(part.steps, start=1))
    if part.rows:
        yield ""
        for row in (HEADER, *part.rows):
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, WIDTHS, strict=True)).rstrip()


def _html_part(part: Part) -> str:
    shown = f'<h2 style="font-size:14px;margin:18px 0 2px">{html.escape(part.title)}</h2>'
    shown += "".join(f'<p style="margin:0">{_marked(line)}</p>' for line in part.lines)
    if part.steps:
        items = "".join(f"<li>{_marked(step)}</li>" for step in part.steps)
        shown += f'<ol style="margin:0;padding-left:20px">{items}</ol>'
    return shown + (_html_table(part) if part.rows else "")


def _html_table(part: Part) -> str:
    head = "".join(
        f'<th style="{CELL};color:#6b7280;font-weight:600">{html.escape(one)}</th>' for one in HEADER
    )
    body = "".join(f"<tr>{''.join(_html_cell(cell) for cell in row)}</tr>" for row in part.rows)
    return (
        f'<table style="border-collapse:collapse;font-size:13px;margin-top:8px"><tr>{head}</tr>{body}</table>'
    )


def _html_cell(cell: str) -> str:
    strong = f";color:{RED};font-weight:600" if cell in ("failed", "late") else ""
    return f'<td style="{CELL}{strong}">{html.escape(cell)}</td>'


def _marked(line: str) -> str:
    """Commands, which stand between backticks, in a fixed width."""
    pieces = html.escape(line).split("`")
    return "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))

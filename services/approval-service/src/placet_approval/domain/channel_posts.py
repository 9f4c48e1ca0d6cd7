"""What is posted to Slack and Teams of the sign-offs that wait, so that nothing which people wrote is more than text there.

Slack: a message of blocks whose texts are of the type `plain_text`, in which no mention, link or format is read; `&`, `<` and `>` are
escaped all the same. At most 50 blocks, and some 13,000 characters in all.
Teams: an Adaptive Card in a message, as a Workflow takes it ("when a Teams webhook request is received"); at most 28 KB. No Markdown is
read in a `RichTextBlock`, as it would be in a `TextBlock`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from placet_approval.domain.channel import ChannelKind
from placet_approval.domain.told import Told, details, headline, how_many

__all__ = ["post_of", "trial_post"]

SHOWN = 10
ITEM_LENGTH = 400
SLACK_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# An operator's own address, of which what Slack reads as the end of a link is encoded.
LINK_SAFE = "!#$&'()*+,/:;=?@[]%~-._"

COMMAND = "See them all: placet inbox"

Post = Mapping[str, Any]


def post_of(kind: ChannelKind, told: Sequence[Told], link: str | None) -> Post:
    """The most urgent first; what is too long is cut."""
    more = [f"and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
    return _post(kind, f"{how_many(told).capitalize()} for people here", [_item(one) for one in told[:SHOWN]], [*more, COMMAND], link)


def trial_post(kind: ChannelKind) -> Post:
    """A post that tells of nothing."""
    return _post(kind, "A test from Placet", ["What waits for people here will be posted like this."], [], None)


def _post(kind: ChannelKind, title: str, items: Sequence[str], end: Sequence[str], link: str | None) -> Post:
    make = _slack if kind == "slack" else _teams
    return make(title, items, end, quote(link, safe=LINK_SAFE) if link else None)


def _item(one: Told) -> str:
    lines = [headline(one), *details(one, by_name=False), f"placet signoff show {one.sign_off_id}"]
    text = "\n".join(lines)
    return text if len(text) <= ITEM_LENGTH else f"{text[: ITEM_LENGTH - 1]}…"


def _slack(title: str, items: Sequence[str], end: Sequence[str], link: str | None) -> Post:
    texts = [title, *items, *end]
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": _escaped(text), "emoji": False}} for text in texts]
    if link:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": f"<{_escaped(link)}|Open Placet>", "verbatim": True}})
    return {"text": title, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _escaped(text: str) -> str:
    return "".join(SLACK_ESCAPES.get(character, character) for character in text)


def _teams(title: str, items: Sequence[str], end: Sequence[str], link: str | None) -> Post:
    body = [_line(title, weight="Bolder"), *(line for text in (*items, *end) for line in _paragraph(text))]
    actions = {"actions": [{"type": "Action.OpenUrl", "title": "Open Placet", "url": link}]} if link else {}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": body,
        **actions,
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}],
    }


def _paragraph(text: str) -> Iterator[Post]:
    """A block for each line: a line break within one is not shown by all clients."""
    first, *others = text.splitlines()
    yield {**_line(first), "separator": True}
    yield from ({**_line(line), "spacing": "None"} for line in others)


def _line(text: str, **looks: str) -> Post:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}

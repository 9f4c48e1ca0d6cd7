"""What is posted to Slack and Teams: in the format of each, short enough, and nothing that people wrote is more than text."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from placet_approval.domain.channel import Channel
from placet_approval.domain.channel_posts import post_of, trial_post
from placet_approval.domain.mail_times import MailTimes
from placet_approval.domain.told import Told
from placet_shared.errors import Malformed, NotFound

AT = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)
WORST = (
    "<!channel> <@U123> <https://evil.example|click> [click](https://evil.example) **b** `c` {{DATE(2026)}} @{here} & \u202e\x1b[2J\r\n# x "
)


def told(**changes: Any) -> Told:
    values: dict[str, Any] = {
        "sign_off_id": "01", "model": "fraud/3", "environment": "prod", "what": "sign", "roles": ["reviewer"], "policy_version": 2,
        "runs_now": False, "approved_until": None, "for_whom": ["carol"],
    }  # fmt: skip
    return Told(**{**values, **changes})


def slack_texts(post: Any) -> Iterator[str]:
    """As Slack takes it: raises for what is none of its blocks."""
    assert set(post) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert 1 <= len(post["blocks"]) <= 50
    for block in post["blocks"]:
        assert block["type"] == "section"
        assert 1 <= len(block["text"]["text"]) <= 3000
        assert block["text"]["type"] == "plain_text" or block["text"]["text"].endswith("|Open Placet>")
        yield block["text"]["text"]


def teams_texts(post: Any) -> Iterator[str]:
    """As a Workflow takes it: raises for what is none of its cards."""
    [attachment] = post["attachments"]
    assert (post["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.2")
    paragraphs: list[str] = []
    for block in card["body"]:
        assert block["type"] == "RichTextBlock"
        [run] = block["inlines"]
        assert run["type"] == "TextRun"
        assert "\n" not in run["text"]
        paragraphs += [f"{paragraphs.pop()}\n{run['text']}" if block.get("spacing") == "None" else run["text"]]
    yield from paragraphs


def test_a_post_to_slack_says_what_waits_and_has_one_link() -> None:
    post = post_of("slack", [told(ends_at=AT)], "https://placet.example.org/a|b>c")
    title, item, command, link = slack_texts(post)
    assert title == post["text"] == "A sign-off waits for people here"
    for line in ("fraud/3 → prod", "asked to sign as reviewer, or in the place of another person, by policy version 2",
                 "to be decided until 2026-11-28 06:30 UTC, or it expires", "placet signoff show 01"):  # fmt: skip
        assert line in item.splitlines()
    assert command == "See them all: placet inbox"
    assert link == "<https://placet.example.org/a%7Cb%3Ec|Open Placet>"


def test_a_post_to_teams_says_what_waits_and_has_one_link() -> None:
    post = post_of("teams", [told(), told(sign_off_id="02")], "https://placet.example.org/")
    title, *items, command = teams_texts(post)
    assert (title, len(items), command) == ("2 sign-offs wait for people here", 2, "See them all: placet inbox")
    [action] = post["attachments"][0]["content"]["actions"]
    assert (action["type"], action["url"]) == ("Action.OpenUrl", "https://placet.example.org/")


def test_no_person_is_named_where_a_post_leaves_the_installation() -> None:
    assert all(b"carol" not in orjson.dumps(post_of(kind, [told()], None)) for kind in ("slack", "teams"))


def test_what_people_wrote_is_text_in_slack() -> None:
    post = post_of("slack", [told(model=WORST, environment=WORST, roles=[WORST])], None)
    _, item, _ = slack_texts(post)
    assert not {"<", ">", "\x1b", "\r", "\u202e"} & {*item}
    assert item.startswith("&lt;!channel&gt; &lt;@U123&gt;")
    assert [block["text"]["emoji"] for block in post["blocks"]] == [False] * 3


def test_what_people_wrote_is_text_in_teams() -> None:
    _, item, _ = teams_texts(post_of("teams", [told(model=WORST)], None))
    assert item.startswith("<!channel>")
    assert not {"\x1b", "\r", "\u202e"} & {*item}


@pytest.mark.parametrize("text", ["x" * 80_000, "&" * 80_000, "😀" * 80_000, '"' * 80_000], ids=["x", "&", "emoji", "quotes"])
def test_eighty_kilobytes_of_text_are_cut(text: str) -> None:
    many = [told(sign_off_id=f"{number}", model=text, environment=text, roles=[text]) for number in range(1000)]
    slack, teams = post_of("slack", many, None), post_of("teams", many, None)
    assert sum(map(len, slack_texts(slack))) <= 25_000
    assert len(slack["blocks"]) == 13
    assert len(orjson.dumps(teams)) <= 28 * 1024
    assert "and 990 more" in [*teams_texts(teams)]


def test_a_trial_tells_of_nothing() -> None:
    assert [*slack_texts(trial_post("slack"))] == [*teams_texts(trial_post("teams"))]


def channel(**changes: Any) -> Channel:
    values: dict[str, Any] = {"kind": "slack", "roles": ["reviewer"], "person_id": None, "frequency": "at_once", "times": MailTimes()}
    return Channel.add("c", host="hooks.slack.com", url_sha256="0" * 64, at=AT, **{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "irc"},
        {"frequency": "off"},
        {"roles": []},
        {"person_id": "p"},
        {"roles": ["No Role"]},
        {"times": MailTimes(24)},
        {"times": MailTimes(quiet_from=1)},
        {"times": MailTimes(time_zone="Mars/Base")},
    ],
)
def test_what_can_t_be_meant_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        channel(**changes)


def test_a_channel_that_was_removed_is_neither_tested_nor_removed_again() -> None:
    gone = channel()
    gone.remove(AT)
    for act in (gone.test, gone.remove):
        with pytest.raises(NotFound):
            act(AT)

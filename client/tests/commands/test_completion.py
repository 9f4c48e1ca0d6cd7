"""What a shell offers while a command is typed, at a service that says what a test tells it to."""

import threading
from typing import Any

import pytest

from placet_client.commands.completion import offer_of

AT = "2026-11-23T14:05:09.000001Z"


@pytest.fixture
def offered(service: Any, monkeypatch: pytest.MonkeyPatch, placet: Any, says: Any, model: Any) -> Any:
    """The words that bash would offer in place of the last one."""
    for name in ("REGISTRY", "VERIFICATION", "APPROVAL", "AUDIT"):
        monkeypatch.setenv(f"PLACET_{name}_URL", service.url)
    monkeypatch.setenv("PLACET_TOKEN", "placet_" + "t" * 40)
    environments = [{"name": name, "place": 1, "defined_at": AT, "defined_by": "p"} for name in ("dev", "prod")]
    service.by_path |= {
        "/v1/models": lambda _: says(200, {"items": [model, {**model, "name": "churn"}]}),
        "/v1/environments": lambda _: says(200, {"items": environments}),
    }

    def complete(*words: str) -> list[str]:
        monkeypatch.setenv("_PLACET_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(("placet", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        ended = placet()
        monkeypatch.delenv("_PLACET_COMPLETE")
        assert (ended.code, ended.err) == (0, "")
        return list(ended.out.split())

    return complete


def test_names_of_models_that_begin_as_the_word_does(offered: Any) -> None:
    assert offered("gate", "fr") == ["fraud"]


def test_environments_after_their_option(offered: Any) -> None:
    assert offered("gate", "fraud/1", "-e", "p") == ["prod"]


HOSTILE = (
    "fr$(touch pwned)",
    "fr`id`",
    "fr;id",
    "fr id",
    "fr|id",
    "fr&",
    "fr>pwned",
    "fr'a",
    'fr"a',
    "fr*",
    "fr~",
    "fr!!",
    "fr\\a",
    "fr\nid",
    "fr{a,b}",
    "fr#",
)


def test_name_that_a_shell_would_not_take_as_a_word_is_not_offered(offered: Any, service: Any, says: Any, model: Any) -> None:
    """It would stand on the command line as it is, and the next Enter would run it."""
    names = ("fraud", *HOSTILE, "früh.2_x-y@z+1=%,:")
    service.by_path["/v1/models"] = lambda _: says(200, {"items": [{**model, "name": name} for name in names]})
    assert offered("gate", "fr") == ["fraud", "früh.2_x-y@z+1=%,:"]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_said_of_a_word_holds_nothing_that_a_shell_would_run(name: str) -> None:
    """zsh and fish get it beside the word, and zsh evaluates what it gets."""
    offer = offer_of("0193a1f2-7c1e", f"{name}/1 for prod, open")
    assert offer
    assert not set(offer[1]) & set("$`;|&<>'\"*~!\\\n{}#()[]")


def test_token_is_the_one_that_was_typed(offered: Any, service: Any, tmp_path: Any) -> None:
    (tmp_path / "data/tokens").mkdir(parents=True)
    (tmp_path / "data/tokens/bob.token").write_text("placet_bob")
    offered("gate", "--as", "bob", "fr")
    assert service.headers("Authorization") == ["Bearer placet_bob"]


def test_nothing_is_offered_or_said_when_something_is_wrong(
    offered: Any, service: Any, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.by_path["/v1/models"] = lambda _: problem(401, "unauthenticated")
    assert offered("gate", "fr") == []
    monkeypatch.setenv("PLACET_REGISTRY_URL", "http://127.0.0.1:9")
    assert offered("gate", "fr") == []
    monkeypatch.delenv("PLACET_TOKEN")
    assert offered("gate", "fr") == []


def test_shell_does_not_wait_for_a_service_that_does_not_answer(offered: Any, service: Any, says: Any) -> None:
    asked_to_answer = threading.Event()

    def late(_: Any) -> Any:
        asked_to_answer.wait()
        return says(200, {"items": []})

    service.by_path["/v1/models"] = late
    assert offered("gate", "fr") == []
    assert not asked_to_answer.is_set()
    asked_to_answer.set()


@pytest.mark.parametrize(("typed", "advice"), [("fruad", "Did you mean fraud?"), ("zzz", "`placet models` lists all")])
def test_unknown_model_is_answered_with_the_one_that_was_meant(
    placet: Any, offered: Any, service: Any, problem: Any, typed: str, advice: str
) -> None:
    service.by_path[f"/v1/models/by-name/{typed}"] = lambda _: problem(404, "model_not_found", detail=f"There is no model {typed}.")
    ended = placet("deploy", f"{typed}/1", "-e", "prod")
    assert advice in ended.err

from pathlib import Path

import pytest

from .pages import missing, steps

SAID = "check  status\nsafe   PASS\nsign-off 01a22110-f5f8-77eb-884e-a1a9bcff7099 at 2026-11-28 07:31:30\n"


@pytest.mark.parametrize(
    "shown",
    ["safe PASS", "check status", "safe … PASS", "…", "sign-off 01a22119-b7c6-77c7-a11e-7fd30ce6fecc at 2027-01-01 00:00:00"],
)
def test_what_was_said_is_found_whatever_the_columns_ids_and_times(shown: str) -> None:
    assert missing(shown, SAID) == []


@pytest.mark.parametrize("shown", ["safe FAIL", "PASS safe", "safe PASS blocking"])
def test_what_was_not_said_is_missing(shown: str) -> None:
    assert missing(f"check\n{shown}", SAID) == [shown]


def test_blocks_are_typed_in_order_and_those_to_be_read_are_not(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```yaml file=a.yaml\na: 1\n```\n```yaml\nb: 2\n```\n```bash\nreboot\n```\n"
        "```console\n$ cat a.yaml\na: 1\n$ true\n```\n```sh\nls\n```\n"
    )
    assert [(step.code, step.shown) for step in steps(page)] == [
        ("printf %s 'a: 1\n' > a.yaml", None),
        ("cat a.yaml", "\na: 1\n"),
        ("true", "\n"),
        ("ls\n", None),
    ]

"""What an address of a service can be."""

import pytest

from placet_client import Addresses, ClientError

VARIABLE = "PLACET_APPROVAL_URL"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a", "a.example.org", "http://", "https:///v1", "http://[::1", "http://a b", "http://a:port", "http://a:99999", "http://a\nb",
        "http://a\x1b[2J", "https://a/?x=1", "https://a/#x", f"https://{'a' * 64}.org", "https://a..b", "https://\udce9.org",
    ],
    ids=repr,
)  # fmt: skip
def test_text_that_is_no_address_is_refused_with_its_variable(url: str) -> None:
    with pytest.raises(ClientError, match=VARIABLE) as caught:
        Addresses.from_environment({VARIABLE: url})
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("url", ["https://alice:s3cret@a.org", "https://s3cret@a.org", "s3://alice:s3cret@a.org"])
def test_address_with_a_password_which_would_be_sent_in_place_of_the_token_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ClientError, match=VARIABLE) as caught:
        Addresses.from_environment({VARIABLE: url})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8403", "http://[::1]:8403", "https://ml.example.org/placet/approval", "https://müll.example"]
)
def test_address_is_taken_without_the_slash_at_its_end(url: str) -> None:
    assert Addresses.from_environment({VARIABLE: f"{url}/"}).approval == url

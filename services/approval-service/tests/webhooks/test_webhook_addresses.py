"""Which addresses a webhook may have: the form of the URL, and where in the network its host may be."""

from ipaddress import ip_network

import pytest

from placet_approval.domain.webhook_address import WebhookAddress, may_be_reached, webhook_address
from placet_shared.errors import Invalid


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://hooks.example.org", WebhookAddress(True, "hooks.example.org", 443, "/")),
        ("https://Hooks.Example.org:8443/a/b?c=d", WebhookAddress(True, "hooks.example.org", 8443, "/a/b?c=d")),
        ("http://10.0.0.1/x", WebhookAddress(False, "10.0.0.1", 80, "/x")),
        ("https://[2001:db8::1]:8443//x", WebhookAddress(True, "2001:db8::1", 8443, "//x")),
        ("https://xn--bcher-kva.example/", WebhookAddress(True, "xn--bcher-kva.example", 443, "/")),
    ],
)
def test_a_plain_address_is_taken_apart(url: str, address: WebhookAddress) -> None:
    assert webhook_address(url) == address


def test_authority_has_the_port_that_is_not_the_usual_one() -> None:
    urls = ("https://a.example/", "https://a.example:8443/", "http://[::1]/", "http://[::1]:8080/")
    assert [webhook_address(url).authority for url in urls] == ["a.example", "a.example:8443", "[::1]", "[::1]:8080"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "//a.example/", "a.example", "", "https://",
        "https://user@a.example/", "https://user:password@a.example/", "https://a.example@127.0.0.1/", "https://a.example\\@b.example/",
        "https://a.example/#x", "https://a.example/#", "https://a.example/a b", "https://a.exam\tple/", "https://a.example/\r\nX: y",
        "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://a.0x7f/",
        "https://[fe80::1%25eth0]/", "https://[::ffff:7f00:1/", "https://bücher.example/", "https://a..example/", "https://-a.example/",
        "https://a.example:22/", "https://a.example:25/", "https://a.example:80/", "http://a.example:443/", "https://a.example:0/",
        "https://a.example:99999/", "https://a.example/" + "x" * 2000, "https://" + "a." * 130 + "example/", "https://a_b.example/",
        "https://127.0.0.1.%32/", "https://①②⑦.⓪.⓪.①/", "https://[0:0:0:0:0:0:0:1]/",
    ],
)  # fmt: skip
def test_an_address_that_readers_may_read_differently_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        webhook_address(url)
    assert refused.value.code == "webhook_url_refused"


NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.0.8", "192.0.0.192",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:0:0:0:0:5601:5601", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_not_reached(address: str) -> None:
    assert not may_be_reached(address, is_https=True, allowed=())


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_a_public_address_is_reached_by_https_alone(address: str) -> None:
    assert may_be_reached(address, is_https=True, allowed=())
    assert not may_be_reached(address, is_https=False, allowed=())


def test_an_allowed_network_is_reached_by_http_too_and_no_other() -> None:
    allowed = [ip_network("10.0.0.0/8"), ip_network("::1/128")]
    for is_https in (True, False):
        reached = [may_be_reached(one, is_https=is_https, allowed=allowed) for one in ("10.9.8.7", "::1", "::ffff:10.9.8.7", "127.0.0.1")]
        assert reached == [True, True, True, False]
    assert not may_be_reached("64:ff9b::a00:1", is_https=False, allowed=allowed)  # the network of its own is not allowed


def test_what_is_no_address_is_not_reached() -> None:
    assert not may_be_reached("localhost", is_https=True, allowed=[ip_network("0.0.0.0/0")])

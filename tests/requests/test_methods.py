"""A method that an address does not know is 405 before all else, and `Allow` names those that it knows."""

import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from .operations import applications, operations

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def addresses(source: str) -> dict[str, set[str]]:
    """An address for each path of a service, and the methods of all paths that it fits."""
    known = [one for one in operations() if one.source == source]
    forms = [(re.compile(_form(one.path)), one.method.upper()) for one in known]
    return {url: {method for form, method in forms if form.fullmatch(url)} for url in {one.request().url for one in known}}


def _form(path: str) -> str:
    """Of the addresses that a path stands for; some names may have slashes, positions are numbers."""
    forms = {"key": ".+", "consumer": ".+", "position": "[0-9]+"}
    return re.sub(r"{(\w+)}", lambda name: forms.get(name[1], "[^/]+"), path)


@pytest.mark.parametrize("source", sorted({one.source for one in operations()}))
async def test_methods_of_every_address(source: str) -> None:
    transport = httpx.ASGITransport(app=applications()[source])
    wrong: list[Any] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        for url, methods in addresses(source).items():
            for method in sorted(set(METHODS) - methods):
                answer = await client.request(method, quote(url, safe="/%"))
                told = {name.strip() for name in answer.headers.get("allow", "").split(",")}
                if answer.status_code != 405 or told != methods:
                    wrong.append((method, url, answer.status_code, sorted(told), sorted(methods)))
    assert wrong == []

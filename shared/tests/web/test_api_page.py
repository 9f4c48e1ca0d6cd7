"""The page of the API loads what its own service serves, and nothing else."""

import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from fastapi import APIRouter

from placet_shared.service.application import create_app
from placet_shared.testing import no_lifespan
from placet_shared.web.api_page import POLICY

LOADED = re.compile(r'(?:href|src)="([^"]+)"')


async def test_api_page_is_open_and_all_that_it_loads_is_served_beside_it(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    addresses = [urljoin("http://here/docs", address) for address in LOADED.findall(page.text)]
    assert len(addresses) == 5
    for address in addresses:
        parts = urlsplit(address)
        assert parts.netloc == "here"
        loaded = await client.get(f"{parts.path}?{parts.query}")
        assert loaded.status_code == 200, address
        assert ("immutable" in loaded.headers["cache-control"]) == ("swagger" in address or "favicon" in address)


async def test_api_page_may_load_and_send_nothing_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in POLICY
    assert "://" not in page.text + (await client.get("/docs/start.js")).text
    assert re.search(r"<script(?! src=)|<style|style=|\son\w+=", page.text) is None


async def test_api_page_is_no_part_of_the_document(client: httpx.AsyncClient) -> None:
    assert "/docs" not in (await client.get("/openapi.json")).text


@pytest.mark.parametrize("title", ["<script>", 'a"b'])
async def test_title_of_the_api_page_is_text(title: str) -> None:
    app = create_app(title=title, source="x", version="1", description="x", lifespan=no_lifespan, routers=[APIRouter()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as asking:
        page = (await asking.get("/docs")).text
    assert title not in page
    assert page.count("<script") == 2

"""`GET /docs`: the OpenAPI document as a page to read and to try, open without a token like the document itself.

Swagger UI comes with the package `fastapi-swagger`, of which only the files are used. The page loads them and the document, both from
the service that serves it: the content security policy lets it do nothing else.
"""

from collections.abc import Awaitable, Callable
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

__all__ = ["POLICY", "api_page_router"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Pictures of the style sheet are `data:` addresses."""

MEDIA_TYPES = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
# Addresses carry the package's version, so that a browser never shows a page with files of another.
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: API</title>
<link rel="icon" href="docs/favicon-32x32.png?{version}">
<link rel="stylesheet" href="docs/swagger-ui.css?{version}">
</head>
<body>
<noscript>This page needs JavaScript. The same is at <a href="openapi.json">openapi.json</a>.</noscript>
<div id="api"></div>
<script src="docs/swagger-ui-bundle.js?{version}"></script>
<script src="docs/start.js?{version}"></script>
</body>
</html>
"""
# A token stays in the page's memory: nothing is stored in the browser. By default Swagger UI asks a validator elsewhere about the document.
START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""


def api_page_router() -> APIRouter:
    """The page and the files that it loads; they are in no OpenAPI document."""
    router = APIRouter(include_in_schema=False)
    release = version("fastapi-swagger")
    folder = Path(str(files("fastapi_swagger"))) / "resources"

    @router.get("/docs")
    async def api_page(request: Request) -> Response:
        """With the name of the service."""
        page = PAGE.format(title=escape(request.app.title), version=release)
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    @router.get("/docs/start.js")
    async def start_of_api_page() -> Response:
        """A file of its own, since the policy allows no script inside a page."""
        return Response(START, media_type="text/javascript")

    for name, media_type in MEDIA_TYPES.items():
        router.add_api_route(f"/docs/{name}", _file(folder / name, media_type), name=f"api_page_{name}")
    return router


def _file(path: Path, media_type: str) -> Callable[[], Awaitable[Response]]:
    async def file() -> Response:
        return FileResponse(path, media_type=media_type, headers=FOR_EVER)

    return file

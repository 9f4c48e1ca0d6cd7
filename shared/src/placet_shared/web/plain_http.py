"""HTTP/1.1 and nothing else: an offer to speak another protocol is ignored (RFC 9110, section 7.8), and the request served.

Java's HttpClient offers HTTP/2 with every first request. The parser would treat the offer as accepted and drop the request's body.
"""

import re
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["PlainHttp"]

OFFER: Final = re.compile(rb"\r\nupgrade(?=:)", re.IGNORECASE)
OF_THE_SAME_LENGTH: Final = b"\r\nIgnored"


class PlainHttp(HttpToolsProtocol):
    """The server's protocol, which does not show an `Upgrade` header to the parser."""

    def data_received(self, data: bytes) -> None:
        if OFFER.search(data) and (self.cycle is None or self.cycle.response_complete):
            head, end, body = data.partition(b"\r\n\r\n")
            data = OFFER.sub(OF_THE_SAME_LENGTH, head) + end + body
        super().data_received(data)

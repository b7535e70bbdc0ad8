"""Who may ask: whoever was given the address with its token, from the page itself, under its own name.

Everything that runs on this machine, and every page that its browsers have open, can reach the port. So

- the token in the address that is printed becomes a cookie that no script can read and no other site sends;
- `Host` is the address itself, or a name that a stranger's DNS server lets point here would do (rebinding);
- what changes something comes from the page itself (`Origin`), and others get no more than a link opens;
- answers say what a browser may do with them: run our scripts alone, in no frame, read by no other page.

Cookies do not tell ports apart. Dask's dashboards, which show what untrusted code says, are therefore opened,
by all commands, as `localhost`, another name to browsers than 127.0.0.1: they are sent no cookie of the page.
"""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from daskflow.cli.ui.rendering import rendered

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with none at all, forms of ours would come from "null"
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SAFE = ("GET", "HEAD")
OWN = ("same-origin", "none")
"""Values of Sec-Fetch-Site: the page itself, and what a person typed or opened."""


class Guard:
    """ASGI middleware before everything else."""

    def __init__(self, app: ASGIApp, *, host: str, token: str, once: str = "") -> None:
        """`host` as browsers send it, with its port; `once` opens the page as `token` does, but one time.

        That is for the file that the browser is started with, which may be left behind.
        """
        self._app, self._host, self._token, self._once = app, host, token, once
        self._cookie = f"daskflow-{host.rpartition(':')[2]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(scope) or self._welcome(scope)
        await (answer or self._app)(scope, receive, sent)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to those who may not ask, whoever they are."""
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._host]:
            return PlainTextResponse(f"This page is http://{self._host}/ under no other name.\n", 421)
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{self._host}":
            return PlainTextResponse("Another page may not ask for this.\n", 403)
        if scope["method"] not in SAFE:
            return None if origin else PlainTextResponse("Only the page itself may change anything.\n", 403)
        foreign = headers.get("sec-fetch-site", "none") not in OWN
        if foreign and headers.get("sec-fetch-mode", "navigate") != "navigate":
            return PlainTextResponse("Another page may not ask for this.\n", 403)
        return None

    def _welcome(self, scope: Scope) -> Response | None:
        """The answer to those who bring the token; None to those who have its cookie."""
        if scope["path"].startswith("/static/"):
            return None  # the same for everybody
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
        if scope["method"] in SAFE and scope["path"] == "/" and (self._right(given) or self._first(given)):
            # A redirect of a link in another page would be sent without the cookie that it sets.
            answer = HTMLResponse(rendered("welcome.html"))
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
            return answer
        if self._right(HTTPConnection(scope).cookies.get(self._cookie, "")):
            return None
        return HTMLResponse(rendered("stranger.html", wrong=bool(given)), 403)

    def _right(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())

    def _first(self, token: str) -> bool:
        """Whether it is the one that opens the page once, which it has now done."""
        if not self._once or not hmac.compare_digest(token.encode(), self._once.encode()):
            return False
        self._once = ""
        return True

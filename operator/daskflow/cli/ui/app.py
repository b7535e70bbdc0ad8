"""What is where. `create` makes the ASGI application, behind its guard."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from urllib.parse import parse_qsl, urlsplit

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from daskflow.api.names import FLOW_RUN
from daskflow.cli.ui.actions import CHANGES, of_run, of_schedule
from daskflow.cli.ui.dashboards import Dashboards
from daskflow.cli.ui.guard import Guard
from daskflow.cli.ui.live import stream
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import text
from daskflow.cli.ui.views.pages import page_of
from daskflow.cli.ui.views.report import report_page
from daskflow.client.errors import DaskflowError, Forbidden, NotFound, WrongUse
from daskflow.client.report.style import rules
from daskflow.client.timeline.look import timeline_of
from daskflow.client.timeline.svg import svg

PING_SECONDS = 15
PICTURE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_CODES = {Forbidden: 403, NotFound: 404, WrongUse: 409}
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def create(source: Source, *, host: str, token: str, once: str = "") -> Starlette:
    """`host` is the address with its port, as browsers say it; whoever has a token may ask."""
    run, schedule = "/runs/{namespace}/{name}/{action}", "/schedules/{namespace}/{name}/{action}"
    pages = _Pages(source)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with pages.dashboards:
            yield

    return Starlette(
        routes=[
            Route("/static/{name}", _static),
            Route("/report.css", _report_style),
            Route("/live", pages.live),
            Route("/runs/{namespace}/{name}/timeline.svg", pages.timeline),
            Route("/runs/{namespace}/{name}/report", pages.report),
            Route("/dashboards/{namespace}/{name}", pages.dashboard),
            Route(run, pages.run_action, methods=["POST"]),
            Route(schedule, pages.schedule_action, methods=["POST"]),
            Route("/{path:path}", pages.page),
        ],
        middleware=[Middleware(Guard, host=host, token=token, once=once)],
        exception_handlers={DaskflowError: _failed},
        lifespan=lifespan,
    )


class _Pages:
    def __init__(self, source: Source) -> None:
        self._source = source
        self.dashboards = Dashboards(source)

    async def page(self, request: Request) -> Response:
        found = page_of(self._source, request.url.path, request.query_params)
        query = f"?{request.url.query}" if request.url.query else ""
        return HTMLResponse(found.html(request.url.path + query), found.status)

    async def live(self, request: Request) -> Response:
        """The stream of the page whose address is in `page`."""
        page = request.query_params.get("page", "/")
        try:
            address = urlsplit(page)
        except ValueError:
            return PlainTextResponse(
                f"page={page} is not the path of a page here, as page=/clusters is.\n", 400
            )
        messages = stream(self._source, address.path, dict(parse_qsl(address.query)))
        return EventSourceResponse(messages, ping=PING_SECONDS)

    async def timeline(self, request: Request) -> Response:
        """A picture, in which no script runs; it brings its own rules of style."""
        namespace, name = (request.path_params[each] for each in ("namespace", "name"))
        run = self._source.get(FLOW_RUN, namespace, name)
        if run is None:
            raise NotFound(f"there is no run {name} in namespace {namespace} (any more)")
        picture = svg(await timeline_of(self._source.connection, run))
        return Response(picture, media_type="image/svg+xml", headers={"Content-Security-Policy": PICTURE})

    async def report(self, request: Request) -> Response:
        """A page of its own, in which no script runs; it brings its own rules of style."""
        namespace, name = (request.path_params[each] for each in ("namespace", "name"))
        found = report_page(self._source, namespace, name, text(request.query_params, "against"))
        return HTMLResponse(found, headers={"Content-Security-Policy": PICTURE})

    async def dashboard(self, request: Request) -> Response:
        """To Dask's own page about a cluster."""
        where = await self.dashboards.address(request.path_params["namespace"], request.path_params["name"])
        return RedirectResponse(where, 303)

    async def run_action(self, request: Request) -> Response:
        return await self._act(request, of_run, (*CHANGES, "retry"))

    async def schedule_action(self, request: Request) -> Response:
        return await self._act(request, of_schedule, ("suspend", "resume", "trigger"))

    async def _act(
        self,
        request: Request,
        act: Callable[[Source, str, str, str], Awaitable[str]],
        known: tuple[str, ...],
    ) -> Response:
        namespace, name, action = (request.path_params[each] for each in ("namespace", "name", "action"))
        if action not in known:
            return await self.page(request)
        return RedirectResponse(await act(self._source, namespace, name, action), 303)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    file = files("daskflow.cli.ui") / "static" / name
    kind = _TYPES.get(name.rpartition(".")[2])
    if kind is None or not file.is_file():
        return Response("There is no such file.\n", 404)
    return Response(file.read_bytes(), media_type=kind, headers={"Cache-Control": "no-cache"})


async def _report_style(request: Request) -> Response:
    return Response(rules(), media_type="text/css", headers={"Cache-Control": "no-cache"})


async def _failed(request: Request, error: Exception) -> Response:
    """A sentence, and the way back."""
    status = next((code for kind, code in _CODES.items() if isinstance(error, kind)), 502)
    path = request.url.path
    back = path.rpartition("/")[0] if path.startswith(("/runs/", "/schedules/")) else f"/{path.split('/')[1]}"
    back = "/clusters" if back == "/dashboards" else back
    return HTMLResponse(rendered("failed.html", sentence=str(error), back=back), status)

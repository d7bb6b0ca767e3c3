"""The leaderboard over HTTP: pages that only read, and, with a token, one address that runs are posted to.

Meant for this machine and for small groups. It needs the extra ``web``; nothing else imports it.
"""

import hmac
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leaderboard.database import bring_up_to_date, reading
from leaderboard.errors import LeaderboardError, UnusableError
from leaderboard.html import content_policy
from leaderboard.limits import Limiter
from leaderboard.links import ServerLinks
from leaderboard.methods import Player
from leaderboard.pages import MOST_OVERLAID, Pages, error_page
from leaderboard.reader import Filters, Reader
from leaderboard.store import Leaderboard
from leaderboard.upload import MAX_UPLOAD_BYTES, receive, unpack

POSTS_A_MINUTE = 10
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LARGEST_ID = 2**62
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def application(leaderboard: Leaderboard, *, token: str = "", hosts: tuple[str, ...] = ()) -> Starlette:
    """The site. Without a token nothing can be posted; ``hosts`` are the only names it answers to, if given.

    A web page that somebody visits can lead a name of its own to this machine; the names keep it from reading here.
    """
    site = _Site(leaderboard)
    routes = [
        Route("/", site.home),
        Route("/boards/{key}", site.board),
        Route("/boards/{key}/agents", site.agents),
        Route("/boards/{key}/agents/compare", site.compare_agents),
        Route("/entries/{entry_id}", site.run),
        Route("/entries/{entry_id}/problems/{number}", site.problem),
        Route("/entries/{entry_id}/lessons/{number}", site.lesson),
        Route("/compare", site.compare),
        Route("/curves", site.curves),
    ]
    if token:
        routes.append(Route("/api/runs", _Posting(leaderboard, token).post, methods=["POST"]))
    guard = _Guard(hosts)
    return Starlette(
        routes=routes,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard.dispatch)],
        exception_handlers={LeaderboardError: site.refused, HTTPException: site.wrong},
    )


class _Guard:
    """Answers only to known names, and sends the headers that browsers protect readers by."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._hosts = hosts

    async def dispatch(self, request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        if self._hosts and request.url.hostname not in self._hosts:
            return Response("unknown host name\n", status_code=421, media_type="text/plain")
        response = await call(request)
        response.headers.update(_HEADERS)
        policy = content_policy(is_static=False) + "; frame-ancestors 'none'"
        response.headers["Content-Security-Policy"] = policy
        return response


class _Site:
    """One method for each page. They are plain functions, which Starlette runs in threads of their own."""

    def __init__(self, leaderboard: Leaderboard) -> None:
        self._leaderboard = leaderboard

    def _answer(self, make: Callable[[Pages], str]) -> Response:
        with reading(self._leaderboard.path) as connection:
            return _page(make(Pages(Reader(connection), ServerLinks())))

    def home(self, request: Request) -> Response:
        return self._answer(lambda pages: pages.home(_filters(request), _start(request)))

    def board(self, request: Request) -> Response:
        key = request.path_params["key"]
        return self._answer(lambda pages: pages.board(key, _filters(request), _start(request)))

    def agents(self, request: Request) -> Response:
        return self._answer(lambda pages: pages.agents(request.path_params["key"]))

    def run(self, request: Request) -> Response:
        return self._answer(lambda pages: pages.run(_number(request, "entry_id"), _start(request)))

    def problem(self, request: Request) -> Response:
        entry_id, number = _number(request, "entry_id"), _number(request, "number")
        return self._answer(lambda pages: pages.problem(entry_id, number))

    def lesson(self, request: Request) -> Response:
        entry_id, number = _number(request, "entry_id"), _number(request, "number")
        return self._answer(lambda pages: pages.lesson(entry_id, number))

    def compare(self, request: Request) -> Response:
        chosen = _entries(request)
        if len(chosen) != 2:
            return self._say(400, "Choose two runs", f"A comparison needs two runs of one board, not {len(chosen)}.")
        return self._answer(lambda pages: pages.compare(*chosen))

    def compare_agents(self, request: Request) -> Response:
        agents, policies, settings = (request.query_params.getlist(name) for name in ("agent", "policy", "settings"))
        if len(settings) != len(agents):
            settings = [""] * len(agents)
        players = [Player(*(text[:300] for text in asked)) for asked in zip(agents, policies, settings, strict=False)]
        if len(players) != 2:
            return self._say(
                400, "Choose two agents", f"A comparison needs two agents of one board, not {len(players)}."
            )
        return self._answer(lambda pages: pages.compare_agents(request.path_params["key"], *players))

    def curves(self, request: Request) -> Response:
        return self._answer(lambda pages: pages.curves(_entries(request)))

    def _say(self, status: int, title: str, message: str) -> Response:
        return _page(error_page(ServerLinks(), title, message), status)

    def refused(self, request: Request, error: Exception) -> Response:  # noqa: ARG002  Starlette passes it
        if isinstance(error, UnusableError):  # where it is kept is nobody's business
            path = self._leaderboard.path
            return self._say(503, "The leaderboard cannot be read", str(error).replace(str(path), path.name))
        title = "Not found" if "there is no" in str(error) or "has no" in str(error) else "This cannot be shown"
        return self._say(404 if title == "Not found" else 400, title, str(error))

    def wrong(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = str(error.detail) if isinstance(error, HTTPException) else "an error"
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": detail}, status_code=status)
        return self._say(status, detail, "There is no such page.")


def _page(html: str, status: int = 200) -> Response:
    content = html.encode("utf-8", errors="xmlcharrefreplace")
    return Response(content, status_code=status, media_type="text/html; charset=utf-8")


def _filters(request: Request) -> Filters:
    asked = request.query_params
    return Filters(*(asked.get(name, "")[:300] for name in ("suite", "policy", "env")))


def _start(request: Request) -> int:
    asked = request.query_params.get("start", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0


def _number(request: Request, name: str) -> int:
    """A number in an address. Those of Starlette fail where Python does not convert them, at thousands of digits."""
    text = request.path_params[name]
    if not text.isascii() or not text.isdigit():
        raise HTTPException(404)
    return min(int(text[:20]), _LARGEST_ID)


def _entries(request: Request) -> list[int]:
    asked = request.query_params.getlist("entry")[: 2 * MOST_OVERLAID]
    return list(dict.fromkeys(int(text) for text in asked if text.isascii() and text.isdigit() and len(text) < 10))


class _Posting:
    """Takes runs from those who know the token: few, small and one at a time."""

    def __init__(self, leaderboard: Leaderboard, token: str) -> None:
        self._leaderboard = leaderboard
        self._token = token.encode()
        self._limiter = Limiter(POSTS_A_MINUTE)
        self._verifying = threading.Lock()

    async def post(self, request: Request) -> Response:
        wait = self._limiter.wait_for(request.client.host if request.client else "")
        if wait:
            return _no(429, f"at most {POSTS_A_MINUTE} posts a minute", {"Retry-After": str(int(wait) + 1)})
        if not self._is_allowed(request):
            return _no(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})
        try:
            body = await _read(request)
        except ClientDisconnect:
            return _no(400, "the upload was cut off")
        if body is None:
            # What is left of it is not read, so the connection cannot be used again.
            return _no(413, f"an upload may have {MAX_UPLOAD_BYTES:,} bytes", {"Connection": "close"})
        return await run_in_threadpool(self._take, body)

    def _is_allowed(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token)

    def _take(self, body: bytes) -> Response:
        if not self._verifying.acquire(blocking=False):
            return _no(503, "another run is being verified", {"Retry-After": "10"})
        try:
            posted = receive(self._leaderboard, unpack(body))
        except LeaderboardError as error:
            return _no(422, str(error))
        finally:
            self._verifying.release()
        return JSONResponse(asdict(posted), status_code=200 if posted.already else 201)


async def _read(request: Request) -> bytes | None:
    """The body; None as soon as it is known to be too large."""
    length = request.headers.get("Content-Length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > MAX_UPLOAD_BYTES:
        return None
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_UPLOAD_BYTES:
            return None
    return bytes(content)


def _no(status: int, reason: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": reason}, status_code=status, headers=headers)


def serve(leaderboard: Leaderboard, host: str, port: int, token: str, say: Callable[[str], object]) -> None:
    """Answer until interrupted; ``say`` gets the address once it is known.

    Raises:
        OSError: The address cannot be used.
    """
    bring_up_to_date(leaderboard.path, create=True)
    with reading(leaderboard.path):
        pass  # what cannot be shown is no server's to say
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
        hosts = LOOPBACK if host in LOOPBACK else ()
        config = uvicorn.Config(
            application(leaderboard, token=token, hosts=hosts), log_level="warning", server_header=False, lifespan="off"
        )
        shown = f"[{host}]" if ":" in host else host
        say(f"http://{shown}:{listening.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[listening])

"""kr8s' client, with impersonation, without keys left behind, and with faults as sentences."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from kr8s import APITimeoutError
from kr8s._auth import KubeAuth
from kr8s.asyncio import Api

from daskflow.client.errors import ConnectionFailed, Unauthorized
from daskflow.client.kubeconfig import Access

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
"""An API server gives up a request after as long."""


class Unreachable(ConnectionFailed):
    """There was no answer, perhaps not for long: the API server restarts, or the network is away."""


class _Credentials(KubeAuth):
    """Reads keys into memory and removes the temporary files in which kr8s hands them to OpenSSL."""

    def __init__(self, access: Access) -> None:
        super().__init__(kubeconfig=access.config or False, namespace=access.namespace)  # type: ignore[arg-type]
        config = access.config or {}
        entries = [*(each["user"] for each in config.get("users", ())), *_clusters(config)]
        self._given = {str(value) for entry in entries for value in entry.values()}

    async def reauthenticate(self) -> None:
        try:
            await super().reauthenticate()
            self._made: ssl.SSLContext | bool = await super().ssl_context()  # type: ignore[no-untyped-call]
        finally:
            for file in (self.client_key_file, self.client_cert_file, self.server_ca_file):
                if (
                    file
                    and str(file) not in self._given
                    and Path(str(file)).parent == Path(tempfile.gettempdir())
                ):
                    Path(str(file)).unlink(missing_ok=True)  # noqa: ASYNC240

    async def ssl_context(self) -> ssl.SSLContext | bool:
        return self._made


def _clusters(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each["cluster"] for each in config.get("clusters", ())]


class ApiServer(Api):
    """One API server, for one event loop. Each request goes out as the user that is impersonated, if any."""

    def __init__(
        self, access: Access, headers: Mapping[str, str | list[str]], again: Callable[[], Access]
    ) -> None:
        """`again` reads the access once more: others write tokens anew before they expire."""
        super().__init__(bypass_factory=True, kubeconfig=access.config or False, namespace=access.namespace)
        self._access, self._again = access, again
        self.auth = _Credentials(access)
        self._known: KubeAuth | None = None
        """Whether, and as whom, the server was ever asked."""
        self._lock = asyncio.Lock()
        self.where = access.server or "the API server of this pod's cluster"
        self.headers = [
            (name, each)
            for name, value in headers.items()
            for each in ([value] if isinstance(value, str) else value)
        ]

    async def ready(self) -> None:
        """See to it that there are credentials. Raises ConnectionFailed."""
        if self._known is None:
            async with self._lock:
                if self._known is None:
                    await self._authenticate()

    async def renew(self, refused: KubeAuth) -> None:
        """Others than those that were refused, which many requests at once may ask for."""
        async with self._lock:
            if self.auth is refused:
                with suppress(ConnectionFailed):
                    # A kubeconfig may be gone, or half written; another cluster is not the one that is meant.
                    read = self._again()
                    self._access = read if read.server == self._access.server else self._access
                await self._authenticate()
                await self._create_session()

    async def _authenticate(self) -> None:
        """Read credentials, or have them made by the context's program. Raises ConnectionFailed."""
        try:
            self.auth = self._known = await _Credentials(self._access)
        except FileNotFoundError as error:
            raise ConnectionFailed(
                f"the program {error.filename!r}, which makes your credentials, is not installed; "
                "install it, or choose another context"
            ) from error
        except RuntimeError as error:
            said = str(error).partition("\n")[2].strip().splitlines()
            raise ConnectionFailed(
                f"the program for credentials failed: {said[-1] if said else error}; log in again"
            ) from error
        except (ssl.SSLError, ValueError, KeyError, TypeError) as error:
            raise ConnectionFailed(
                f"the credentials of {self.where} cannot be read: {error or type(error).__name__}; "
                "have the kubeconfig written anew"
            ) from error

    @asynccontextmanager
    async def ask(
        self, method: str, *, stream: bool = False, **request: Any
    ) -> AsyncIterator[httpx.Response]:
        """An answer, whatever its status; a 401 is answered by credentials read, or made, once more.

        Raises Unreachable and ConnectionFailed.
        """
        request.setdefault("timeout", httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))
        used = self.auth
        try:
            async with self.call_api(method, raise_for_status=False, stream=stream, **request) as answer:
                if answer.status_code != httpx.codes.UNAUTHORIZED:
                    yield answer
                    return
            await self.renew(used)
            async with self.call_api(method, raise_for_status=False, stream=stream, **request) as answer:
                if answer.status_code == httpx.codes.UNAUTHORIZED:
                    raise Unauthorized(
                        f"{self.where} does not know you: your token or certificate has expired, or is "
                        "another cluster's; log in again"
                    )
                yield answer
        except (httpx.TransportError, httpx.InvalidURL, APITimeoutError, ssl.SSLError, OSError) as error:
            raise self.unanswered(error) from error

    def unanswered(self, error: Exception) -> ConnectionFailed:
        """What it means that a request has got no answer."""
        said = str(error) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in said:
            why = said.partition("CERTIFICATE_VERIFY_FAILED] ")[2].partition(" (_ssl")[0]
            return ConnectionFailed(
                f"the certificate of {self.where} is not trusted: {why}; renew the kubeconfig's "
                "certificate-authority-data"
            )
        if "WRONG_VERSION_NUMBER" in said or "record layer failure" in said:
            return ConnectionFailed(f"{self.where} speaks no TLS; correct server in the kubeconfig")
        if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
            return ConnectionFailed(f"{self.where} is no URL of an API server; mend server in the kubeconfig")
        if isinstance(error, APITimeoutError | httpx.TimeoutException):
            said = "no answer in time"
        return Unreachable(
            f"{self.where} cannot be reached: {said}; is the cluster up, and are you on its network?"
        )

    async def client(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        """One of its own for a connection that lasts, with the credentials of now."""
        return httpx.AsyncClient(
            base_url=self.auth.server or "",
            headers={"Authorization": f"Bearer {self.auth.token}"} if self.auth.token else {},
            verify=await self.auth.ssl_context(),  # type: ignore[no-untyped-call]
            timeout=timeout,
            proxy=self.auth.proxy,
        )

    async def _create_session(self) -> None:
        """As kr8s', for any number of requests at once: each log that is followed is one."""
        if self._session:
            await self._session.aclose()
        bearer = {"Authorization": f"Bearer {self.auth.token}"} if self.auth.token else {}
        self._session = httpx.AsyncClient(
            base_url=self.auth.server,
            headers={"User-Agent": self.__version__, "Content-Type": "application/json", **bearer},
            verify=await self.auth.ssl_context(),  # type: ignore[no-untyped-call]
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            follow_redirects=True,
            proxy=self.auth.proxy,
        )

    def call_api(self, *args: Any, headers: Any = None, **kwargs: Any) -> Any:
        """As kr8s', as the user that is impersonated."""
        return super().call_api(*args, headers=[*dict(headers or {}).items(), *self.headers], **kwargs)

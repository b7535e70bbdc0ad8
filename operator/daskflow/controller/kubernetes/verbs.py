"""What an API server is to the operator: seven verbs over plain JSON, and one kind of error.

`http` implements it for real, the simulation in memory; nothing else in the operator talks to an
API server, so whatever holds in the one has been tried in the other.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from daskflow.api.names import kind_of
from daskflow.manifests.objects import owner_of
from daskflow.plan.model import Key, Object

TIMEOUT = 0
"""`ApiError.status` when no answer came (connection lost, timed out): the call may have taken effect."""
GONE = 410
_RIGHTLESS = re.compile(r"(^|is )forbidden: User \"[^\"]*\" cannot ", re.I)
"""How every API server begins what its authorizer says of whoever asks. Admission speaks later and in other
words: quotas, policies and webhooks name themselves there."""


class ApiError(Exception):
    """An answer other than 2xx, or none. `retry_after` (seconds) is the server's own wish, if it has one."""

    def __init__(
        self,
        status: int,
        reason: str = "",
        message: str = "",
        retry_after: float | None = None,
        causes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        self.causes = causes

    @classmethod
    def from_status(cls, status: int, body: object, retry_after: float | None = None) -> "ApiError":
        """Read the `Status` that an API server answers errors with; anything else becomes the message."""
        if not isinstance(body, dict):
            return cls(status, "", str(body)[:500], retry_after)
        details = body.get("details") or {}
        wish = details.get("retryAfterSeconds")
        causes = tuple(str(cause.get("reason", "")) for cause in details.get("causes") or ())
        return cls(
            status,
            str(body.get("reason", "")),
            str(body.get("message", "")),
            retry_after if wish is None else float(wish),
            causes,
        )

    @property
    def webhook_down(self) -> bool:
        """Whether an admission webhook of somebody else's could not be asked: people have to hear of that."""
        return self.status >= 500 and "failed calling webhook" in self.message

    @property
    def passing(self) -> bool:
        """Whether the same call may well succeed later: overload, a server's fault, or no answer at all.

        Also a 409 of somebody else's making, as when ResourceQuota's own bookkeeping collides with itself.
        """
        clash = self.status == 409 and not self.taken
        fault = self.status in (TIMEOUT, 429) or self.status >= 500
        return clash or (fault and not self.webhook_down)

    @property
    def taken(self) -> bool:
        """Whether an object of the name that was to be created is there."""
        return self.status == 409 and self.reason == "AlreadyExists"

    @property
    def rightless(self) -> bool:
        """Whether the operator itself may not ask this, or is not known: no fault of what it asked.

        The sentence always names whoever asks, so that it need not be compared with a name of our own.
        """
        return self.status == 401 or (self.status == 403 and bool(_RIGHTLESS.search(self.message[:300])))

    @property
    def namespace_ending(self) -> bool:
        """Whether a create was refused since its namespace is being deleted: nothing need be done there."""
        return "NamespaceTerminating" in self.causes or (
            self.status == 403 and "because it is being terminated" in self.message
        )


@dataclass(frozen=True)
class Listing:
    """Objects of a kind, some or all, at one moment, which `version` (a resourceVersion) names."""

    items: tuple[Object, ...]
    version: str


@dataclass(frozen=True)
class WatchEvent:
    """One line of a watch: ADDED, MODIFIED, DELETED or BOOKMARK (only its resourceVersion counts)."""

    type: str
    object: Object


class Api(Protocol):
    """Every call raises ApiError, and gives up after a bounded time with `ApiError.status == TIMEOUT`."""

    async def get(self, key: Key) -> Object:
        """The object as it is now (a quorum read, never a cached one)."""

    def pages(
        self, kind: str, namespace: str | None = None, selector: str = "", name: str = ""
    ) -> AsyncGenerator[Listing, None]:
        """All objects of a kind, page by page but from one moment. One of another moment begins anew.

        With a `name` only the one of that name, whatever its labels are.
        """

    def watch(
        self, kind: str, namespace: str | None, selector: str, version: str
    ) -> AsyncGenerator[WatchEvent, None]:
        """What happened after `version`. Ends when the server hangs up; ApiError 410 asks for a new list."""

    async def create(self, body: Object) -> Object:
        """The created object; unknown fields are refused rather than dropped."""

    async def replace_status(self, body: Object) -> Object:
        """Write the status subresource, if `metadata.resourceVersion` is still the current one (else 409)."""

    async def patch(
        self, key: Key, uid: str, body: Object, revision: str = "", subresource: str = ""
    ) -> Object:
        """JSON-merge-patch the object, or that subresource of it.

        If it still has this uid, and resourceVersion if one is given (else 409).
        """

    async def delete(self, key: Key, uid: str, grace: int | None = None, revision: str = "") -> Object:
        """Delete the object, if it still has this uid, and resourceVersion if one is given (else 409).

        Answers the object, or a `Status`.
        """


def key_of(body: Object) -> Key:
    """The key of an object that came from, or goes to, the API."""
    meta = body["metadata"]
    return Key(kind_of(body), meta.get("namespace", ""), meta["name"])


def controller_of(body: Object) -> Mapping[str, Any] | None:
    """Who controls this object."""
    return owner_of(body)

"""The Kubernetes API with the pod's own service account: what a flow that makes a cluster needs of it."""

from __future__ import annotations

import http.client
import json
import os
import time
from typing import Any

from ..settings import text

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
GROUP = "/apis/daskflow.dev/v1alpha1"
TIMEOUT = 15.0
"""Seconds an answer may take."""
PATIENCE = 30.0
"""Seconds for which a server that fails, or does not answer, is asked again."""


class Refused(Exception):
    """An answer other than 2xx. `status` is the HTTP code, the text the server's own sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Kubernetes:
    """Objects of our group in the run's namespace. Raises Refused, or OSError when there is no answer."""

    def __init__(self) -> None:
        self._account = text("ACCOUNT", ACCOUNT)
        self._base = f"{GROUP}/namespaces/{text('NAMESPACE')}/daskclusters"
        if not os.path.exists(os.path.join(self._account, "token")):
            raise RuntimeError(
                "This pod has no service account token, which making a DaskCluster needs: set"
                " spec.serviceAccountName to an account that may create DaskClusters, and"
                " automountServiceAccountToken: true in spec.runner.template.spec."
            )

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """The created object. Its name is a chance one: what has it already is ours, from a lost answer."""
        try:
            return self._ask("POST", self._base + "?fieldValidation=Strict", body)
        except Refused as error:
            if error.status != 409:
                raise
            return self.get(body["metadata"]["name"])

    def get(self, name: str) -> dict[str, Any]:
        """The object as it is now."""
        return self._ask("GET", f"{self._base}/{name}", None)

    def delete(self, name: str, uid: str) -> None:
        """Delete the object with this uid, if it is there."""
        try:
            self._ask("DELETE", f"{self._base}/{name}", {"preconditions": {"uid": uid}})
        except Refused as error:
            if error.status not in (404, 409):
                raise

    def _ask(self, method: str, path: str, body: Any) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._once(method, path, body)
            except Refused as error:
                passing = error.status == 429 or error.status >= 500
                if not passing or time.monotonic() > until:
                    raise
            except (OSError, http.client.HTTPException):
                if time.monotonic() > until:
                    raise
            time.sleep(0.5)

    def _once(self, method: str, path: str, body: Any) -> dict[str, Any]:
        connection = self._connection()
        try:
            # Read each time: the kubelet renews it.
            with open(os.path.join(self._account, "token"), encoding="ascii") as file:
                headers = {"Authorization": "Bearer " + file.read().strip()}
            headers["Content-Type"] = "application/json"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        try:
            answer = json.loads(data or b"{}")
        except ValueError:
            answer = {"message": data.decode("utf-8", "replace")[:500]}
        if not 200 <= response.status < 300:
            raise Refused(response.status, str(answer.get("message") or f"HTTP {response.status}"))
        return dict(answer)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], int(os.environ["KUBERNETES_SERVICE_PORT"])
        authority = os.path.join(self._account, "ca.crt")
        if not os.path.exists(authority):
            raise RuntimeError(f"The API server's certificate authority is missing: {authority}.")
        import ssl

        context = ssl.create_default_context(cafile=authority)
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)

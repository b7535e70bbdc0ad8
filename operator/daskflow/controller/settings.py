"""How the process runs, and what planners are given: from environment variables, which the chart sets."""

import os
import re
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from daskflow.controller.installed_defaults import installed_defaults
from daskflow.controller.kubernetes.kinds import CHILDREN, CONFIG_MAPS, CUSTOM, DASK_KUBERNETES, LEFT
from daskflow.controller.kubernetes.root_key import root_key
from daskflow.controller.kubernetes.verbs import Api
from daskflow.controller.logs import FORMATS
from daskflow.manifests.settings import (
    SERVICE_TYPES,
    DaskKubernetes,
    Injection,
    Policy,
    Prices,
    Settings,
    Tls,
)
from daskflow.runtime.pack import pack

SWITCH = ("false", "true")
LEVELS = ("INFO", "DEBUG", "WARNING", "ERROR")
LONGEST_CURRENCY = 8


@dataclass(frozen=True)
class ProcessSettings:
    """How the process runs; what planners need to know comes from `load_settings`."""

    namespaces: tuple[str, ...]
    """Empty: the whole cluster."""
    port: int
    workers: int
    log_level: str
    log_format: str
    """text or json."""
    lease: str
    """The name of the Lease by which one of several operators leads, in the operator's namespace."""
    identity: str
    """This process among them: a pod's name. Two at once never have the same."""
    defaults: Mapping[str, Any]
    """What specs leave open and the installation gives, as in a FlowRun's spec."""
    dask_kubernetes: bool = False
    """Whether the kinds of dask-kubernetes are served."""

    @property
    def custom(self) -> tuple[str, ...]:
        """The kinds that users write and this process looks after."""
        return (*CUSTOM, *DASK_KUBERNETES) if self.dask_kubernetes else CUSTOM

    @property
    def watched(self) -> tuple[str, ...]:
        """All kinds that are listed before anything is planned."""
        return (*self.custom, *CHILDREN, *(LEFT if self.dask_kubernetes else ()), CONFIG_MAPS)


def process_settings() -> ProcessSettings:
    """From the environment: DASKFLOW_NAMESPACES (comma-separated), _METRICS_PORT, _WORKERS, _LOG_LEVEL,
    _LOG_FORMAT, _LEASE, _IDENTITY, _DEFAULTS (a file) and _DASK_KUBERNETES (true, false).

    Raises ValueError for what cannot be.
    """
    names = os.environ.get("DASKFLOW_NAMESPACES", "").split(",")
    return ProcessSettings(
        namespaces=tuple(name.strip() for name in names if name.strip()),
        port=_number("DASKFLOW_METRICS_PORT", 8080),
        workers=_number("DASKFLOW_WORKERS", 32),
        log_level=_one_of("DASKFLOW_LOG_LEVEL", LEVELS, str.upper),
        log_format=_one_of("DASKFLOW_LOG_FORMAT", FORMATS),
        lease=os.environ.get("DASKFLOW_LEASE") or "daskflow",
        identity=os.environ.get("DASKFLOW_IDENTITY") or f"{socket.gethostname()}_{secrets.token_hex(4)}",
        defaults=installed_defaults(),
        dask_kubernetes=_one_of("DASKFLOW_DASK_KUBERNETES", SWITCH) == "true",
    )


def _one_of(name: str, allowed: tuple[str, ...], read: Callable[[str], str] = str) -> str:
    """A variable's value; the first of those that are allowed is the default."""
    value = read(os.environ.get(name) or allowed[0])
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}: set it to {' or '.join(allowed)}")
    return value


def _number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal() or int(value) < 1:
        raise ValueError(f"{name} is {value!r}: set it to a number from 1 on")
    return int(value)


def operator_namespace() -> str:
    """Where the operator's own Secret and Lease are."""
    return os.environ.get("DASKFLOW_OPERATOR_NAMESPACE", "daskflow-system")


async def load_settings(api: Api, defaults: Mapping[str, Any]) -> Settings:
    """What planners are given. The root key comes from a Secret in DASKFLOW_OPERATOR_NAMESPACE.

    DASKFLOW_OPERATOR_LABELS (name=value,…) are those of the operator's pods, DASKFLOW_INHERITED_PREFIXES
    (comma-separated) begin the names of labels and annotations that pods inherit. For the kinds of
    dask-kubernetes see `_dask_kubernetes`, for prices `_prices`. Raises ValueError for what cannot be.
    """
    namespace = operator_namespace()
    told = os.environ.get("DASKFLOW_OPERATOR_LABELS", "app.kubernetes.io/name=daskflow")
    labels = dict(pair.strip().split("=", 1) for pair in told.split(",") if "=" in pair)
    return Settings(
        root_key=await root_key(api, namespace),
        runtime=pack(),
        operator_namespace=namespace,
        operator_labels=labels,
        inherited_prefixes=tuple(
            prefix.strip()
            for prefix in os.environ.get("DASKFLOW_INHERITED_PREFIXES", "").split(",")
            if prefix.strip()
        ),
        defaults=defaults,
        dask_kubernetes=_dask_kubernetes(),
        prices=_prices(),
    )


def _prices() -> Prices | None:
    """From DASKFLOW_PRICE_CPU_HOUR, _PRICE_MEMORY_GIB_HOUR and _PRICE_CURRENCY; none without either price."""
    cpu, memory = _price("DASKFLOW_PRICE_CPU_HOUR"), _price("DASKFLOW_PRICE_MEMORY_GIB_HOUR")
    currency = os.environ.get("DASKFLOW_PRICE_CURRENCY") or "EUR"
    if len(currency) > LONGEST_CURRENCY:
        raise ValueError(f"DASKFLOW_PRICE_CURRENCY is {currency!r}: set it to a short word, for example EUR")
    return Prices(cpu, memory, currency) if cpu or memory else None


def _price(name: str) -> Decimal:
    value = os.environ.get(name) or "0"
    if not re.fullmatch(r"[0-9]{1,6}([.][0-9]{1,9})?", value):
        raise ValueError(f"{name} is {value!r}: set it to a price of an hour, for example 0.031")
    return Decimal(value)


def _dask_kubernetes() -> DaskKubernetes:
    """From DASKFLOW_DASK_KUBERNETES_REWRITE and _PRELOAD (true, false), _TLS (None, Pods, All),
    _NETWORK_POLICY (Namespace, Cluster, None) and _SERVICE_TYPES (comma-separated).
    """
    prefix = "DASKFLOW_DASK_KUBERNETES"
    types = os.environ.get(f"{prefix}_SERVICE_TYPES") or ",".join(SERVICE_TYPES)
    tls: Any = _one_of(f"{prefix}_TLS", get_args(Tls))
    policy: Any = _one_of(f"{prefix}_NETWORK_POLICY", get_args(Policy))
    return DaskKubernetes(
        rewrite_commands=_one_of(f"{prefix}_REWRITE", SWITCH[::-1]) == "true",
        injection=Injection(_one_of(f"{prefix}_PRELOAD", SWITCH) == "true", tls),
        service_types=tuple(each.strip() for each in types.split(",")),
        network_policy=policy,
    )

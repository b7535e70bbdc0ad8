"""The worker: gives each flow run of its pool a FlowRun, and returns; the observer sees to the rest."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from prefect.exceptions import InfrastructureError, InfrastructureNotAvailable, InfrastructureNotFound
from prefect.workers.base import BaseWorker, BaseWorkerResult

from prefect_daskflow.configuration import DaskflowConfiguration, Unfit
from prefect_daskflow.kubernetes_side import Kubernetes, Refused, connected
from prefect_daskflow.names import Place
from prefect_daskflow.observer import Observer
from prefect_daskflow.prefect_side import Prefect
from prefect_daskflow.settings import Settings
from prefect_daskflow.variables import DaskflowVariables

if TYPE_CHECKING:
    import anyio.abc
    from prefect.client.schemas.objects import FlowRun, WorkPool


class DaskflowResult(BaseWorkerResult):
    """A FlowRun was made; what came of it the observer tells Prefect."""


class DaskflowWorker(BaseWorker[DaskflowConfiguration, DaskflowVariables, DaskflowResult]):
    """Runs flow runs as FlowRuns, each on a Dask cluster of its own in Kubernetes."""

    type = "daskflow"
    job_configuration = DaskflowConfiguration
    job_configuration_variables = DaskflowVariables
    _description = "Runs each flow on a Dask cluster of its own in Kubernetes, with its tasks on the workers."
    _display_name = "daskflow"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._settings = Settings()
        self._kubernetes: Kubernetes | None = None
        self._stack = AsyncExitStack()
        self._observing: asyncio.Task[None] | None = None
        self._pool_known = asyncio.Event()

    async def setup(self) -> None:
        """Called by Prefect. Raises ConfigException without a pod's service account and a kubeconfig."""
        self._kubernetes = await self._stack.enter_async_context(connected(self._settings))
        await super().setup()
        self._observing = asyncio.create_task(self._observe(self._kubernetes))

    async def teardown(self, *exc_info: Any) -> None:
        """Called by Prefect, when nothing is being submitted any more. FlowRuns go on."""
        if self._observing is not None:
            self._observing.cancel()
            await asyncio.gather(self._observing, return_exceptions=True)
        await super().teardown(*exc_info)
        await self._stack.aclose()

    async def _observe(self, kubernetes: Kubernetes) -> None:
        """From when Prefect's server has told of the pool: it may be away when a worker starts."""
        await self._pool_known.wait()
        observer = Observer(
            kubernetes, Prefect(self.client), self.work_pool.id, self._settings, self._again, self._logger
        )
        await observer.run()

    def _record_work_pool_snapshot(self, work_pool: "WorkPool") -> None:
        super()._record_work_pool_snapshot(work_pool)
        self._pool_known.set()

    async def _propose_pending_state(self, flow_run: "FlowRun") -> bool:
        """Called by Prefect with a flow run as it was when it was polled: by now another may have taken
        it, and it may have ended. The server would let it begin again."""
        now = await self.client.read_flow_run(flow_run.id)
        if now.state is None or not now.state.is_scheduled():
            return False
        return await super()._propose_pending_state(flow_run)

    async def _propose_submitting_state(self, flow_run: "FlowRun") -> None:
        """Not here: a worker that was kept waiting would call Pending what has ended meanwhile. It is said
        with where the FlowRun goes."""

    async def run(
        self,
        flow_run: "FlowRun",
        configuration: DaskflowConfiguration,
        task_status: "anyio.abc.TaskStatus[Any] | None" = None,
    ) -> DaskflowResult:
        """Make the FlowRun. Raises InfrastructureError, which makes the flow run Crashed, with a sentence."""
        pid = await self._submit(flow_run, configuration)
        if task_status is not None:
            task_status.started(pid)
        return DaskflowResult(identifier=pid, status_code=0)

    async def _initiate_run(self, flow_run: "FlowRun", configuration: DaskflowConfiguration) -> None:
        if pid := await self._submit(flow_run, configuration):
            await self.client.update_flow_run(flow_run.id, infrastructure_pid=pid)

    async def _submit(self, flow_run: "FlowRun", configuration: DaskflowConfiguration) -> str:
        """The pid of the FlowRun, which is made unless it is there already; empty if it is to have none."""
        kubernetes = self._connected()
        prefect = Prefect(self.client)
        now = await self.client.read_flow_run(flow_run.id)
        if now.state is not None and not now.state.is_pending():
            self.get_flow_run_logger(flow_run).info("It gets no FlowRun, since it is %s.", now.state.name)
            if now.state.is_cancelling():
                await prefect.cancelled(str(flow_run.id), "It was cancelled before it had a FlowRun.")
            return ""
        namespace = configuration.namespace or self._settings.namespace or kubernetes.namespace
        observed = self._settings.observed(kubernetes.namespace)
        if observed and namespace not in observed:
            raise InfrastructureError(
                f"The job variable namespace is {namespace}, and this worker has {', '.join(observed)}."
                " Name one of these, or add it to PREFECT_DASKFLOW_NAMESPACES of the worker."
            )
        submission = await prefect.submission(now)
        own = Place(await kubernetes.identity(namespace), namespace, configuration.flow_run_name(submission))
        place = await prefect.placed(now, own)
        if place is None or not await self._reached(place, observed, kubernetes):
            self._logger.info("Flow run %s: its FlowRun is another worker's to make.", flow_run.name)
            return ""
        try:
            manifest, secrets = configuration.flow_run_manifest(
                submission, place.namespace, self._settings.api_secret, place.name
            )
            found = await kubernetes.create(manifest)
            if secrets:
                await kubernetes.create_secret(found, secrets)
        except (Unfit, Refused) as error:
            raise InfrastructureError(str(error)) from error
        logger = self.get_flow_run_logger(flow_run)
        logger.info("FlowRun %s is made in namespace %s.", place.name, place.namespace)
        return place.pid

    async def _reached(self, place: Place, observed: tuple[str, ...], kubernetes: Kubernetes) -> bool:
        """Whether this worker may make FlowRuns there; no namespaces observed are all."""
        if observed and place.namespace not in observed:
            return False
        return place.cluster == await kubernetes.identity(place.namespace)

    async def _again(self, flow_run: "FlowRun") -> None:
        """A flow run that a worker died over while it was submitting it."""
        try:
            configuration = await self.job_configuration.resolve_for_flow_run(
                flow_run,
                client=self.client,
                work_pool=self.work_pool,
                worker_name=self.name,
                worker_id=self.backend_id,
            )
            await self._initiate_run(flow_run, configuration)
        except (InfrastructureError, ValueError) as error:
            await Prefect(self.client).crash(str(flow_run.id), f"It cannot be submitted: {error}")

    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: DaskflowConfiguration, grace_seconds: int = 30
    ) -> None:
        """Have the FlowRun end, with its own grace period. Raises InfrastructureNotFound or …NotAvailable."""
        kubernetes = self._connected()
        place = Place.of(infrastructure_pid)
        if place is None:
            raise InfrastructureNotFound(f"{infrastructure_pid!r} is no FlowRun: cluster:namespace:name is.")
        if place.cluster != await kubernetes.identity(place.namespace):
            raise InfrastructureNotAvailable(
                f"FlowRun {place.name} of namespace {place.namespace} is in another cluster."
            )
        if not await kubernetes.cancel(place.namespace, place.name):
            raise InfrastructureNotFound(f"There is no FlowRun {place.name} in namespace {place.namespace}.")

    def _connected(self) -> Kubernetes:
        if self._kubernetes is None:
            raise RuntimeError("The worker has not been set up: use it as an async context manager.")
        return self._kubernetes

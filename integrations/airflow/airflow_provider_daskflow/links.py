"""The button of a task that leads to its run, where the installation has a page about runs."""

from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator


class FlowRunLink(BaseOperatorLink):
    """Leads to `run_url` of the operator, or of Airflow's configuration; Airflow keeps it as an XCom."""

    name = "FlowRun"

    def get_link(self, operator: "BaseOperator", *, ti_key: Any) -> str:
        """Asked for in the task's process whenever that ends or defers; empty: there is no button."""
        return str(getattr(operator, "run_link", "") or "")

"""Where the files of a flow come from that are not in its image."""

from typing import Annotated

from pydantic import ConfigDict, Field

from daskflow.api.model import Model, rule, rules
from daskflow.api.resources import LocalRef


class FilesSource(Model):
    """One ConfigMap or Secret with files, or with a part of an archive of them."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule("has(self.configMapRef) != has(self.secretRef)", "give either configMapRef or secretRef")
        )
    )

    config_map_ref: LocalRef | None = Field(default=None, description="A ConfigMap of the namespace.")
    secret_ref: LocalRef | None = Field(default=None, description="A Secret of the namespace.")
    archive: bool = Field(
        default=False,
        description="It holds parts of a compressed tar; those of all such sources, in the order of their "
        "keys, are one archive, which is unpacked in every pod and is the working directory there [false].",
    )


class Files(Model):
    """Files that come with the flow instead of being in the image."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule("has(self.configMapRef) || has(self.sources)", "give configMapRef, sources or both")
        )
    )

    config_map_ref: LocalRef | None = Field(
        default=None,
        description="A ConfigMap of the namespace; its files are mounted in every pod, on the import path.",
    )
    sources: Annotated[tuple[FilesSource, ...], Field(min_length=1, max_length=32)] | None = Field(
        default=None,
        description="More of them, and archives; of files with the same name the last one counts.",
    )

    @property
    def all_sources(self) -> tuple[FilesSource, ...]:
        """Both fields as one list."""
        first = (FilesSource(config_map_ref=self.config_map_ref),) if self.config_map_ref else ()
        return (*first, *(self.sources or ()))

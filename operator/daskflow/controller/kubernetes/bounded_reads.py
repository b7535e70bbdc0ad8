"""Bodies and lines of HTTP answers, bounded: what an API server says is as long as what users wrote."""

import logging
from collections.abc import AsyncGenerator

import aiohttp

log = logging.getLogger(__name__)

MOST_BYTES = 64 << 20
"""Of an answer or a line. etcd takes requests of 1.5 MiB unless told otherwise, API servers of 3 MiB."""
_CHUNK = 1 << 20


class TooLong(Exception):
    """There is more than was asked for."""


async def read_all(content: aiohttp.StreamReader, most: int = MOST_BYTES) -> bytearray:
    """All of it. Raises TooLong when there is more than so many bytes, as soon as that is known."""
    text = bytearray()
    async for chunk in content.iter_chunked(_CHUNK):
        text += chunk
        if len(text) > most:
            raise TooLong
    return text


async def read_lines(content: aiohttp.StreamReader, most: int = MOST_BYTES) -> AsyncGenerator[bytes, None]:
    """Its lines, without their ends and without empty ones; what is longer is left out.

    The reader's own lines end at its buffer's size with an error, and then at the same line again.
    """
    line = bytearray()
    over = False
    async for chunk in content.iter_chunked(_CHUNK):
        for number, part in enumerate(chunk.split(b"\n")):
            if number:
                if line and not over:
                    yield bytes(line)
                line, over = bytearray(), False
            if not over and len(line) + len(part) > most:
                log.warning("a line of more than %d bytes is left out", most)
                line, over = bytearray(), True
            if not over:
                line += part
    if line and not over:
        yield bytes(line)

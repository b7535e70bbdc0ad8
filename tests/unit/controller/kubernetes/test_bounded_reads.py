"""Lines of any length, of which those that are too long are left out."""

import asyncio
from unittest.mock import Mock

import aiohttp
from daskflow.controller.kubernetes.bounded_reads import read_lines


async def test_a_line_beyond_all_bounds_is_left_out() -> None:
    reader = aiohttp.StreamReader(Mock(), 2**16, loop=asyncio.get_running_loop())
    for chunk in (b"short\n", b"x" * 60, b"x" * 60 + b"\n\nshort", b" too\n" + b"y" * 101 + b"\nlast"):
        reader.feed_data(chunk)
    reader.feed_eof()
    assert [line async for line in read_lines(reader, 100)] == [b"short", b"short too", b"last"]

"""What the kubelet and Prometheus are answered."""

import aiohttp
from daskflow.controller.probes import serve


async def test_a_probe_says_what_is_wrong_and_fails() -> None:
    said = ["", ""]
    server = await serve(0, lambda: b"daskflow_leader 1.0\n", lambda: said[0], lambda: said[1])
    # Each family of addresses has a port of its own.
    port = next(address[1] for address in server.addresses if ":" not in address[0])
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

            async def get(path: str) -> tuple[int, str]:
                async with session.get(path) as answer:
                    return answer.status, await answer.text()

            assert await get("/healthz") == (200, "ok\n")
            assert await get("/readyz") == (200, "ok\n")
            assert await get("/metrics") == (200, "daskflow_leader 1.0\n")
            said[:] = "a watch is dead", "listing"
            assert await get("/healthz") == (500, "a watch is dead\n")
            assert await get("/readyz") == (503, "listing\n")
            assert (await get("/metrics"))[0] == 200
    finally:
        await server.cleanup()

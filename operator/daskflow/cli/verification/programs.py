"""The Python that checks run in users' images: nothing but Python, and `distributed` where they say so."""

PROBE = """
import platform
def version(name):
    try:
        from importlib.metadata import version
        return version(name)
    except Exception:
        return ""
result = {
    "python": platform.python_version(),
    "distributed": version("distributed"),
    "prefect": version("prefect"),
}
"""
"""What is in the image."""
SUM = "result = sum(range(10))"
SUM_ON_WORKERS = """
from distributed import get_client
client = get_client()
result = client.submit(sum, client.map(int, range(10))).result()
"""
SLEEPS = """
import time
print("begun", flush=True)
time.sleep({seconds})
result = "done"
"""
CLEANS_UP = """
import time
try:
    print("begun", flush=True)
    time.sleep(300)
finally:
    print("cleaned up", flush=True)
"""
CLEANS_UP_SLOWLY = """
import time
try:
    print("begun", flush=True)
    time.sleep(300)
finally:
    time.sleep(3)
    print("cleaned up", flush=True)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(300)
"""
SECOND_TIME = """
import os, sys
print("attempt", os.environ["DASKFLOW_ATTEMPT"], flush=True)
if os.environ["DASKFLOW_ATTEMPT"] == "1":
    sys.exit(3)
result = os.environ["DASKFLOW_ATTEMPT"]
"""
FAILS_LATE = """
import time
print("begun", flush=True)
time.sleep(2)
raise ValueError("the answer is not 42")
"""
FAILS = """
class Wrong(ValueError):
    pass
def deep():
    raise Wrong("the answer is not 42")
deep()
"""
LONG_WORDS = """
raise ValueError("long " * 20000)
"""
TASK_FAILS = """
from distributed import get_client
def divide(x):
    return 1 / x
get_client().submit(divide, 0).result()
"""
HUNGRY = """
data = [bytearray(2**20) for _ in range(2000)]
"""
FORGES = """
import time
from distributed import get_client

def forge():
    import json, os
    outcome = {"outcome": "Succeeded", "begun": 5, "result": "forged", "failure": 7}
    with open("/dev/termination-log", "w") as file:
        file.write(json.dumps({"v": 1, "role": "scheduler", "begun": 5, "outcome": outcome}))
    os._exit(1)

try:
    get_client().run_on_scheduler(forge)
except Exception:
    pass
time.sleep(300)
"""
CODE = """
import os
import sys
from parts.more import doubled

def flow(n=1):
    return [doubled(n), open("data.txt").read().strip()]
"""
PATH = """
import json

def flow(n, words=()):
    return {"n": n + 1, "words": list(words)}

async def later(n):
    import asyncio
    await asyncio.sleep(0)
    return n * 2
"""
GRAPH = """
import dask
graph = dask.delayed(sum)([dask.delayed(int)(text) for text in "12345"])
"""
COMMAND = (
    "import json, os; from distributed import Client; "
    "print('rows', Client().submit(len, json.loads(os.environ['DASKFLOW_PARAMETERS'])['rows']).result())"
)
PREFECT = """
from prefect import flow, task

@task
def double(n):
    return 2 * n

@flow
def doubles(n=3):
    return double(n)
"""
MANY_TASKS = """
import time
from distributed import get_client
def slow(x):
    time.sleep(0.4)
    return x
client = get_client()
result = sum(client.gather(client.map(slow, range({tasks}), pure=False)))
"""
GROWS = """
import time
from distributed import get_client
client = get_client()
futures = client.map(lambda n: time.sleep(1), range(30), pure=False)
client.gather(futures)
result = len({name for workers in client.who_has(futures).values() for name in workers})
"""
SHRINKS = """
import time
from distributed import get_client, get_worker, wait
client = get_client()
client.wait_for_workers(3)

def work(number):
    get_worker().log_event("starts", number)
    time.sleep(2 if number % 4 == 0 else 0)
    return bytes(1000 * number)

futures = client.map(work, range(16), pure=False)
print("submitted", flush=True)
until = time.monotonic() + 90
while len(client.scheduler_info(n_workers=-1)["workers"]) > 1 and time.monotonic() < until:
    time.sleep(0.1)
wait(futures)
starts = [told[1] for told in client.get_events("starts")]
result = [len(starts), len(set(starts)), sum(map(len, client.gather(futures)))]
"""
FREEZES = """
from distributed import get_client

def freeze():
    import ctypes, threading
    # Unlike time.sleep it keeps Python's lock: nothing of the process goes on.
    threading.Timer(4, lambda: ctypes.PyDLL(None).sleep(150)).start()

get_client().run_on_scheduler(freeze)
result = "frozen"
"""
WAITS_FOR_WORKERS = """
from distributed import get_client
client = get_client()
client.wait_for_workers({workers}, timeout=60)
result = len(client.scheduler_info(n_workers=-1)["workers"])
"""
PORTS = """
import json, os, socket
host, _, port = os.environ["ADDRESS"].rpartition("/")[2].rpartition(":")
said = {}
for name, number in (("scheduler", int(port)), ("control", 8788)):
    try:
        socket.create_connection((host.strip("[]"), number), 5).close()
        said[name] = "open"
    except OSError as error:
        said[name] = type(error).__name__
print(json.dumps(said))
"""
"""Which ports of a scheduler are open to somebody's pod; `control` is no port of its Service."""
STRANGER = """
import json, os
from distributed import Client
where = os.environ["ADDRESS"].rpartition("/")[2]
said = {}
for protocol in ("tcp", "tls"):
    try:
        with Client(f"{protocol}://{where}", timeout=5) as client:
            said[protocol] = client.submit(sum, range(10)).result(timeout=10)
    except Exception as error:
        said[protocol] = type(error).__name__
print(json.dumps(said))
"""
"""What a client without certificates comes to."""

"""Starts every example for real, and sees whether it does what it says."""

from __future__ import annotations

import ast
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hookseal import Provider, Secret, Webhook

EXAMPLES = Path(__file__).resolve().parent
ROOT = EXAMPLES.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

RECEIVERS = {
    "fastapi": [sys.executable, str(EXAMPLES / "receive-fastapi" / "app.py")],
    "express": ["node", str(EXAMPLES / "receive-express" / "app.mjs")],
    "axum": [str(TARGET / "release" / "receive-axum")],
}
SENDERS = {
    "python": [sys.executable, str(EXAMPLES / "send.py")],
    "node": ["node", str(EXAMPLES / "send.mjs")],
    "rust": [str(TARGET / "debug" / "examples" / "send")],
}
SERVICES = {
    "fastapi": [sys.executable, str(EXAMPLES / "send-fastapi" / "app.py")],
    "express": ["node", str(EXAMPLES / "send-express" / "app.mjs")],
}
DEMO = [sys.executable, str(EXAMPLES / "demo" / "demo.py")]
DEMO_PROCESSES = 15
"""The demo, the one that cleans up after it, the sender in Node, eleven receivers, and one with an inbox."""


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    send = ["build", "-p", "hookseal", "--features", "deliver", "--example", "send"]
    for arguments in (["build", "--release", "-p", "receive-axum"], send):
        subprocess.run(["cargo", *arguments], cwd=ROOT, check=True)


class Program:
    """An example that goes on, and what it printed."""

    def __init__(self, command: list[str], environment: dict[str, str], stdin: int | None = None) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "PORT": "0", "PYTHONUNBUFFERED": "1", **environment},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, text: str) -> str:
        """The first line with this text."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            for line in self.lines:
                if text in line:
                    return line
            time.sleep(0.01)
        pytest.fail(f"{text!r} was not printed, but: {self.lines}")

    def end(self) -> int:
        """Ask it to end, and wait until it has; its exit code."""
        self._process.terminate()
        return self._process.wait(15)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line.rstrip())


class Running(Program):
    """One that serves."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        super().__init__(command, environment)
        found = re.search(r"http://[\d.]+:\d+", self.wait_for("http://"))
        assert found
        self.url = f"{found[0]}/webhooks"

    def post(self, body: bytes, headers: dict[str, str], path: str = "/webhooks") -> tuple[int, bytes]:
        """Send a request as anybody could."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=5)
        connection.request("POST", path, body, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def ask(self, method: str, path: str, question: object = None) -> tuple[int, Any]:
        """Send JSON, or nothing, and return the status and the JSON of the answer."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=5)
        body = None if question is None else json.dumps(question)
        try:
            connection.request(method, path, body, {"content-type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Running] = []
    services = {f"{name} service": command for name, command in SERVICES.items()}

    def start_one(name: str, **environment: str) -> Running:
        running.append(Running({**RECEIVERS, **services}[name], environment))
        return running[-1]

    yield start_one
    for one in running:
        one.kill()


def run(command: list[str], timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WEBHOOK_")}
    return subprocess.run(
        command,
        env={**clean, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
    )


@pytest.mark.parametrize("name", RECEIVERS)
@pytest.mark.parametrize("provider", ["standard", "webkasa"])
def test_receivers_accept_what_is_genuine_and_refuse_the_rest(name: str, provider: str, start: Start) -> None:
    secret = Secret.generate(provider)
    webhook = Webhook(secret, provider=provider)
    receiver = start(name, WEBHOOK_SECRET=secret.expose(), WEBHOOK_PROVIDER=provider)

    event = Provider.builtin(provider).event("booking.created", {"guest": "Zoë", "note": "two  spaces"})
    headers = webhook.sign(event.body, id=event.id)
    assert receiver.post(event.body, headers)[0] == 200
    receiver.wait_for(f"accepted booking.created {event.id}")

    assert receiver.post(event.body.replace(b"two  spaces", b"two spaces"), headers)[0] == 401
    receiver.wait_for("refused signature_mismatch")
    assert receiver.post(b"", headers)[0] == 401
    code, answer = receiver.post(event.body, {})
    assert code == 401
    receiver.wait_for("refused missing_header")
    # A stranger learns the code from the answer, and no more.
    told = json.loads(answer)
    assert told.get("detail", told) == {"code": "missing_header"}
    assert len(told) == 1


@pytest.mark.parametrize("name", RECEIVERS)
def test_receivers_say_what_they_need(name: str) -> None:
    result = run(RECEIVERS[name])
    assert result.returncode == 1
    assert "WEBHOOK_SECRET" in result.stderr
    result = run(RECEIVERS[name], WEBHOOK_SECRET="whsec_!", WEBHOOK_PROVIDER="standard")
    assert result.returncode == 1
    assert "base64" in result.stderr
    result = run(RECEIVERS[name], WEBHOOK_SECRET="0" * 32, WEBHOOK_PROVIDER="webkasse")
    assert result.returncode == 1
    assert '"webkasa"' in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", SENDERS)
def test_senders_deliver(name: str, start: Start) -> None:
    secret = Secret.generate().expose()
    receiver = start("fastapi", WEBHOOK_SECRET=secret)
    result = run([*SENDERS[name], receiver.url], WEBHOOK_SECRET=secret)
    assert result.returncode == 0, result.stderr
    attempt, outcome = result.stdout.splitlines()
    assert re.fullmatch(r"attempt 1: 200 after \d+ ms", attempt)
    status, id = outcome.split()
    assert status == "delivered"
    receiver.wait_for(f"accepted invoice.paid {id}")


@pytest.mark.parametrize("name", SENDERS)
def test_senders_try_again_and_give_up(name: str, start: Start) -> None:
    receiver = start("fastapi", WEBHOOK_SECRET=Secret.generate().expose())
    result = run([*SENDERS[name], receiver.url], WEBHOOK_SECRET=Secret.generate().expose())
    assert result.returncode == 1
    assert [line.split(" after")[0] for line in result.stdout.splitlines()[:3]] == [
        "attempt 1: 401",
        "attempt 2: 401",
        "attempt 3: 401",
    ]
    assert result.stdout.splitlines()[3].startswith("failed msg_")


@pytest.mark.parametrize("name", SENDERS)
def test_senders_say_what_they_need(name: str) -> None:
    result = run(SENDERS[name])
    assert result.returncode == 1
    assert "WEBHOOK_SECRET" in result.stderr
    result = run(SENDERS[name], WEBHOOK_SECRET=Secret.generate().expose())
    assert result.returncode == 1
    assert "http://127.0.0.1:8000/webhooks" in result.stderr
    # This machine is allowed, its network is not.
    result = run([*SENDERS[name], "http://10.0.0.1/"], WEBHOOK_SECRET=Secret.generate().expose())
    assert result.returncode == 1
    assert "10.0.0.1" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_services_lose_nothing_when_they_are_killed(name: str, start: Start, tmp_path: Path) -> None:
    environment = {"HOOKSEAL_STORE": f"sqlite:{tmp_path / 'hooks.db'}", "ALLOW_LOCAL": "1"}
    service = start(f"{name} service", **environment)
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks"
    code, webhook = service.ask("POST", "/customers/acme/webhooks", {"url": url})
    assert (code, webhook["url"]) == (201, url)
    code, unwanted = service.ask("POST", "/customers/other/webhooks", {"url": url, "events": ["invoice.*"]})
    assert code == 201

    events: list[str] = []
    booking = {"tenant": "acme", "guest": "Zoë"}

    def book_until_it_dies(service: Running) -> None:
        while True:
            try:
                code, answer = service.ask("POST", "/bookings", booking)
            except (OSError, http.client.HTTPException, ValueError):
                return
            assert code == 201
            events.append(answer["event"])

    with ThreadPoolExecutor() as guests:
        booked = [guests.submit(book_until_it_dies, service) for _ in range(3)]
        wait_until(lambda: len(events) >= 50)
        service.kill()
    assert [guest.result() for guest in booked] == [None] * 3

    service = start(f"{name} service", **environment)
    code, answer = service.ask("POST", "/bookings", booking)
    assert code == 201
    events.append(answer["event"])
    # The first retry is due five seconds after the first attempt, which nobody answered.
    receiver = start("axum", WEBHOOK_SECRET=webhook["secret"], PORT=str(port))
    for event in events:
        receiver.wait_for(f"accepted booking.created {event}")
    assert len(set(events)) == len(events)

    wait_until(lambda: all(row["status"] == "delivered" for row in deliveries(service, "acme")))
    log = deliveries(service, "acme")
    ids = [row["event"] for row in log]
    assert len(set(ids)) == len(ids)
    assert set(events) <= set(ids)
    assert len(ids) - len(events) <= 3, "bookings that were on their way"
    assert {row["response_code"] for row in log} == {200}
    assert deliveries(service, "other") == []

    since = len(receiver.lines)
    code, answer = service.ask("POST", f"/deliveries/{log[0]['id']}/retry")
    assert (code, set(answer)) == (202, {"delivery"})
    wait_until(lambda: len(receiver.lines) > since)
    assert receiver.lines[since:] == [f"accepted booking.created {log[0]['event']}"]
    assert not any(line.startswith("refused") for line in receiver.lines)
    service.end()
    assert not [line for line in service.lines if re.search("Error|Traceback", line)]
    assert webhook["secret"] not in "".join(service.lines)
    assert webhook["secret"] != unwanted["secret"]


@pytest.mark.parametrize("name", SERVICES)
def test_services_refuse_what_customers_must_not_do(name: str, start: Start, tmp_path: Path) -> None:
    service = start(f"{name} service", HOOKSEAL_STORE=f"sqlite:{tmp_path / 'hooks.db'}", ALLOW_LOCAL="")
    for url, error in [
        ("http://example.com/", "invalid_url"),
        ("https://127.0.0.1/", "blocked_address"),
        ("nonsense", "invalid_url"),
    ]:
        code, answer = service.ask("POST", "/customers/acme/webhooks", {"url": url})
        assert (code, answer["error"]) == (422, error)
        assert answer["message"]
    code, answer = service.ask("POST", "/deliveries/7/retry")
    assert (code, answer["error"]) == (404, "not_found")
    assert service.post(b'{"guest": "nobody\'s"}', {}, "/bookings")[0] == 422
    assert service.ask("GET", "/customers/acme/deliveries") == (200, {"deliveries": [], "cursor": None})
    service.end()


@pytest.mark.parametrize("name", SERVICES)
def test_services_say_what_they_need(name: str, tmp_path: Path) -> None:
    result = run(SERVICES[name], HOOKSEAL_STORE=f"sqlite:{tmp_path / 'no' / 'hooks.db'}")
    assert result.returncode == 1
    assert result.stderr.startswith("HOOKSEAL_STORE: Could not open the store")
    assert "Traceback" not in result.stderr


def test_own_provider() -> None:
    command = [sys.executable, str(EXAMPLES / "own-provider.py")]
    assert "WEBHOOK_SECRET" in run(command).stderr
    result = run(command, WEBHOOK_SECRET="acme_0123456789abcdef0123456789abcdef")
    assert result.returncode == 0, result.stderr
    assert "acme-signature" in result.stdout
    assert "accepted parcel.shipped {'parcel': 'pcl_7', 'carrier': 'Snail Express'}" in result.stdout
    assert result.stdout.endswith("refused timestamp_too_old\n")


def test_demo_tells_the_whole_story() -> None:
    began = time.monotonic()
    result = run(DEMO)
    assert result.returncode == 0, result.stdout + result.stderr
    assert time.monotonic() - began < 30
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert max(map(len, lines)) <= 80
    for vendor in ("kagibag", "kakiyo", "webkasa", "kazinex"):
        provider = Provider.builtin(vendor)
        assert any(line.startswith(f"{provider.name}   x-") for line in lines)
        for event in provider.events:
            row = next(line for line in lines if line.startswith(f"{event.name} "))
            assert re.search(r"✓ verified|↻ retry in 1 s|✗ failed for good", row), row

    table = "\n".join(lines)
    # From 100 ms on without the tenths.
    cell = r" +\d+(?:\.\d)?"
    for row in [
        rf"linkedin\.message\.sent +Python +1  503{cell}  200{cell}  ↻ retry in 1 s",
        rf"  again, 1\.\d s later +Python +2  503{cell} +↻ retry in 2 s",
        rf"  again, 2\.\d s later +Python +3  200{cell} +✓ verified",
        rf"workflow\.created +Python +1  503{cell}  200{cell}  ✗ failed for good",
        rf"  sent again by hand +Python +1  200{cell} +✓ verified",
        rf"order\.paid +Node +1  200{cell}  200{cell}  200{cell}  ✓ verified",
        rf"forged: wrong secret +WebKasa recipe \(Node\) +401{cell}  refused",
        rf"forged: wrong secret +Kakiyo FastAPI \(Python\) +401{cell}  signature_mismatch",
        rf"forged: wrong secret +Kazinex Express \(Node\) +401{cell}  signature_mismatch",
        rf"forged: wrong secret +Kagibag Axum \(Rust\) +401{cell}  signature_mismatch",
        rf"altered: one digit +Kagibag FastAPI \(Python\) +401{cell}  signature_mismatch",
        rf"unsigned +WebKasa Express \(Node\) +401{cell}  missing_header",
        rf"replayed: 10 min old +Standard Axum \(Rust\) +401{cell}  timestamp_too_old",
        rf"  the same, but new +Standard Axum \(Rust\) +200{cell}  ✓ accepted",
        r"to a private address +none, it was not sent +- +blocked_address",
        r" +1  down +(?!0)\d+ +0 +0  ✗ kill -9 after \d\.\d s",
        r" +2  comes up +(?!0)\d+ +(?!0)\d+ +\d+  ✗ kill -9 after \d\.\d s",
        r" +3  up +1 +\d+ +\d+  ✓ nothing left",
        r" +all +(\d+) +\1 +\d+  ✓ 0 lost",
        rf" +1  booking\.created +200{cell}  ✓ handled",
        rf" +the same again +200{cell}  ✓ dropped, a duplicate",
        rf" +10 times at once +200{cell}  ✓ dropped, a duplicate",
        rf" +booking\.confirmed +200{cell}  ✗ kill -9 while it ran",
        r" +2 +found in its file, try 2 +- +✓ handled",
        rf" +booking\.cancelled +200{cell}  ✓ handled",
    ]:
        assert re.search(f"^{row}$", table, re.MULTILINE), f"{row}\n{table}"
    assert "retries every 0.5 s here" in table
    assert "✓ Everything came out as expected" in table


def test_demo_does_not_take_half_a_line_for_what_was_said() -> None:
    says = "import os, time; os.write(1, b'ha'); time.sleep(0.5); os.write(1, b'lf\\nha'); time.sleep(60)"
    story = f"""
import asyncio, sys
from children import Child

async def main() -> None:
    child = Child("It", [sys.executable, "-c", {says!r}], {{}})
    await child.start()
    await child.printed(1, "say a line")
    await asyncio.sleep(0.5)
    child.kill()
    await child.gone()
    print([line for _, line in child.lines])

asyncio.run(main())
"""
    result = run([sys.executable, "-c", story], PYTHONPATH=str(EXAMPLES / "demo"))
    assert result.stdout == "['half']\n", result.stdout + result.stderr


def test_demo_in_a_terminal_shows_what_is_going_on() -> None:
    result = run(DEMO, FORCE_COLOR="1", TERM="xterm")
    assert result.returncode == 0, result.stdout + result.stderr
    for going_on in ("starting receivers", "answered 503: attempt 2 in", "sending to a receiver"):
        assert going_on in result.stdout
    assert result.stderr == ""


def test_demo_notices_a_receiver_that_accepts_everything(tmp_path: Path) -> None:
    demo = copied(tmp_path)
    recipe = demo / "recipes" / "webkasa.mjs"
    recipe.write_text("import { serve } from './serve.mjs'\nserve(() => true)\n")
    result = run([sys.executable, str(demo / "demo.py")], CARGO_TARGET_DIR=str(TARGET), COLUMNS="200")
    assert result.returncode == 1
    assert 'Expected the request "forged: wrong secret" at WebKasa recipe (Node)' in result.stdout
    assert "to be answered 401; it came to 200." in result.stdout
    assert "Everything came out" not in result.stdout


def test_demo_notices_a_retry_that_did_not_happen(tmp_path: Path) -> None:
    demo = copied(tmp_path)
    serve = demo / "recipes" / "serve.py"
    serve.write_text(serve.read_text().replace("failures -= 1", "failures -= 2"))
    result = run([sys.executable, str(demo / "demo.py")], CARGO_TARGET_DIR=str(TARGET), COLUMNS="200")
    assert result.returncode == 1
    assert "to be answered [503, 503, 200]; it came to [503, 200]." in result.stdout


def test_demo_notices_a_sender_that_forgets(tmp_path: Path) -> None:
    demo = copied(tmp_path)
    durable = demo / "durable.py"
    durable.write_text(durable.read_text().replace('order["store"]', '"memory:"'))
    result = run([sys.executable, str(demo / "demo.py")], CARGO_TARGET_DIR=str(TARGET), COLUMNS="200")
    assert result.returncode == 1
    assert re.search(
        r"Expected every event whose send\(\) returned to arrive; it came to \d+ lost", result.stdout
    )
    assert re.search(r"✗ \d+ lost", result.stdout)
    assert "Everything came out" not in result.stdout


@pytest.mark.parametrize(
    ("spoilt", "by", "complaint"),
    [
        ("HOOKSEAL_INBOX, webhook", "'memory:', webhook", "What was answered with 200 was not handled."),
        (
            "endpoint(inbox,",
            "twice, endpoint(inbox,",
            "Expected the handler of The inbox in Express, first life",
        ),
    ],
    ids=["forgets", "lets duplicates through"],
)
def test_demo_notices_an_inbox_that(spoilt: str, by: str, complaint: str, tmp_path: Path) -> None:
    demo = copied(tmp_path)
    app = demo.parent / "receive-inbox-express" / "app.mjs"
    assert spoilt in app.read_text()
    every_request = "const twice = (request, response, next) => (console.log('handled again'), next())\n"
    app.write_text(app.read_text().replace(spoilt, by).replace("const app =", f"{every_request}const app ="))
    result = run([sys.executable, str(demo / "demo.py")], CARGO_TARGET_DIR=str(TARGET), COLUMNS="200")
    assert result.returncode == 1
    assert complaint in result.stdout + result.stderr
    assert "Everything came out" not in result.stdout


def test_demo_says_what_did_not_start(tmp_path: Path) -> None:
    result = run(DEMO, CARGO_TARGET_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "Kagibag Axum needs" in result.stderr
    demo = copied(tmp_path)
    (demo / "recipes" / "kakiyo.py").write_text("raise SystemExit('out of order')\n")
    result = run([sys.executable, str(demo / "demo.py")], CARGO_TARGET_DIR=str(TARGET))
    assert result.returncode == 1
    assert "Kakiyo recipe ended before it could listen.\n  | out of order" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("processes", [DEMO_PROCESSES, DEMO_PROCESSES + 1], ids=["sending", "durable"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_demo_leaves_nothing_behind(end: signal.Signals, processes: int, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    environment = {**os.environ, "DEMO_MARK": mark, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(DEMO, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 15
    while len(marked(mark)) < processes and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(marked(mark)) == processes
    time.sleep(0.5)  # in the midst of it
    process.send_signal(end)
    code = process.wait(10)
    assert code == (-signal.SIGKILL if end is signal.SIGKILL else 130)
    while (marked(mark) or any(tmp_path.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not marked(mark)
    assert not list(tmp_path.iterdir())


def test_recipes_use_nothing_but_the_standard_library() -> None:
    recipes = EXAMPLES / "demo" / "recipes"
    for file in recipes.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, "serve"}, file.name
    for file in recipes.glob("*.mjs"):
        imported = re.findall(r"(?:from|import\(?|require\() ?'([^']+)'", file.read_text())
        assert imported
        assert all(name.startswith("node:") or name == "./serve.mjs" for name in imported), file.name


def test_readme_lists_every_example() -> None:
    readme = (EXAMPLES / "README.md").read_text()
    single = [path for pattern in ("*.py", "*.mjs", "*.toml") for path in EXAMPLES.glob(pattern)]
    folders = [
        path for path in EXAMPLES.iterdir() if (path / "app.py").exists() or (path / "app.mjs").exists()
    ]
    several = [*(EXAMPLES / "postgres").iterdir(), EXAMPLES / "compose"]
    for path in [*single, *folders, *several, EXAMPLES / "receive-axum", EXAMPLES / "demo"]:
        name = path.relative_to(EXAMPLES).as_posix()
        if not name.startswith("test_") and name not in ("pyproject.toml", "postgres/__pycache__"):
            assert f"]({name}" in readme, name


def deliveries(service: Running, tenant: str) -> list[dict[str, Any]]:
    """A customer's whole log."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        code, page = service.ask("GET", f"/customers/{tenant}/deliveries{cursor}")
        assert code == 200
        found += page["deliveries"]
        if page["cursor"] is None:
            return found
        cursor = f"?cursor={page['cursor']}"


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def free_port() -> int:
    """A port where nobody listens, below those that systems give to whoever connects."""
    for port in random.sample(range(20000, 30000), 100):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    pytest.fail("There is no free port from 20000 to 30000.")


def marked(mark: str) -> list[str]:
    """The processes that were started with this mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def copied(folder: Path) -> Path:
    """The examples, to be spoilt."""
    examples = folder / "examples"
    shutil.copytree(EXAMPLES, examples, ignore=shutil.ignore_patterns("node_modules", ".*"))
    (examples / "node_modules").symlink_to(EXAMPLES / "node_modules")
    return examples / "demo"

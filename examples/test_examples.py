"""Starts every example for real, and sees whether it does what it says."""

from __future__ import annotations

import ast
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
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
DEMO = [sys.executable, str(EXAMPLES / "demo" / "demo.py")]
DEMO_PROCESSES = 14
"""The demo, the one that cleans up after it, the sender in Node, and eleven receivers."""


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    send = ["build", "-p", "hookseal", "--features", "deliver", "--example", "send"]
    for arguments in (["build", "--release", "-p", "receive-axum"], send):
        subprocess.run(["cargo", *arguments], cwd=ROOT, check=True)


class Running:
    """An example that serves, and what it printed."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **environment, "PORT": "0", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        found = re.search(r"http://[\d.]+:\d+", self.wait_for("http://"))
        assert found
        self.url = f"{found[0]}/webhooks"

    def wait_for(self, text: str) -> str:
        """The first line with this text."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            for line in self.lines:
                if text in line:
                    return line
            time.sleep(0.01)
        pytest.fail(f"{text!r} was not printed, but: {self.lines}")

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send a request as anybody could."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        connection.request("POST", parts.path, body, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line.rstrip())


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Running] = []

    def start_one(name: str, **environment: str) -> Running:
        running.append(Running(RECEIVERS[name], environment))
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
    # A stranger learns nothing from the answer.
    assert b"missing" not in answer
    assert b"header" not in answer


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
    assert time.monotonic() - began < 15
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert max(map(len, lines)) <= 80
    for vendor in ("kagibag", "kakiyo", "webkasa", "kazinex"):
        provider = Provider.builtin(vendor)
        assert any(line.startswith(f"{provider.name}   x-") for line in lines)
        for event in provider.events:
            row = next(line for line in lines if line.startswith(f"{event.name} "))
            assert re.search(r"✓ verified|↻ retry in 1 s|✗ failed for good", row), row

    table = "\n".join(lines)
    cell = r" +\d+\.\d"
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
    ]:
        assert re.search(f"^{row}$", table, re.MULTILINE), f"{row}\n{table}"
    assert "✓ Everything came out as expected" in table


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
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_demo_leaves_nothing_behind(end: signal.Signals) -> None:
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        DEMO, env={**os.environ, "DEMO_MARK": mark}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + 15
    while len(marked(mark)) < DEMO_PROCESSES and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(marked(mark)) == DEMO_PROCESSES
    time.sleep(0.5)  # in the midst of it
    process.send_signal(end)
    code = process.wait(10)
    assert code == (-signal.SIGKILL if end is signal.SIGKILL else 130)
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not marked(mark)


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
    for path in [*single, *folders, EXAMPLES / "receive-axum", EXAMPLES / "demo"]:
        if path.name not in ("test_examples.py", "pyproject.toml"):
            assert f"]({path.name}" in readme, path.name


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

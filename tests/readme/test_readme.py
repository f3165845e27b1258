"""Every snippet of the README runs as it stands there; those in Rust are doctests of the core."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import hookseal
import pytest

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-of-more-than-thirty-two-characters"


def snippets(language: str) -> list[str]:
    readme = (ROOT / "README.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


def test_all_snippets_are_tested_here() -> None:
    readme = (ROOT / "README.md").read_text()
    assert readme.count("```") == 2 * 10
    assert len(snippets("python")) == len(snippets("js")) == 2
    assert len(snippets("rust")) == 2
    # Those in Kotlin run with the tests in kotlin/.
    assert len(snippets("kotlin")) == 2
    # And those in Swift with the tests in swift/.
    assert len(snippets("swift")) == 2


def test_it_fits_on_a_screen() -> None:
    readme = (ROOT / "README.md").read_text()
    unfolded = re.sub(r"<details>.*?</details>\n", "", readme, flags=re.DOTALL)
    assert len(unfolded.splitlines()) <= 80


Request = tuple[bytes, list[tuple[str, str]]]


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it gets."""

    requests: list[Request]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.requests.append((body, self.headers.items()))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Request]]]:
    requests: list[Request] = []
    handler = type("Handler", (Receiver,), {"requests": requests})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", requests
    server.shutdown()


def check_sent(requests: list[Request], secret: str) -> None:
    """One request, signed with the secret that the snippet printed."""
    [(body, headers)] = requests
    event = hookseal.Webhook(secret, provider="webkasa").verify(body, headers)
    assert (event.type, event.data) == ("booking.created", {"id": "bk_xyz789"})


def example() -> tuple[bytes, dict[str, str]]:
    provider = hookseal.Provider.builtin("webkasa")
    body = provider.example("booking.created").body
    return bytes(body), hookseal.Webhook(SECRET, provider=provider).sign(body)


def test_receive_in_python(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from fastapi.testclient import TestClient

    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    scope: dict[str, Any] = {"__name__": "readme"}
    exec(compile(snippets("python")[0], "README.md", "exec", dont_inherit=True), scope)
    client = TestClient(scope["app"])
    body, headers = example()
    assert client.post("/hooks", content=body, headers=headers).status_code == 200
    assert "booking.created" in capsys.readouterr().out
    assert client.post("/hooks", content=body + b" ", headers=headers).status_code == 401
    assert client.post("/hooks", content=body).status_code == 401


# The snippets deliver to the internet; the receiver here is on this machine, over http.
def test_send_from_python(
    receiver: tuple[str, list[Request]],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, requests = receiver
    monkeypatch.chdir(tmp_path)
    options = 'provider="webkasa", allow_http=True, allow_private=True'
    code = snippets("python")[1].replace('provider="webkasa"', options)
    exec(compile(code, "README.md", "exec"), {"url": url})
    check_sent(requests, capsys.readouterr().out.strip())


def test_send_from_node(receiver: tuple[str, list[Request]], tmp_path: Path) -> None:
    url, requests = receiver
    options = 'provider: "webkasa", allowHttp: true, allowPrivate: true'
    code = snippets("js")[1].replace('provider: "webkasa"', options)
    code = code.replace("sqlite:hooks.db", f"sqlite:{tmp_path}/hooks.db")
    printed = node(f"const url = {json.dumps(url)};\n{code}")
    check_sent(requests, printed.strip())


def test_receive_in_node() -> None:
    body, headers = example()
    driver = f"""
const server = app.listen(0, "127.0.0.1", async () => {{
  const url = `http://127.0.0.1:${{server.address().port}}/hooks`;
  const send = (body, headers) => fetch(url, {{ method: "POST", body, headers }});
  const headers = {{ ...{json.dumps(headers)}, "content-type": "application/json" }};
  const body = {json.dumps(body.decode())};
  const answers = [await send(body, headers), await send(body + " ", headers), await send(body, {{}})];
  console.log(answers.map((answer) => answer.status).join(" "));
  server.close();
  server.closeAllConnections();
}});
"""
    lines = node(snippets("js")[0] + driver).splitlines()
    assert "booking.created" in lines[0]
    assert lines[-1] == "200 401 401"


def node(code: str) -> str:
    """Runs a module beside the examples, where `hookseal` and `express` are installed."""
    command = ["node", "--input-type=module", "--eval", code]
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET}
    done = subprocess.run(
        command,
        cwd=ROOT / "examples",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

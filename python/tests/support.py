"""What several tests share: the published example of Standard Webhooks, and a receiver on 127.0.0.1."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookseal import Endpoint, Event, Provider, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARED = Path(__file__).parents[2] / "tests"

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
NOW = 1614265330
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(NOW),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}

OWN_PROVIDER = """
id = "own"
name = "Own"
sources = ["https://example.com/docs"]
confidence = "own"

[signature]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{method} {url}\\n{body}"
key = { encoding = "utf8" }

[envelope]
id = "id"
type = "type"
timestamp = "at"
timestamp_format = "s"
data = "data"
tenant = "team"

[delivery]
timeout = 5
retry = { delays = [1, 2] }

[[event]]
type = "thing.made"
description = "A thing was made"
example = '{"id": 1}'
"""


def errors() -> list[dict[str, Any]]:
    """The list of codes that all languages share."""
    listed: list[dict[str, Any]] = json.loads((SHARED / "errors.json").read_text())["errors"]
    return listed


def event(data: Any = None) -> Event:
    """An event to deliver."""
    return Provider.builtin("standard").event("test.made", data if data is not None else {"n": 1})


def endpoint(url: str, **options: Any) -> Endpoint:
    """An endpoint that is not tried again unless the test says so."""
    options.setdefault("retry", RetryPolicy([]))
    return Endpoint(url, SECRET, **options)


@dataclass
class Receiver:
    """A web server that remembers its requests; ``answer`` says what it answers to the nth of them."""

    answer: Callable[[int], tuple[int, dict[str, str], bytes]] = lambda _: (204, {}, b"")
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    peers: set[int] = field(default_factory=set)
    url: str = ""
    hold: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiver(
    answer: Callable[[int], tuple[int, dict[str, str], bytes]] | None = None, *, hangs: bool = False
) -> Iterator[Receiver]:
    """Run a receiver; one that hangs answers only when the test ends."""
    state = Receiver()
    if answer is not None:
        state.answer = answer
    if not hangs:
        state.hold.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            state.peers.add(self.client_address[1])
            body = self.rfile.read(int(self.headers["content-length"]))
            state.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            code, headers, content = state.answer(len(state.requests))
            state.arrived.set()
            state.hold.wait()
            try:
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                if code != 204:
                    self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        # A forked child inherits the socket, and a test that fails must not hang on a request.
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # A peer that went away, which is what some tests are about.

    server = Server(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()

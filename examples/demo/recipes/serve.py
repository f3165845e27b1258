"""A webhook receiver of Python's standard library. What it accepts is up to the recipe it is given."""

import hashlib
import json
import os
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def serve(is_genuine: Callable[[bytes, Message], bool]) -> None:
    """Serve on a free port. ``is_genuine`` gets the raw body and the headers.

    The first ``FAIL_FIRST`` genuine requests are answered 503, as by a receiver whose database is away.
    """
    failures = int(os.environ.get("FAIL_FIRST", "0"))

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal failures
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            if not is_genuine(body, self.headers):
                self.answer(401, "refused")
                return
            told = f"{json.loads(body)['event']} {hashlib.sha256(body).hexdigest()}"
            if failures > 0:
                failures -= 1
                self.answer(503, f"busy {told}")
            else:
                self.answer(200, f"accepted {told}")

        def answer(self, code: int, log: str) -> None:
            print(log, flush=True)
            self.send_response(code)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}/webhooks", flush=True)
    server.serve_forever()

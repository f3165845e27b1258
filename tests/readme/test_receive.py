"""Every recipe of docs/receive.md runs as it stands there; those in Rust are tests of the core."""

import base64
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hookseal
import hookseal.testing
import pytest

ROOT = Path(__file__).parents[2]
NODE = ROOT / "node"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{ "type":"user.created",\n "data": {"name": "Zoë"}}'.encode()

Post = Callable[[bytes, dict[str, str]], int]


def recipes() -> dict[str, tuple[str, str]]:
    """The language and the code of each recipe, by its heading; a second one has a number."""
    found = {}
    page = (ROOT / "docs" / "receive.md").read_text()
    for section in page.split("\n## ")[1:]:
        title = section.splitlines()[0]
        for nth, snippet in enumerate(
            re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
        ):
            found[f"{title} {nth + 1}" if nth else title] = snippet
    return found


RECIPES = recipes()


def signed(body: bytes = BODY) -> dict[str, str]:
    headers: dict[str, str] = hookseal.Webhook(SECRET).sign(body)
    return headers


def with_client(scope: dict[str, Any]) -> Post:
    from starlette.testclient import TestClient

    client = TestClient(scope["app"])
    return lambda body, headers: client.post("/hooks", content=body, headers=headers).status_code


def with_werkzeug(scope: dict[str, Any]) -> Post:
    from werkzeug.test import Client

    client = Client(scope["app"])

    def post(body: bytes, headers: dict[str, str]) -> int:
        return client.post("/hooks", data=body, headers=list(headers.items())).status_code

    return post


def with_django(scope: dict[str, Any]) -> Post:
    import django  # type: ignore[import-untyped]
    from django.conf import settings  # type: ignore[import-untyped]
    from django.test import Client  # type: ignore[import-untyped]
    from django.urls import path  # type: ignore[import-untyped]

    urls = type("urls", (), {"urlpatterns": [path("hooks", scope["hook"])]})
    middleware = ["django.middleware.csrf.CsrfViewMiddleware"]
    settings.configure(ROOT_URLCONF=urls, ALLOWED_HOSTS=["*"], SECRET_KEY="x", MIDDLEWARE=middleware)
    django.setup()
    client = Client(enforce_csrf_checks=True, headers={})

    def post(body: bytes, headers: dict[str, str]) -> int:
        answer = client.generic("POST", "/hooks", body, "application/json", headers=headers)
        status: int = answer.status_code
        return status

    return post


def with_lambda(scope: dict[str, Any]) -> Post:
    def post(body: bytes, headers: dict[str, str]) -> int:
        request = {
            "version": "2.0",
            "rawPath": "/hooks",
            "rawQueryString": "",
            "headers": headers,
            "requestContext": {"http": {"method": "POST", "path": "/hooks"}},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        status: int = scope["handler"](request, None)["statusCode"]
        return status

    return post


PYTHON: dict[str, Callable[[dict[str, Any]], Post]] = {
    "FastAPI": with_client,
    "Starlette": with_client,
    "Flask": with_werkzeug,
    "Django": with_django,
    "Any ASGI application": with_client,
    "Any WSGI application": with_werkzeug,
    "AWS Lambda in Python": with_lambda,
}

# How the application of a recipe in Node is made to listen, as `url`, or answers a request itself, as `post`.
SERVER = """
const server = createServer({handler}).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${{server.address().port}}/hooks`;
const close = () => (server.closeAllConnections(), server.close());
"""
NODE_DRIVERS = {
    "Express": SERVER.format(handler="app"),
    "Express 2": SERVER.format(handler="app"),
    "Koa": SERVER.format(handler="app.callback()"),
    "Fastify": "const url = `${await app.listen()}/hooks`;\nconst close = () => app.close();\n",
    "NestJS": """
const nest = await app;
await nest.listen(0, "127.0.0.1");
const url = `${await nest.getUrl()}/hooks`;
const close = () => nest.close();
""",
    "Next.js, Bun, Deno: a function of `Request`": """
const post = (init) => POST(new Request("http://localhost/hooks", init));
""",
    "Hono": 'const post = (init) => app.request("/hooks", init);\n',
    "AWS Lambda in Node": """
const post = async ({ body, headers }) => {
  const http = { method: "POST", path: "/hooks" };
  const answer = await handler({ body, headers, requestContext: { http }, rawPath: "/hooks" });
  return { status: answer.statusCode };
};
""",
}
IMPORTS = {"fs": "fs", "{ createServer }": "http", "{ once }": "events"}
NODE_REQUESTS = """
const send = typeof post === "undefined" ? (init) => fetch(url, init) : post;
const statuses = [];
for (const [body, headers] of JSON.parse(fs.readFileSync(0, "utf8"))) {
  statuses.push((await send({ method: "POST", body, headers })).status);
}
console.log(JSON.stringify(statuses));
if (typeof close !== "undefined") await close();
"""

REQUESTS = [
    (BODY, signed()),
    (BODY + b" ", signed()),
    (json.dumps(json.loads(BODY)).encode(), signed()),
    (BODY, {}),
    (b"x" * (1024 * 1024 + 1), {}),
]


def test_all_recipes_are_tested() -> None:
    rust = [title for title, (language, _) in RECIPES.items() if language == "rust"]
    assert {*PYTHON, *NODE_DRIVERS, *rust, "Handshakes", "Handshakes 2"} == set(RECIPES)
    assert rust == ["axum", "tower"]


@pytest.mark.parametrize("title", PYTHON)
def test_in_python(title: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    language, code = RECIPES[title]
    assert language == "python"
    scope: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(code, title, "exec", dont_inherit=True), scope)
    post = PYTHON[title](scope)
    json_type = {"content-type": "application/json"}
    assert [post(body, {**headers, **json_type}) for body, headers in REQUESTS] == [200, 401, 401, 401, 413]
    printed = capsys.readouterr().out
    assert printed.count("user.created") == 1
    assert "Zoë" in printed


@pytest.mark.parametrize("title", NODE_DRIVERS)
def test_in_node(title: str, tmp_path: Path) -> None:
    language, code = RECIPES[title]
    imports = "".join(f'import {name} from "node:{module}";\n' for name, module in IMPORTS.items())
    # Nest's own parser refuses what is larger than its limit itself, and its usual status is 201.
    expected = [201 if title == "NestJS" else 200, 401, 401, 401, 413]
    if language == "ts":
        code = 'import "reflect-metadata";\n' + compiled(code, tmp_path)
    else:
        assert language == "js"
    program = imports + code + NODE_DRIVERS[title] + NODE_REQUESTS
    requests = [
        (body.decode(), {**headers, "content-type": "application/json"}) for body, headers in REQUESTS
    ]
    lines = node(program, requests).splitlines()
    assert json.loads(lines[-1]) == expected
    assert sum("user.created" in line for line in lines) == 1


def test_a_handshake_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.testclient import TestClient

    monkeypatch.setenv("WEBHOOK_SECRET", "a-secret-that-is-long-enough")
    monkeypatch.setenv("VERIFY_TOKEN", "agreed")
    scope: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(RECIPES["Handshakes"][1], "Handshakes", "exec", dont_inherit=True), scope)
    client = TestClient(scope["app"])
    target = "/hooks?hub.mode=subscribe&hub.challenge=42&hub.verify_token="
    assert client.get(target + "agreed").text == "42"
    assert client.get(target + "guessed").status_code == 401
    request = hookseal.testing.signed_request("a-secret-that-is-long-enough", provider="meta", body="{}")
    assert client.post("/hooks", content=request.body, headers=request.headers).status_code == 200


def test_the_first_secret_in_node() -> None:
    secret = "0123456789abcdef0123456789abcdef"
    event = hookseal.testing.signed_request(secret, provider="asana", body='{"events":[]}')
    driver = """
const server = createServer(app).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/hooks/7`;
const statuses = [];
for (const [body, headers] of JSON.parse(fs.readFileSync(0, "utf8"))) {
  statuses.push((await fetch(url, { method: "POST", body, headers })).status);
}
console.log(JSON.stringify(statuses));
server.closeAllConnections();
server.close();
"""
    imports = "".join(f'import {name} from "node:{module}";\n' for name, module in IMPORTS.items())
    signed_event = (event.body.decode(), event.headers)
    requests = [
        signed_event,
        ("{}", {"x-hook-secret": secret}),
        signed_event,
        ("{}", {"x-hook-secret": "another"}),
    ]
    printed = node(imports + RECIPES["Handshakes 2"][1] + driver, requests)
    assert json.loads(printed.splitlines()[-1]) == [401, 200, 200, 401]


def compiled(code: str, folder: Path) -> str:
    """TypeScript as JavaScript, its types checked, compiled beside the packages that it imports."""
    source = NODE / ".test" / f"{folder.name}.mts"
    source.parent.mkdir(exist_ok=True)
    source.write_text(code)
    options = ["--ignoreConfig", "--strict", "--skipLibCheck", "--types", "node"]
    options += ["--experimentalDecorators", "--module", "nodenext", "--target", "es2022", "--rootDir", "."]
    command = ["node", "node_modules/typescript/bin/tsc", str(source), "--outDir", str(folder), *options]
    done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=False)
    source.unlink()
    assert done.returncode == 0, done.stdout
    [made] = folder.rglob("*.mjs")
    return made.read_text()


def node(program: str, requests: list[tuple[str, dict[str, str]]]) -> str:
    """Runs a module in the package itself, whose development has every framework."""
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET}
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", program],
        cwd=NODE,
        env=environment,
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

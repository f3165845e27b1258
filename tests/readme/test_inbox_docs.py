"""The snippets of docs/inbox.md for Python and Node run as they stand there."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hookseal
from fastapi.testclient import TestClient

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
BODY = b'{"type": "booking.created", "data": {"room": 7}}'


def snippet(language: str) -> str:
    text = (ROOT / "docs" / "inbox.md").read_text()
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    # What needs a database is run with it, by the tests of Python and Node.
    found = [code for code in found if "inbox.prepare" not in code]
    assert len(found) == 1
    return str(found[0])


def headers() -> dict[str, str]:
    return hookseal.Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(BODY, id="evt_1")


def test_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(snippet("python"), "inbox.md", "exec"), names)
    with TestClient(names["app"]) as client:
        assert client.post("/hooks", content=BODY, headers=headers()).status_code == 200
        assert client.portal is not None
        assert client.portal.call(names["inbox"].wait_idle, 20)
    assert capfd.readouterr().out.startswith("booking.created {'room': 7} 1 ")


def test_node(tmp_path: Path) -> None:
    code = snippet("js") + (
        """
const server = app.listen(0, async () => {
  const url = `http://127.0.0.1:${server.address().port}/hooks`;
  const [body, headers] = JSON.parse(process.argv[2]);
  const { status } = await fetch(url, { method: "POST", body, headers });
  console.log(status, await inbox.waitIdle({ timeout: 20 }));
  await inbox.close();
  server.close();
});
"""
    )
    # Where `express` and `hookseal` are found; the store is in the folder that it runs in.
    program = ROOT / "examples" / f".inbox-docs-{tmp_path.name}.mjs"
    program.write_text(code)
    try:
        done = subprocess.run(
            ["node", str(program), json.dumps([BODY.decode(), headers()])],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        program.unlink()
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert any(line.startswith("booking.created { room: 7 } 1 ") and line.endswith("false") for line in lines)
    assert "200 true" in lines

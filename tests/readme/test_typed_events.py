"""The snippets of docs/typed-events.md run as they stand there; the Rust one is a test of the core."""

import json
import re
import subprocess
import sys
from pathlib import Path

import hookseal
import pytest
from test_receive import NODE, ROOT, compiled

SECRET = "a-secret-of-more-than-thirty-two-characters"
PAGE = (ROOT / "docs" / "typed-events.md").read_text()
PROVIDER = hookseal.Provider.builtin("webkasa")
EVENTS = [
    (PROVIDER.example("booking.created"), "booked by john@example.com"),
    (PROVIDER.example("booking.cancelled"), "cancelled: Travelling that day"),
    (PROVIDER.event("booking.moved", 1), "not for us: booking.moved"),
]


def snippet(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_all_snippets_are_tested_here() -> None:
    assert PAGE.count("```") == 2 * len(["python", "ts", "rust", "kotlin", "swift", "toml"])


@pytest.mark.parametrize(("event", "line"), EVENTS)
def test_python(event: hookseal.Event, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    headers = hookseal.Webhook(SECRET, provider=PROVIDER).sign(event.body)
    exec(
        compile(snippet("python"), "typed-events.md", "exec"),
        {"secret": SECRET, "body": event.body, "headers": headers},
    )
    assert capsys.readouterr().out.strip() == line


def test_python_is_typed(tmp_path: Path) -> None:
    names = "secret: str\nbody: bytes\nheaders: dict[str, str]\n"
    for code, errors in [(snippet("python"), 0), (snippet("python").replace("attendee_email", "email"), 1)]:
        file = tmp_path / "recipe.py"
        file.write_text(names + code)
        command = [sys.executable, "-m", "mypy", "--strict", str(file)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stdout.count("error:") == errors, done.stdout


def test_typescript(tmp_path: Path) -> None:
    names = "declare const secret: string, body: string, headers: Record<string, string>;\n"
    program = compiled(names + snippet("ts"), tmp_path)
    for event, line in EVENTS:
        signed = hookseal.Webhook(SECRET, provider=PROVIDER).sign(event.body)
        values = {"secret": SECRET, "body": event.body.decode(), "headers": signed}
        globals_ = f"Object.assign(globalThis, {json.dumps(values)});\n"
        done = subprocess.run(
            ["node", "--input-type=module", "--eval", globals_ + program],
            cwd=NODE,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout.strip() == line, done.stderr


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    head = """
id = "acme"
name = "Acme"
sources = []
confidence = "own"
signature = { header = "x-acme", mac = "hmac-sha256", encoding = "hex" }
"""
    (tmp_path / "acme.toml").write_text(head + snippet("toml"))
    command = [sys.executable, "-m", "hookseal.typegen", "acme.toml"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert 'status: Literal["paid", "refunded"]\n    """How far it is."""' in made
    assert "class OrderPaidItems(_OrderPaidItemsRequired, total=False):" in made
    assert "    price: float\n" in made

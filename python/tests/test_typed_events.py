"""Typed events, as type checkers and programs see them."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import acme_events as acme
from hookseal import Event, Provider, VerificationError, Webhook, providers
from hookseal.events import webkasa
from hookseal.typegen import main

HERE = Path(__file__).parent
CASES = HERE / "typing_cases.py"
ACME = HERE.parents[1] / "tests" / "typegen" / "acme.toml"
SECRET = "k" * 32


def verified(provider: Provider, type: str) -> Event:
    webhook = Webhook(SECRET, provider=provider)
    body = provider.example(type).body
    return webhook.verify(body, webhook.sign(body))


def errors_of_mypy(file: Path) -> set[int]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert bool(lines) == bool(done.returncode), done.stdout
    assert all(line.startswith(file.name) for line in lines), done.stdout
    return {int(line.split(":")[1]) for line in lines}


def errors_of_pyright(file: Path) -> set[int]:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", str(file)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1, done.stdout
    found = [each for each in report["generalDiagnostics"] if each["severity"] == "error"]
    return {each["range"]["start"]["line"] + 1 for each in found}


@pytest.mark.parametrize("errors", [errors_of_mypy, errors_of_pyright])
def test_type_checkers_know_the_data_by_the_type(errors: Callable[[Path], set[int]]) -> None:
    assert errors(CASES) == set()
    # Nothing is ignored that is no error.
    code = CASES.read_text()
    bare = HERE / "typing_cases_without_ignores.py"
    bare.write_text(re.sub(r"  # type: ignore.*", "", code))
    try:
        found = errors(bare)
    finally:
        bare.unlink()
    lines = enumerate(code.splitlines(), start=1)
    assert found == {number for number, line in lines if "# type: ignore" in line}


def test_every_catalog_has_a_module() -> None:
    for provider in providers():
        if provider.events:
            module = import_module(f"hookseal.events.{provider.id}")
            for known in provider.events:
                event = verified(provider, known.name)
                assert module.typed(event) is event


def test_the_types_are_those_of_the_data() -> None:
    for known in Provider.builtin("webkasa").events:
        name = "".join(word.title() for word in known.name.split("."))
        keys = getattr(webkasa, name).__annotations__
        assert known.example is not None
        assert list(keys) == list(known.example)
        required = known.name == "booking.created"
        assert getattr(webkasa, name).__required_keys__ == (set(keys) if required else set())


def test_of_a_file_of_ones_own() -> None:
    provider = Provider.load(ACME)
    event = acme.typed(verified(provider, "order.paid"))
    assert event.type == "order.paid"
    assert acme.OrderPaid.__required_keys__ == set(event.data) - {"price"}
    assert acme.OrderPaid.__optional_keys__ == {"price", "note"}


def test_types_that_are_not_listed_are_texts() -> None:
    webhook = Webhook(SECRET, provider="webkasa")
    body = '{"type":"booking.moved","data":1}'
    event = webkasa.typed(webhook.verify(body, webhook.sign(body)))
    assert str(event.type) == "booking.moved"


def test_nothing_is_trusted_that_is_not_json() -> None:
    webhook = Webhook(SECRET, provider="webkasa")
    event = webkasa.typed(webhook.verify("{", webhook.sign("{")))
    with pytest.raises(VerificationError):
        _ = event.data


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([str(ACME)]) == 0
    assert capsys.readouterr().out == (HERE / "acme_events.py").read_text()
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert main([str(tmp_path / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err
    done = subprocess.run(
        [sys.executable, "-m", "hookseal.typegen", str(ACME)], capture_output=True, text=True, check=True
    )
    assert done.stdout == (HERE / "acme_events.py").read_text()

"""The snippets of docs/testing.md run as they stand, in the test runners that they are for."""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def snippets(page: str) -> dict[str, str]:
    """The first snippet below each heading."""
    sections = (ROOT / "docs" / page).read_text().split("\n## ")[1:]
    found = {}
    for section in sections:
        if match := re.search(r"^```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            found[section.splitlines()[0]] = match[1]
    return found


PAGE = snippets("testing.md")
RECIPES = snippets("receive.md")


def run(command: list[str], folder: Path) -> str:
    """What a runner says that has to end well."""
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET, "CI": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def in_node(tmp_path: Path, **files: str) -> Path:
    """A folder that has these files, and the packages."""
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    for name, content in files.items():
        stem, suffix = name.rsplit("__", 1)
        (tmp_path / f"{stem.replace('__', '.')}.{suffix}").write_text(content)
    return tmp_path


def test_all_are_run() -> None:
    assert set(PAGE) == {"pytest", "Vitest", "Jest", "node:test", "Rust"}


def test_pytest(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(RECIPES["FastAPI"])
    (tmp_path / "test_hooks.py").write_text(PAGE["pytest"])
    said = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], tmp_path)
    assert "8 passed" in said


def test_vitest(tmp_path: Path) -> None:
    folder = in_node(tmp_path, app__mjs=RECIPES["Express"], hooks__test__mjs=PAGE["Vitest"])
    assert re.search(r"Tests +8 passed", run(["node", "node_modules/vitest/vitest.mjs", "run"], folder))


def test_jest(tmp_path: Path) -> None:
    files = {"hooks__test__js": PAGE["Jest"], "package__json": '{"name": "hooks", "private": true}'}
    folder = in_node(tmp_path, **files)
    command = ["node", "node_modules/jest/bin/jest.js", "--testEnvironment", "node", "--watchman", "false"]
    assert "8 passed" in run(command, folder)


def test_node(tmp_path: Path) -> None:
    folder = in_node(tmp_path, hooks__test__mjs=PAGE["node:test"])
    assert "# pass 1" in run(["node", "--test", "--test-reporter=tap", "hooks.test.mjs"], folder)

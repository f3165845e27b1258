"""Writes the README's Kotlin as source files, each in a package of its own."""

import re
import sys
from pathlib import Path

# The snippets deliver to the internet; the receiver of the tests is on this machine, over http.
OPEN = "dev.hookseal.SenderSettings(allowHttp = true, allowPrivate = dev.hookseal.AllowPrivate.All)"
SENDER = '"sqlite:hooks.db", provider = "webkasa"'


def main(readme: Path, folder: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    snippets = re.findall(r"^```kotlin\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    folder.mkdir(parents=True, exist_ok=True)
    for nth, snippet in enumerate(snippets, 1):
        code = snippet.replace(SENDER, f'hooks, provider = "webkasa", settings = {OPEN}')
        code = f"package readme.snippet{nth}\n\n{code}"
        if "hooks, provider" in code:
            code += "\nlateinit var hooks: String\n"
        file = folder / f"Snippet{nth}.kt"
        if not file.exists() or file.read_text(encoding="utf-8") != code:
            file.write_text(code, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

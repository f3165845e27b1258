"""Writes the README's Swift as source files of one module."""

import re
import sys
from pathlib import Path

# The snippets deliver to the internet; the receiver of the tests is on this machine, over http.
SENDER = '"sqlite:hooks.db", provider: .builtin("webkasa")'
HERE = 'hooks, provider: .builtin("webkasa"), allowHTTP: true, allowPrivate: true'


def main(readme: Path, folder: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    snippets = re.findall(r"^```swift\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    folder.mkdir(parents=True, exist_ok=True)
    for nth, snippet in enumerate(snippets, 1):
        code = snippet.replace("func send(to url: String)", "func send(to url: String, by hooks: String)")
        code = code.replace(SENDER, HERE)
        file = folder / f"Snippet{nth}.swift"
        if not file.exists() or file.read_text(encoding="utf-8") != code:
            file.write_text(code, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

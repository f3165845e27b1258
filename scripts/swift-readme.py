"""Writes the Swift of pages as source files of one module: what is whole, and so begins with its imports."""

import re
import sys
from pathlib import Path

# The snippets deliver to the internet; the receiver of the tests is on this machine, over http.
SENDER = '"sqlite:hooks.db", provider: .builtin("webkasa")'
HERE = 'hooks, provider: .builtin("webkasa"), allowHTTP: true, allowPrivate: true'


def main(pages: list[Path], folder: Path) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    snippets = re.findall(r"^```swift\n(import .*?)^```$", text, re.MULTILINE | re.DOTALL)
    folder.mkdir(parents=True, exist_ok=True)
    for nth, snippet in enumerate(snippets, 1):
        code = snippet.replace("func send(to url: String)", "func send(to url: String, by hooks: String)")
        code = code.replace(SENDER, HERE)
        file = folder / f"Snippet{nth}.swift"
        if not file.exists() or file.read_text(encoding="utf-8") != code:
            file.write_text(code, encoding="utf-8")


if __name__ == "__main__":
    main([Path(page) for page in sys.argv[1:-1]], Path(sys.argv[-1]))

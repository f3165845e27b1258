"""Writes the Kotlin of the README and of other pages as source files, each in a package of its own."""

import re
import sys
from pathlib import Path

# The snippets deliver to the internet; the receiver of the tests is on this machine, over http.
OPEN = "dev.hookseal.SenderSettings(allowHttp = true, allowPrivate = dev.hookseal.AllowPrivate.All)"
SENDER = '"sqlite:hooks.db", provider = "webkasa"'

# What the snippets of pages take for granted.
AROUND = """\
import dev.hookseal.*
import dev.hookseal.events.Webkasa
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration
import kotlinx.coroutines.future.await
"""
GIVEN = """\
interface Rooms {
    fun reserve(data: String, key: String): Boolean
}

fun interface Shop {
    fun handle(event: Event): String
}

@Suppress("UNUSED_EXPRESSION", "UNUSED_VARIABLE", "NAME_SHADOWING")
suspend fun run(
    webhook: Webhook,
    event: Event,
    body: ByteArray,
    headers: Map<String, List<String>>,
    url: String,
    rooms: Rooms,
    shop: Shop,
) {
    with(shop) {
"""


def main(readme: Path, *pages: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for nth, snippet in enumerate(snippets(readme), 1):
        code = snippet.replace(SENDER, f'hooks, provider = "webkasa", settings = {OPEN}')
        code = f"package readme.snippet{nth}\n\n{code}"
        if "hooks, provider" in code:
            code += "\nlateinit var hooks: String\n"
        write(folder / f"Snippet{nth}.kt", code)
    for nth, snippet in enumerate([snippet for page in pages for snippet in snippets(page)], 1):
        is_whole = snippet.startswith("class ")
        code = snippet if is_whole else f"{GIVEN}{snippet}    }}\n}}\n"
        write(folder / f"Page{nth}.kt", f"package page.snippet{nth}\n\n{AROUND}\n{code}")


def snippets(page: Path) -> list[str]:
    return re.findall(r"^```kotlin\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def write(file: Path, code: str) -> None:
    # Only what has changed, or Maven would compile it all again.
    if not file.exists() or file.read_text(encoding="utf-8") != code:
        file.write_text(code, encoding="utf-8")


if __name__ == "__main__":
    *sources, target = map(Path, sys.argv[1:])
    main(*sources, folder=target)

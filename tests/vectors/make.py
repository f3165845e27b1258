#!/usr/bin/env python3
"""Makes the vectors that every language's tests run, or checks that they are what it would make.

Signatures are computed with the standard library and the `cryptography` package, never with Hookseal, and the
expected code of every case is stated by hand beside it.

    python3 tests/vectors/make.py           write the files
    python3 tests/vectors/make.py --check   exit with 1 if any differs
"""

import argparse
import json
import sys
from pathlib import Path

from _brief_cases import brief, mailgun
from _cases import Case, for_all
from _forgeries import forgeries
from _format import formats
from _handshakes import handshakes
from _item_cases import lists
from _plain_vendors import PLAIN
from _published import is_primitive, primitives, published, vectors, wycheproof
from _recipes import Recipe
from _special_cases import special
from _time_cases import ids, timestamps
from _vendors import RECIPES

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file differs")
    check = parser.parse_args().check
    files = {f"{recipe.provider}.json": of_vendor(recipe) for recipe in RECIPES}
    files |= {f"{recipe.provider}.json": of_plain_vendor(recipe) for recipe in PLAIN}
    files |= {"mailgun.json": {"provider": "mailgun", "cases": list(mailgun())}}
    files |= {"primitives.json": primitives(), "wycheproof.json": wycheproof(), "format.json": formats()}
    files |= {"forgeries.json": forgeries()}
    complete(files)
    files |= {"handshakes.json": handshakes()}
    stale = [name for name, content in files.items() if not settle(HERE / name, text(content), check)]
    for name in stale:
        print(f"{name}: {'differs; run make.py' if check else 'written'}")
    print(f"{sum(len(cases(content)) for content in files.values())} cases in {len(files)} files")
    return 1 if check and stale else 0


def of_vendor(recipe: Recipe) -> dict[str, object]:
    made = [
        *published(recipe),
        *for_all(recipe),
        *timestamps(recipe),
        *ids(recipe),
        *lists(recipe),
        *special(recipe),
    ]
    return {"provider": recipe.provider, "cases": made}


def of_plain_vendor(recipe: Recipe) -> dict[str, object]:
    return {"provider": recipe.provider, "cases": [*published(recipe), *brief(recipe)]}


def complete(files: dict[str, dict[str, object]]) -> None:
    """Names are unique in a file, and every vector that was published is in some case."""
    for name, content in files.items():
        names = [case["name"] for case in cases(content)]
        double = {each for each in names if names.count(each) > 1}
        assert not double, f"{name} has cases of the same name: {double}"
    carried = [
        case
        for content in files.values()
        for case in cases(content)
        if str(case["source"]).startswith("published: ")
    ]
    given = [*vectors("published.json"), *vectors("wycheproof-source.json")]
    assert len(carried) == len(given), f"{len(given)} vectors were published, but {len(carried)} cases made"
    assert any(map(is_primitive, given))


def cases(content: dict[str, object]) -> list[Case]:
    made = content.get("cases", content.get("handshakes"))
    assert isinstance(made, list)
    return made


def text(content: dict[str, object]) -> str:
    """One field a line, so that a case fits on a screen and a change of it shows as one line."""
    name = "cases" if "cases" in content else "handshakes"
    head = [f"  {line(key)}: {line(value)}," for key, value in content.items() if key != name]
    shown = [
        ",\n".join(f"      {line(key)}: {line(value)}" for key, value in case.items())
        for case in cases(content)
    ]
    body = ",\n".join(f"    {{\n{case}\n    }}" for case in shown)
    return "\n".join(["{", *head, f'  "{name}": [', body, "  ]", "}"]) + "\n"


def line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def settle(path: Path, wanted: str, check: bool) -> bool:
    """Whether the file is as wanted already; if not, it is written unless this is only a check."""
    if path.exists() and path.read_bytes() == wanted.encode():
        return True
    if not check:
        path.write_bytes(wanted.encode())
    return False


if __name__ == "__main__":
    sys.exit(main())

"""Cases for headers that hold a list of signatures."""

from collections.abc import Iterator

from _cases import Case, case, valued
from _recipes import Delivery, Recipe

LONGEST_HEADER = 16 * 1024
MOST_SIGNATURES = 32


def lists(recipe: Recipe) -> Iterator[Case]:
    shape = recipe.shape
    if not shape.separator:
        return
    delivery = recipe.delivery()
    right = shape.field + shape.equals + delivery.signature()
    wrong = shape.field + shape.equals + delivery.but(key=recipe.keys[2]).signature()
    unknown = "x9" + shape.equals + delivery.signature()
    time = [shape.time + shape.equals + delivery.stamp] if shape.time else []

    def put(
        name: str, about: str, items: list[str], expect: str = "valid", between: str = shape.separator
    ) -> Case:
        return case(name, about, delivery, expect, headers=delivery.headers(between.join(time + items)))

    yield put("several-right-last", "Several signatures, the last one right.", [wrong, wrong, right])
    yield put("several-right-first", "Several signatures, the first one right.", [right, wrong])
    yield put("several-wrong", "Several signatures, none right.", [wrong, wrong], "signature_mismatch")
    yield put(
        "unknown-versions-skipped",
        "Signatures of versions we do not read are skipped.",
        [unknown, right, unknown],
    )
    yield put(
        "wrong-beside-unknown",
        "The right signature counts only in its own version.",
        [unknown, wrong],
        "signature_mismatch",
    )
    yield put(
        "garbage-skipped",
        "Items that are nothing are skipped.",
        ["garbage", shape.equals, shape.equals + "x", right],
    )
    yield put(
        "undecodable-skipped",
        "Signatures that cannot be decoded are skipped.",
        [shape.field + shape.equals + "!!", right],
    )
    yield put("empty-items", "Empty items are skipped.", ["", right, "", ""])
    yield put(
        "two-separators-in-item",
        "An item is split at its first separator only.",
        [right + shape.equals + "x"],
        "signature_mismatch",
    )
    if shape.separator != " ":
        yield put(
            "space-after-separator",
            "Space and tab around items are dropped.",
            [right],
            between=shape.separator + " ",
        )
    yield put(
        "no-signatures", "A list without any signature.", ["x8" + shape.equals + "1"], "malformed_header"
    )
    yield put("thirty-two", "As many signatures as are looked at.", [wrong] * (MOST_SIGNATURES - 1) + [right])
    yield put("thirty-three", "One more.", [right] + [wrong] * MOST_SIGNATURES, "malformed_header")
    yield put(
        "forty-unknown", "Only signatures of the version that is read are counted.", [unknown] * 40 + [right]
    )
    yield from sizes(delivery, right, time)
    yield from joined(delivery, right, wrong, time)


def sizes(delivery: Delivery, right: str, time: list[str]) -> Iterator[Case]:
    shape = delivery.recipe.shape
    start = shape.separator.join([*time, right, "x9" + shape.equals])
    if delivery.recipe.provider == "standard":
        largest = start.ljust(LONGEST_HEADER, "A")
        yield case(
            "sixteen-kib",
            "As long a header as is read.",
            delivery,
            "valid",
            headers=delivery.headers(largest),
        )
    longer = start.ljust(LONGEST_HEADER + 1, "A")
    yield case(
        "over-sixteen-kib",
        "One byte longer than headers are read.",
        delivery,
        "malformed_header",
        headers=delivery.headers(longer),
    )


def joined(delivery: Delivery, right: str, wrong: str, time: list[str]) -> Iterator[Case]:
    shape, name, lines = delivery.recipe.shape, delivery.recipe.header, delivery.headers()
    good, bad = (shape.separator.join([*time, item]) for item in (right, wrong))
    if shape.separator == ",":
        yield case(
            "joined-by-proxy",
            "Two headers that a proxy joined with a comma.",
            delivery,
            "valid",
            headers=valued(lines, name, f"{bad}, {good}"),
        )
    if shape.separator == " ":
        yield case(
            "joined-by-proxy",
            "Two headers that a proxy joined with a comma: the last one is whole.",
            delivery,
            "valid",
            headers=valued(lines, name, f"{bad}, {good}"),
        )
        yield case(
            "joined-right-first",
            "The comma spoils the first one.",
            delivery,
            "signature_mismatch",
            headers=valued(lines, name, f"{good}, {bad}"),
        )
    many = [good] * (MOST_SIGNATURES + 1)
    yield case(
        "thirty-three-lines",
        "The signatures of all lines are counted.",
        delivery,
        "malformed_header",
        headers=valued(lines, name, *many),
    )

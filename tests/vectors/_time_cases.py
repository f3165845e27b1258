"""Cases about the signed timestamp and the signed id."""

from collections.abc import Iterator

from _cases import Case, case, valued, without
from _recipes import NOW, Clock, Delivery, Recipe, iso


def timestamps(recipe: Recipe) -> Iterator[Case]:
    clock = recipe.clock
    if clock is None or clock.in_body:
        return
    delivery = recipe.delivery()
    yield from tolerance(delivery, clock)
    yield from presence(delivery, clock)
    if clock.unit == "iso8601":
        yield from calendar(delivery, clock)
    else:
        yield from digits(delivery, clock)


def tolerance(delivery: Delivery, clock: Clock) -> Iterator[Case]:
    past, future = clock.past, clock.future
    yield case("as-old-as-allowed", f"{past} s old: the edge is inside.", delivery, "valid", now=NOW + past)
    yield case("too-old", f"{past + 1} s old.", delivery, "timestamp_too_old", now=NOW + past + 1)
    yield case(
        "as-new-as-allowed", f"{future} s ahead: the edge is inside.", delivery, "valid", now=NOW - future
    )
    yield case("too-new", f"{future + 1} s ahead.", delivery, "timestamp_too_new", now=NOW - future - 1)
    yield case("ten-years-old", "A replay of long ago.", delivery, "timestamp_too_old", now=NOW + 315_360_000)
    yield case(
        "ten-years-ahead",
        "A timestamp of the far future.",
        delivery,
        "timestamp_too_new",
        now=NOW - 315_360_000,
    )
    forged = delivery.but(key=delivery.recipe.keys[2])
    yield case(
        "old-and-forged",
        "The signature is judged first: a stranger learns nothing of the clock.",
        forged,
        "signature_mismatch",
        now=NOW + past + 1,
    )
    signature = delivery.signature()
    later = delivery.but(stamp=clock.text(NOW + 1))
    yield case(
        "timestamp-changed",
        "The timestamp was changed after signing.",
        delivery,
        "signature_mismatch",
        headers=later.headers(later.value(signature)),
    )
    old = delivery.but(stamp=clock.text(NOW - past - 1))
    yield case(
        "replay-restamped",
        "An old delivery with a new timestamp and the old signature.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(delivery.value(old.signature())),
    )


def presence(delivery: Delivery, clock: Clock) -> Iterator[Case]:
    lines = delivery.headers()
    other = clock.text(NOW - 1)
    if not clock.header:
        yield from field_presence(delivery, other)
        return
    name, stamp = clock.header, delivery.stamp
    yield case(
        "no-timestamp-header",
        "The timestamp header is absent.",
        delivery,
        "missing_header",
        headers=without(lines, name),
    )
    yield case(
        "empty-timestamp-header",
        "An empty header is a missing one.",
        delivery,
        "missing_header",
        headers=valued(lines, name, ""),
    )
    yield case(
        "blank-timestamp-header",
        "So is one of spaces.",
        delivery,
        "missing_header",
        headers=valued(lines, name, "  "),
    )
    yield case(
        "timestamp-header-twice-same",
        "The timestamp header twice, with one value.",
        delivery,
        "valid",
        headers=valued(lines, name, stamp, stamp),
    )
    yield case(
        "timestamp-header-twice",
        "Two timestamps: which one was signed?",
        delivery,
        "malformed_header",
        headers=valued(lines, name, stamp, other),
    )
    yield case(
        "timestamp-header-twice-right-last",
        "Two timestamps, the signed one last.",
        delivery,
        "malformed_header",
        headers=valued(lines, name, other, stamp),
    )
    yield case(
        "timestamp-header-joined",
        "Two timestamps that a proxy joined.",
        delivery,
        "malformed_timestamp",
        headers=valued(lines, name, f"{stamp}, {stamp}"),
    )
    spaced = delivery.but(stamp=f" {stamp} ")
    signed_spaces = spaced.headers(spaced.value(spaced.signature()))
    yield case(
        "timestamp-signed-with-spaces",
        "HTTP drops the spaces, so they cannot have been signed.",
        delivery,
        "signature_mismatch",
        headers=signed_spaces,
    )


def field_presence(delivery: Delivery, other: str) -> Iterator[Case]:
    shape, stamp = delivery.recipe.shape, delivery.stamp
    right = shape.field + shape.equals + delivery.signature()

    def put(name: str, about: str, items: list[str], expect: str) -> Case:
        return case(name, about, delivery, expect, headers=delivery.headers(shape.separator.join(items)))

    def at(text: str) -> str:
        return shape.time + shape.equals + text

    empty = delivery.but(stamp="")
    yield put("no-timestamp-field", "A signature without a timestamp.", [right], "malformed_header")
    yield case("empty-timestamp-field", "The field is there and empty.", empty, "malformed_timestamp")
    yield put("timestamp-last", "The order of the fields is free.", [right, at(stamp)], "valid")
    yield put(
        "timestamp-twice-same", "The timestamp twice, with one value.", [at(stamp), at(stamp), right], "valid"
    )
    yield put(
        "timestamp-twice",
        "Two timestamps: which one was signed?",
        [at(stamp), at(other), right],
        "malformed_header",
    )
    yield put(
        "timestamp-twice-right-last",
        "Two timestamps, the signed one last.",
        [at(other), at(stamp), right],
        "malformed_header",
    )


def digits(delivery: Delivery, clock: Clock) -> Iterator[Case]:
    """Numbers, as text: the text is signed, so no other reading of it may be the one that is checked."""
    stamp = delivery.stamp
    malformed = {
        "letters": "abc",
        "plus": f"+{stamp}",
        "minus": f"-{stamp}",
        "fraction": f"{stamp}.5",
        "letters-after": f"{stamp}abc",
        "underscore": f"{stamp[0]}_{stamp[1:]}",
        "exponent": "1e9",
        "hexadecimal": "0x5f0b6a12",
        "other-digits": "١٢٣٤٥٦٧٨٩٠",
        "space-inside": f"{stamp[:5]} {stamp[5:]}",
        "seventeen-digits": stamp.zfill(17),
        "thirty-digits": "9" * 30,
        "nul": f"{stamp}\0",
        "not-a-number": "NaN",
        "iso-8601": iso(NOW),
    }
    for name, text in malformed.items():
        if delivery.recipe.shape.separator and delivery.recipe.shape.separator in text:
            continue
        yield case(
            f"timestamp-{name}",
            "Rightly signed, but not one to sixteen digits.",
            delivery.but(stamp=text),
            "malformed_timestamp",
        )
    fraction = delivery.but(stamp=f"{stamp}.5")
    lenient = fraction.headers(fraction.value(delivery.signature()))
    yield case(
        "timestamp-fraction-signed-without",
        "Signed as a lenient parser would read it.",
        delivery,
        "malformed_timestamp",
        headers=lenient,
    )
    if not clock.header:
        yield case(
            "timestamp-space-before",
            "Space inside a field is not dropped.",
            delivery.but(stamp=f" {stamp}"),
            "malformed_timestamp",
        )
    zero = delivery.but(stamp=f"0{stamp}")
    yield case("timestamp-leading-zero", "Leading zeros, signed as they are.", zero, "valid")
    yield case(
        "timestamp-leading-zero-unsigned",
        "Leading zeros that were not signed.",
        zero,
        "signature_mismatch",
        headers=zero.headers(zero.value(delivery.signature())),
    )
    yield case(
        "timestamp-sixteen-digits",
        "As many digits as are read.",
        delivery.but(stamp=stamp.zfill(16)),
        "valid",
    )
    yield case(
        "timestamp-sixteen-nines",
        "The largest number there is does not overflow.",
        delivery.but(stamp="9" * 16),
        "timestamp_too_new",
    )
    yield case("timestamp-zero", "1970.", delivery.but(stamp="0"), "timestamp_too_old")
    if clock.unit == "s":
        yield case(
            "timestamp-in-milliseconds",
            "Milliseconds where seconds are due.",
            delivery.but(stamp=str(NOW * 1000)),
            "timestamp_too_new",
        )
        return
    yield case(
        "timestamp-in-seconds",
        "Seconds where milliseconds are due.",
        delivery.but(stamp=str(NOW)),
        "timestamp_too_old",
    )
    old, new = (NOW - clock.past) * 1000, (NOW + clock.future) * 1000
    yield case(
        "a-millisecond-too-old",
        "One millisecond outside the edge.",
        delivery.but(stamp=str(old - 1)),
        "timestamp_too_old",
    )
    yield case(
        "a-millisecond-too-new",
        "One millisecond outside the edge.",
        delivery.but(stamp=str(new + 1)),
        "timestamp_too_new",
    )


def calendar(delivery: Delivery, clock: Clock) -> Iterator[Case]:
    stamp = delivery.stamp
    malformed = {
        "word": "yesterday",
        "unix": str(NOW),
        "date-only": stamp[:10],
        "no-offset": stamp[:-1],
        "month-13": stamp.replace("-01-", "-13-", 1),
        "hour-25": stamp.replace("T00", "T25"),
        "nul": f"{stamp}\0",
        "junk-after": f"{stamp}x",
    }
    for name, text in malformed.items():
        yield case(
            f"timestamp-{name}",
            "Rightly signed, but no RFC 3339 timestamp.",
            delivery.but(stamp=text),
            "malformed_timestamp",
        )
    nanos = delivery.but(stamp=stamp.replace("Z", ".123456789Z"))
    yield case(
        "timestamp-nanoseconds",
        "Nanoseconds, signed as text.",
        nanos,
        "valid",
        event={"timestamp": NOW * 1000 + 123},
    )
    abroad = delivery.but(stamp="2026-01-01T01:00:00+01:00")
    yield case(
        "timestamp-offset",
        "Another zone's clock, the same instant.",
        abroad,
        "valid",
        event={"timestamp": NOW * 1000},
    )
    same = delivery.but(stamp="2026-01-01T00:00:00.000Z")
    unsigned = same.headers(same.value(delivery.signature()))
    yield case(
        "timestamp-rewritten",
        "The same instant, written otherwise than it was signed.",
        delivery,
        "signature_mismatch",
        headers=unsigned,
    )
    old = iso(NOW - clock.past - 1).replace("Z", ".999Z")
    yield case(
        "a-millisecond-too-old",
        "One millisecond outside the edge.",
        delivery.but(stamp=old),
        "timestamp_too_old",
    )
    new = iso(NOW + clock.future).replace("Z", ".001Z")
    yield case(
        "a-millisecond-too-new",
        "One millisecond outside the edge.",
        delivery.but(stamp=new),
        "timestamp_too_new",
    )
    yield case(
        "timestamp-year-9000",
        "The far future.",
        delivery.but(stamp="9000-01-01T00:00:00Z"),
        "timestamp_too_new",
    )


def ids(recipe: Recipe) -> Iterator[Case]:
    """The id where it is signed."""
    if not recipe.id_header:
        return
    delivery = recipe.delivery()
    name, lines = recipe.id_header, delivery.headers()
    other = recipe.id + "x"
    yield case(
        "no-id-header", "The id header is absent.", delivery, "missing_header", headers=without(lines, name)
    )
    yield case(
        "empty-id-header",
        "An empty header is a missing one.",
        delivery,
        "missing_header",
        headers=valued(lines, name, ""),
    )
    yield case(
        "id-changed",
        "The id was changed after signing.",
        delivery,
        "signature_mismatch",
        headers=valued(lines, name, other),
    )
    yield case(
        "id-header-twice-same",
        "The id header twice, with one value.",
        delivery,
        "valid",
        headers=valued(lines, name, recipe.id, recipe.id),
    )
    yield case(
        "id-header-twice",
        "Two ids: which one was signed?",
        delivery,
        "malformed_header",
        headers=valued(lines, name, recipe.id, other),
    )
    yield case(
        "id-header-twice-right-last",
        "Two ids, the signed one last.",
        delivery,
        "malformed_header",
        headers=valued(lines, name, other, recipe.id),
    )
    yield case(
        "id-nul",
        "A NUL after the id.",
        delivery,
        "signature_mismatch",
        headers=valued(lines, name, recipe.id + "\0"),
    )
    dotted = delivery.but(id=recipe.id + ".7")
    yield case(
        "id-with-dot", "We do not make such ids, but verify them.", dotted, "valid", event={"id": dotted.id}
    )

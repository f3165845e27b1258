"""The cases every vendor gets. The expected code of each stands beside it, stated by hand."""

import base64
import string
from collections.abc import Callable, Iterator, Sequence

from _recipes import NOW, Delivery, Recipe

Case = dict[str, object]
Lines = list[list[str]]

MADE = "made: tests/vectors/make.py"
BOM = b"\xef\xbb\xbf"
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def case(
    name: str,
    about: str,
    delivery: Delivery,
    expect: str,
    *,
    headers: Lines | None = None,
    body: bytes | None = None,
    now: int | None = None,
    secrets: Sequence[str] | None = None,
    event: dict[str, object] | None = None,
    key_index: int | None = None,
    sign: dict[str, object] | None = None,
) -> Case:
    """One case: the delivery, signed as its vendor does, and what is changed about it after signing."""
    made: Case = {"name": name, "about": about, "source": MADE}
    made["secrets"] = list(secrets) if secrets is not None else [delivery.recipe.secrets[0]]
    made["headers"] = delivery.headers() if headers is None else headers
    made |= body_of(delivery.body if body is None else body)
    made |= {"method": delivery.method, "url": delivery.url}
    made["now"] = now if now is not None else NOW if delivery.recipe.clock else None
    made["expect"] = expect
    optional = {"event": event or None, "key_index": key_index, "sign": sign}
    return made | {key: value for key, value in optional.items() if value is not None}


def body_of(body: bytes) -> Case:
    """A body as text where JSON can show it, else as base64."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}
    if all(character.isprintable() or character in "\r\n\t" for character in text):
        return {"body": text}
    return {"body_base64": base64.b64encode(body).decode()}


def renamed(lines: Lines, rename: Callable[[str], str]) -> Lines:
    return [[rename(name), value] for name, value in lines]


def without(lines: Lines, name: str) -> Lines:
    return [line for line in lines if line[0] != name]


def valued(lines: Lines, name: str, *values: str) -> Lines:
    """The lines with this header once for each value."""
    changed: Lines = []
    for line in lines:
        changed += [[name, value] for value in values] if line[0] == name else [line]
    return changed


def unread(recipe: Recipe) -> dict[str, object]:
    """What is known of an event whose body is not the vendor's JSON: what the headers tell."""
    told = {value for _, value in recipe.event_headers} | {recipe.id}
    return {
        key: value if value in told else None for key, value in recipe.event.items() if key != "timestamp"
    }


def is_form(recipe: Recipe) -> bool:
    return recipe.provider == "twilio"


def for_all(recipe: Recipe) -> Iterator[Case]:
    yield from valid(recipe)
    yield from sign(recipe)
    yield from refused(recipe)
    yield from headers(recipe)
    yield from signatures(recipe)
    yield from encodings(recipe)
    if not is_form(recipe):
        yield from bodies(recipe)
    yield from secrets(recipe)


def valid(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    current, previous, _ = recipe.keys
    both = [current.secret, previous.secret]
    yield case("valid", "A delivery as the vendor sends it.", delivery, "valid", event=recipe.event)
    yield case(
        "lower-case-names",
        "Header names in lower case.",
        delivery,
        "valid",
        headers=renamed(delivery.headers(), str.lower),
        event=recipe.event,
    )
    yield case(
        "upper-case-names",
        "Header names in upper case.",
        delivery,
        "valid",
        headers=renamed(delivery.headers(), str.upper),
        event=recipe.event,
    )
    others = [
        ["Host", "example.com"],
        [recipe.header + "-Old", "garbage"],
        ["Old-" + recipe.header, "garbage"],
    ]
    yield case(
        "among-other-headers",
        "Headers with similar names are other headers.",
        delivery,
        "valid",
        headers=others + delivery.headers(),
    )
    padded = [[name, f" \t{value} "] for name, value in delivery.headers()]
    yield case(
        "optional-whitespace",
        "Space and tab around a value are HTTP's and not the value's.",
        delivery,
        "valid",
        headers=padded,
    )
    yield case(
        "newest-secret", "Two secrets, signed with the newest.", delivery, "valid", secrets=both, key_index=0
    )
    yield case(
        "previous-secret",
        "Two secrets, signed with the one before: rotation.",
        delivery.but(key=previous),
        "valid",
        secrets=both,
        key_index=1,
    )
    if recipe.event_headers and not is_form(recipe):
        bare = delivery.headers()
        for name, _ in recipe.event_headers:
            bare = without(bare, name)
        told = {value for _, value in recipe.event_headers}
        left = {key: None if value in told else value for key, value in recipe.event.items()}
        yield case(
            "no-event-headers",
            "Headers about the event that are not signed may be absent.",
            delivery,
            "valid",
            headers=bare,
            event=left,
        )


def sign(recipe: Recipe) -> Iterator[Case]:
    if not recipe.signs or is_form(recipe):
        return
    delivery = recipe.delivery()
    current, previous, _ = recipe.keys
    yield case(
        "sign",
        "`sign` writes exactly these headers.",
        delivery,
        "valid",
        event=recipe.event,
        sign=recipe.sign,
    )
    both = [current.secret, previous.secret]
    about = "Of two secrets the newest signs."
    value = delivery.value()
    if recipe.shape.separator:
        about = "Where a request carries several signatures every live secret signs, the newest first."
        value = delivery.value(delivery.signature(), delivery.but(key=previous).signature())
    yield case(
        "sign-in-rotation",
        about,
        delivery,
        "valid",
        headers=delivery.headers(value),
        secrets=both,
        key_index=0,
        sign=recipe.sign,
    )
    clock = recipe.clock
    if clock and clock.in_body:
        return
    yield case(
        "sign-empty-body",
        "No bytes are signed like any others.",
        delivery.but(body=b""),
        "valid",
        event=unread(recipe),
        sign=recipe.sign,
    )
    yield case(
        "sign-any-bytes",
        "Bytes that are not UTF-8 are signed as they are.",
        delivery.but(body=b"\xff\x00\xfe"),
        "valid",
        event=unread(recipe),
        sign=recipe.sign,
    )
    if clock and clock.unit == "ms":
        fine = delivery.but(stamp=str(NOW * 1000 + 123))
        yield case(
            "sign-milliseconds",
            "A timestamp in milliseconds keeps them.",
            fine,
            "valid",
            sign=recipe.sign | {"timestamp": NOW + 0.123},
        )
    if clock and clock.unit == "s":
        yield case(
            "sign-part-of-a-second",
            "A timestamp in seconds is cut, not rounded.",
            delivery,
            "valid",
            sign=recipe.sign | {"timestamp": NOW + 0.9},
        )


def refused(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    _, previous, stranger = recipe.keys
    body = recipe.body
    tampered = body.replace(b"1", b"2", 1)
    assert tampered != body, f"the body of {recipe.provider} has no digit to change"
    yield case(
        "tampered-body",
        "One digit of the body was changed.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(),
        body=tampered,
    )
    yield case(
        "newline-added",
        "A newline was added to the body.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(),
        body=body + b"\n",
    )
    yield case(
        "body-cut",
        "The last byte of the body was lost.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(),
        body=body[:-1],
    )
    yield case(
        "body-consumed",
        "The body was read before and nothing is left.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(),
        body=b"",
    )
    yield case(
        "wrong-secret", "Signed with another secret.", delivery.but(key=stranger), "signature_mismatch"
    )
    yield case(
        "no-secret-fits",
        "Signed with neither of two secrets.",
        delivery.but(key=stranger),
        "signature_mismatch",
        secrets=[delivery.key.secret, previous.secret],
    )


def headers(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    name = recipe.header
    lines = delivery.headers()
    wrong = delivery.but(key=recipe.keys[2]).value()
    yield case(
        "no-signature-header",
        "The signature header is absent.",
        delivery,
        "missing_header",
        headers=without(lines, name),
    )
    yield case("no-headers", "There are no headers at all.", delivery, "missing_header", headers=[])
    yield case(
        "empty-signature-header",
        "An empty header is a missing one.",
        delivery,
        "missing_header",
        headers=valued(lines, name, ""),
    )
    yield case(
        "blank-signature-header",
        "So is one of spaces.",
        delivery,
        "missing_header",
        headers=valued(lines, name, " \t "),
    )
    underscored = renamed(lines, lambda text: text.replace("-", "_"))
    yield case(
        "underscores-in-names",
        "Underscores make another header, which proxies treat otherwise.",
        delivery,
        "missing_header",
        headers=underscored,
    )
    yield case(
        "twice-right-last",
        "The signature header twice: both are looked at.",
        delivery,
        "valid",
        headers=valued(lines, name, wrong, delivery.value()),
    )
    yield case(
        "twice-right-first",
        "The signature header twice, the right one first.",
        delivery,
        "valid",
        headers=valued(lines, name, delivery.value(), wrong),
    )
    yield case(
        "twice-wrong",
        "The signature header twice, neither right.",
        delivery,
        "signature_mismatch",
        headers=valued(lines, name, wrong, wrong),
    )
    yield case(
        "twice-one-empty",
        "An empty second signature header changes nothing.",
        delivery,
        "valid",
        headers=valued(lines, name, "", delivery.value()),
    )


def signatures(recipe: Recipe) -> Iterator[Case]:
    """Texts in place of the signature."""
    delivery = recipe.delivery()
    shape = recipe.shape
    right = delivery.signature()
    change = "b" if right[5] == "a" else "a"

    def put(name: str, about: str, text: str, expect: str = "signature_mismatch") -> Case:
        return case(name, about, delivery, expect, headers=delivery.headers(delivery.value(text)))

    yield put("garbage", "What stands where the signature should is no signature.", "garbage")
    yield put("non-ascii", "A signature that is not ASCII.", "ñandú☃")
    yield put("nul", "A NUL after the right signature.", right + "\0")
    yield put("one-digit-wrong", "One digit of the signature was changed.", right[:5] + change + right[6:])
    yield put("half", "Half of the right signature.", right[: len(right) // 8 * 4])
    yield put("twice-as-long", "The right signature, twice in a row.", right * 2)
    yield put("quoted", "The right signature in quotes.", f'"{right}"')
    if not shape.field:
        return
    yield put("empty-field", "The field is there and empty.", "")
    stamp = f"{shape.time}{shape.equals}{delivery.stamp}{shape.separator}" if shape.time else ""

    def bare(name: str, about: str, item: str) -> Case:
        return case(name, about, delivery, "malformed_header", headers=delivery.headers(stamp + item))

    yield bare("no-field", f"The signature without `{shape.field}{shape.equals}` before it.", right)
    yield bare("only-garbage", "Nothing of the header is of the vendor's form.", "garbage")
    yield bare("other-field", "Only a signature of a version we do not read.", f"x9{shape.equals}{right}")
    yield bare("field-in-other-case", "Field names are exact.", f"{shape.field.upper()}{shape.equals}{right}")
    yield bare(
        "longer-field",
        "A name that only starts like ours is another.",
        f"{shape.field}0{shape.equals}{right}",
    )


def encodings(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    right = delivery.signature()
    raw = delivery.key.sign(recipe.message(delivery))

    def put(
        name: str, about: str, text: str, expect: str = "signature_mismatch", of: Delivery = delivery
    ) -> Case:
        return case(name, about, of, expect, headers=of.headers(of.value(text)))

    if recipe.encoding == "hex":
        yield put("hex-upper-case", "Hex digits may be in upper case.", right.upper(), "valid")
        yield put("hex-mixed-case", "And in both.", right[:20] + right[20:].upper(), "valid")
        yield put("hex-odd", "Half a byte is missing.", right[:-1])
        yield put("hex-0x", "Not with 0x before.", "0x" + right)
        yield put("hex-space", "Not with a space inside.", right[:8] + " " + right[8:])
        yield put(
            "base64-for-hex",
            "The right bytes, written as base64.",
            base64.b64encode(raw).decode().rstrip("="),
        )
        return
    yield put("hex-for-base64", "The right bytes, written as hex.", raw.hex())
    url_safe = recipe.encoding == "base64url"
    special = with_signature(
        delivery, lambda text: any(digit in text for digit in ("-_" if url_safe else "+/"))
    )
    swap = str.maketrans("-_", "+/") if url_safe else str.maketrans("+/", "-_")
    yield put(
        "other-alphabet",
        "The right bytes in the other base64 alphabet.",
        special.signature().translate(swap),
        of=special,
    )
    yield put("junk-after", "Junk after the right signature.", right + "!!!")
    yield put("padding-too-long", "More padding than base64 has.", right + "===")
    if recipe.shape.separator != " ":
        yield put("base64-space", "Not with a space inside.", right[:8] + " " + right[8:])
    short = with_signature(delivery, lambda text: len(text.rstrip("=")) % 4 != 0)
    text = short.signature()
    if url_safe:
        yield put(
            "padded",
            "base64url is written without padding and read with it too.",
            text + "=",
            "valid",
            of=short,
        )
    else:
        yield put("unpadded", "The right signature without its padding.", text.rstrip("="), "valid", of=short)
    digits = text.rstrip("=")
    stray = ALPHABET[ALPHABET.index(digits[-1]) + 1]
    yield put(
        "trailing-bits",
        "The same bytes in a lax decoder: no encoder writes these last bits.",
        digits[:-1] + stray + text[len(digits) :],
        of=short,
    )


def with_signature(delivery: Delivery, wanted: Callable[[str], bool]) -> Delivery:
    """The delivery with spaces after the body until its signature is as wanted."""
    space = b"+" if is_form(delivery.recipe) else b" "
    while not wanted(delivery.signature()):
        delivery = delivery.but(body=delivery.body + space)
    return delivery


def bodies(recipe: Recipe) -> Iterator[Case]:
    """Bodies are bytes. Only where the timestamp is in the body must it be JSON."""
    delivery = recipe.delivery()
    in_body = recipe.clock is not None and recipe.clock.in_body
    unreadable = "invalid_payload" if in_body else "valid"
    nothing = None if in_body else unread(recipe)
    odd = {
        "not-utf-8": ("A body that is not UTF-8.", b'{"name":"Zo\xeb"} \xff\xfe\x80'),
        "empty-body": ("A body of no bytes.", b""),
        "not-json": ("A body that is not JSON.", b"hello"),
        "nul-in-body": ("A body with NUL bytes.", b"\x00hello\x00"),
        "json-cut": ("JSON that ends too early.", recipe.body.rstrip()[:-1]),
    }
    for name, (about, body) in odd.items():
        yield case(name, about, delivery.but(body=body), unreadable, event=nothing)
    known = recipe.event
    yield case(
        "byte-order-mark",
        "A byte order mark is signed, and does not hide the event.",
        delivery.but(body=BOM + recipe.body),
        "valid",
        event=known,
    )
    yield case(
        "crlf",
        "A line break after the JSON is signed.",
        delivery.but(body=recipe.body + b"\r\n"),
        "valid",
        event=known,
    )
    spaced = delivery.but(body=b"\n  " + recipe.body)
    yield case("space-before", "So is space before it.", spaced, "valid", event=known)
    if recipe.body.startswith(b"{"):
        emoji = recipe.body.replace(b"{", '{"note":"😀 Zoë",'.encode(), 1)
        yield case("emoji", "Characters outside ASCII.", delivery.but(body=emoji), "valid", event=known)
        escaped = recipe.body.replace(b"{", b'{"note":"\\ud83d\\ude00 \\u0000 \\/",', 1)
        yield case(
            "escapes", "JSON escapes are not touched.", delivery.but(body=escaped), "valid", event=known
        )
        change = case(
            "re-serialised",
            "The JSON was parsed and written again with spaces.",
            delivery,
            "signature_mismatch",
            headers=delivery.headers(),
            body=recipe.body.replace(b'":', b'": '),
        )
        yield change


def secrets(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    secret = delivery.key.secret
    yield case(
        "secret-with-newline",
        "Whitespace around a secret is dropped.",
        delivery,
        "valid",
        secrets=[f"  {secret}\r\n"],
    )
    yield case(
        "empty-secret", "With an empty key anybody can sign.", delivery, "invalid_secret", secrets=[""]
    )
    yield case("blank-secret", "Nothing is left of spaces.", delivery, "invalid_secret", secrets=[" \n"])
    yield case(
        "one-empty-secret",
        "One empty secret among good ones is refused as well.",
        delivery,
        "invalid_secret",
        secrets=[secret, ""],
    )

"""The cases of the plain vendors: a known answer, and each kind of refusal once."""

import json
from collections.abc import Iterator

from _cases import Case, case, valued, without
from _recipes import NOW, Clock, Delivery, Recipe, Shape, hmac_key

HEADER = "X-Mailgun-Is-In-The-Body"
SECOND_HEADERS = {
    "box": "BOX-SIGNATURE-SECONDARY",
    "docusign": "X-DocuSign-Signature-4",
    "gitea": "X-Forgejo-Signature",
    "hookdeck": "x-hookdeck-signature-2",
}


def brief(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    current, previous, stranger = recipe.keys
    yield case(
        "valid",
        "A delivery as the vendor sends it.",
        delivery,
        "valid",
        event=recipe.event,
        sign=recipe.sign if recipe.signs else None,
    )
    yield case(
        "previous-secret",
        "Two secrets, signed with the one before: rotation.",
        delivery.but(key=previous),
        "valid",
        secrets=[current.secret, previous.secret],
        key_index=1,
    )
    yield case(
        "wrong-secret", "Signed with another secret.", delivery.but(key=stranger), "signature_mismatch"
    )
    yield from tampered(delivery)
    yield from headers(delivery)
    if recipe.shape.separator and recipe.shape.field:
        wrong, right = delivery.but(key=stranger).signature(), delivery.signature()
        yield case(
            "several-signatures",
            "Two signatures, the second one right.",
            delivery,
            "valid",
            headers=delivery.headers(delivery.value(wrong, right)),
        )
    yield from special(delivery)
    if recipe.id_header:
        yield from ids(delivery)
    if recipe.url:
        yield from urls(delivery)
    if recipe.clock and recipe.clock.in_body:
        yield from ages(delivery, recipe.clock)
    elif recipe.clock:
        yield from ages(delivery, recipe.clock)
        yield from stamps(delivery, recipe.clock)


def tampered(delivery: Delivery) -> Iterator[Case]:
    body = delivery.body.replace(b"1001", b"1002")
    assert body != delivery.body
    lines = delivery.headers()
    if delivery.key.sign(b"a") == delivery.key.sign(b"b"):
        about = "A token says nothing of the body: any passes."
        yield case("body-is-not-covered", about, delivery, "valid", headers=lines, body=body)
        return
    about = "One digit of what is signed was changed."
    yield case("tampered-body", about, delivery, "signature_mismatch", headers=lines, body=body)


def headers(delivery: Delivery) -> Iterator[Case]:
    recipe = delivery.recipe
    lines = delivery.headers()
    yield case(
        "no-signature-header",
        "The signature header is absent.",
        delivery,
        "missing_header",
        headers=without(lines, recipe.header),
    )
    about, expect = "Nothing that could be a signature is just not right.", "signature_mismatch"
    if recipe.shape.field:
        about, expect = "A header of another form.", "malformed_header"
    yield case(
        "malformed-signature-header",
        about,
        delivery,
        expect,
        headers=valued(lines, recipe.header, "no/signature"),
    )


def special(delivery: Delivery) -> Iterator[Case]:
    """What a vendor alone has in its headers."""
    recipe, lines = delivery.recipe, delivery.headers()
    wrong, right = delivery.but(key=recipe.keys[2]).signature(), delivery.signature()
    if recipe.provider in SECOND_HEADERS:
        left = without(lines, recipe.header)
        second = SECOND_HEADERS[recipe.provider]
        about = "The right signature is in the other header."
        both = [*left, [recipe.header, wrong], [second, right]]
        yield case("second-header", about, delivery, "valid", headers=both)
        yield case("second-header-alone", about, delivery, "valid", headers=[*left, [second, right]])
    if recipe.provider == "metronome":
        about = "The time is in the Date header."
        dated = [["Date", delivery.stamp], *without(lines, "X-Metronome-Date")]
        yield case("date-header", about, delivery, "valid", headers=dated)
    if recipe.provider == "infisical":
        about = "An item that is no signature stands before it."
        value = f"t={NOW};{right}"
        yield case("time-before", about, delivery, "valid", headers=valued(lines, recipe.header, value))
    for name, value in rotations(delivery, wrong, right):
        about = "Two signatures during a rotation, one of them right."
        yield case(name, about, delivery, "valid", headers=valued(lines, recipe.header, value))


def rotations(delivery: Delivery, wrong: str, right: str) -> Iterator[tuple[str, str]]:
    if delivery.recipe.provider == "persona":
        yield "second-group", f"{delivery.value(wrong)} {delivery.value(right)}"
        yield "first-group", f"{delivery.value(right)} {delivery.value(wrong)}"
    if delivery.recipe.provider == "synctera":
        yield "second-signature", f"{wrong}.{right}"
        yield "first-signature", f"{right}.{wrong}"


def ids(delivery: Delivery) -> Iterator[Case]:
    signature = delivery.signature()
    other = delivery.but(id="made-up-1002")
    yield case(
        "id-changed",
        "The id was changed after signing.",
        delivery,
        "signature_mismatch",
        headers=other.headers(other.value(signature)),
    )
    yield case(
        "no-id",
        "The id is absent.",
        delivery,
        "missing_header",
        headers=without(delivery.headers(), delivery.recipe.id_header),
    )


def urls(delivery: Delivery) -> Iterator[Case]:
    lines = delivery.headers()
    other = delivery.but(url=(delivery.url or "") + "2")
    yield case("other-url", "Sent to another url.", other, "signature_mismatch", headers=lines)
    yield case(
        "no-url", "The caller forgot the url.", delivery.but(url=None), "invalid_argument", headers=lines
    )


def ages(delivery: Delivery, clock: Clock) -> Iterator[Case]:
    past, future = clock.past, clock.future
    yield case("as-old-as-allowed", f"{past} s old: the edge is inside.", delivery, "valid", now=NOW + past)
    yield case("too-old", f"{past + 1} s old.", delivery, "timestamp_too_old", now=NOW + past + 1)
    yield case(
        "as-new-as-allowed", f"{future} s ahead: the edge is inside.", delivery, "valid", now=NOW - future
    )
    yield case("too-new", f"{future + 1} s ahead.", delivery, "timestamp_too_new", now=NOW - future - 1)


def stamps(delivery: Delivery, clock: Clock) -> Iterator[Case]:
    lines, signature = delivery.headers(), delivery.signature()
    later = delivery.but(stamp=clock.text(NOW + 1))
    yield case(
        "timestamp-changed",
        "The timestamp was changed after signing.",
        delivery,
        "signature_mismatch",
        headers=later.headers(later.value(signature)),
    )
    odd = delivery.but(stamp="yesterday")
    yield case("malformed-timestamp", "A signed timestamp that is none.", odd, "malformed_timestamp")
    if clock.header:
        about, expect, left = "The timestamp is absent.", "missing_header", without(lines, clock.header)
    else:
        shape = delivery.recipe.shape
        bare = Shape(shape.separator, shape.equals, shape.field).write(signature)
        about, expect = "The signature header has no timestamp.", "malformed_header"
        left = valued(lines, delivery.recipe.header, bare)
    yield case("no-timestamp", about, delivery, expect, headers=left)


def mailgun() -> Iterator[Case]:
    """The signature, and all that is signed, is in the body."""
    key = hmac_key()
    names = ("current", "previous", "stranger")
    secrets = current, previous, stranger = tuple(f"mailgun-{name}-signing-key" for name in names)

    def body(secret: str, *, time: object = NOW, token: str = "t-1001", sent: str = "") -> bytes:
        signature = key(secret).sign(f"{time}{token}".encode()).hex()
        content = {"timestamp": str(time), "token": sent or token, "signature": signature}
        return json.dumps({"signature": content, "event-data": {"event": "opened"}}).encode()

    recipe = Recipe(
        "mailgun", HEADER, lambda _: b"", b"", key, secrets, clock=Clock("s", 300, 300, in_body=True)
    )

    def made(name: str, about: str, expect: str, body: bytes, **more: object) -> Case:
        return case(name, about, recipe.delivery(), expect, headers=[], body=body, **more)  # type: ignore[arg-type]

    event: dict[str, object] = {"id": "t-1001", "type": "opened"}
    right = body(current)
    yield made("valid", "A delivery as the vendor sends it.", "valid", right, event=event)
    both = [current, previous]
    about = "Two secrets, signed with the one before: rotation."
    yield made("previous-secret", about, "valid", body(previous), secrets=both, key_index=1)
    yield made("wrong-secret", "Signed with another secret.", "signature_mismatch", body(stranger))
    about = "The token was changed after signing."
    yield made("tampered-token", about, "signature_mismatch", body(current, sent="t-1002"))
    about = "What the event says is not signed: any passes."
    yield made("data-is-not-covered", about, "valid", right.replace(b"opened", b"clicked"))
    yield made("no-signature", "The body has no signature.", "malformed_header", b'{"event-data":{}}')
    yield made("not-json", "The body is no JSON.", "invalid_payload", b"signature=1")
    about = "A signed timestamp that is none."
    yield made("malformed-timestamp", about, "malformed_timestamp", body(current, time="yesterday"))
    yield made("as-old-as-allowed", "300 s old: the edge is inside.", "valid", right, now=NOW + 300)
    yield made("too-old", "301 s old.", "timestamp_too_old", right, now=NOW + 301)
    yield made("as-new-as-allowed", "300 s ahead: the edge is inside.", "valid", right, now=NOW - 300)
    yield made("too-new", "301 s ahead.", "timestamp_too_new", right, now=NOW - 301)

"""Every way of forging that there is a name for, once, against Standard Webhooks; each has to be refused.

The vendors' own files have most of them too, for their own forms.
"""

import base64
import unicodedata
from collections.abc import Iterator

from _cases import Case, case, renamed, valued, without
from _recipes import LABELS, NOW, ed25519_private, ed25519_public, hmac_key, standard_key, whpk, whsk
from _vendors import RECIPES

STANDARD = next(recipe for recipe in RECIPES if recipe.provider == "standard")
ID, STAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
KELVIN, LONG_S, DOTLESS = "\u212a", "\u017f", "\u0131"


def forgeries() -> dict[str, object]:
    made = [*keys(), *downgrades(), *signatures(), *replays(), *smuggled(), *look_alikes()]
    assert not [each["name"] for each in made if each["expect"] == "valid"], "no forgery is valid"
    return {"provider": "standard", "cases": made}


def keys() -> Iterator[Case]:
    delivery = STANDARD.delivery()
    mismatch = "signature_mismatch"
    for name, about, key in [
        ("empty-key", "An HMAC with the empty key.", b""),
        ("zero-key", "An HMAC with a key of zeros, which pads to the same block.", bytes(64)),
        ("prefix-as-key", "The prefix alone as the key.", b"whsec_"),
        ("text-as-key", "The text of the secret as the key, not decoded.", STANDARD.secrets[0].encode()),
    ]:
        forged = delivery.but(key=hmac_key(decode=lambda _, key=key: key)(""))
        yield case(name, about, delivery, mismatch, headers=delivery.headers(forged.value()))
    other = delivery.but(key=STANDARD.keys[2])
    about = "The signature of another endpoint for the same event."
    yield case("another-endpoint", about, delivery, mismatch, headers=delivery.headers(other.value()))
    about = "The signature of this endpoint for another event."
    another = delivery.but(body=b'{"type":"user.deleted","data":{}}')
    yield case("another-event", about, delivery, mismatch, headers=delivery.headers(another.value()))
    about = "The signature of the empty body."
    yield case(
        "of-no-body", about, delivery, mismatch, headers=delivery.headers(delivery.but(body=b"").value())
    )


def downgrades() -> Iterator[Case]:
    delivery = STANDARD.delivery()
    private = standard_key(whsk(LABELS[0]))
    public = whpk(LABELS[0])
    right = delivery.but(key=private)
    confused = hmac_key(decode=lambda _: ed25519_public(ed25519_private(LABELS[0])))("")
    as_v1 = f"v1,{delivery.but(key=confused).signature()}"
    as_v1a = f"v1a,{delivery.but(key=confused).signature()}"
    for name, about, value, secret, expect in [
        ("v1-for-v1a", "An HMAC by the public key, as v1.", as_v1, public, "malformed_header"),
        ("hmac-as-v1a", "The same as v1a.", as_v1a, public, "signature_mismatch"),
        (
            "v1a-as-v1",
            "A right ed25519 signature called v1.",
            f"v1,{right.signature()}",
            public,
            "malformed_header",
        ),
        ("v1-as-v1a", "A right HMAC called v1a.", f"v1a,{delivery.signature()}", None, "malformed_header"),
        (
            "v0",
            "A right HMAC of a version that there is not.",
            f"v0,{delivery.signature()}",
            None,
            "malformed_header",
        ),
        ("no-version", "A right HMAC without a version.", delivery.signature(), None, "malformed_header"),
        ("none", "No algorithm at all.", "none,", None, "malformed_header"),
        ("v1-of-nothing", "A version, and no signature.", "v1,", None, "signature_mismatch"),
    ]:
        secrets = None if secret is None else [secret]
        headers = delivery.headers(value)
        yield case(name, about, delivery, expect, headers=headers, secrets=secrets)


def signatures() -> Iterator[Case]:
    delivery = STANDARD.delivery()
    right = base64.b64decode(delivery.signature())
    for name, about, signature in [
        ("cut-to-one-byte", "The first byte of the right signature.", right[:1]),
        ("cut-by-one-byte", "All but the last byte.", right[:-1]),
        ("one-byte-more", "The right signature and one byte more.", right + b"\0"),
        ("concatenated", "A wrong signature with the right one behind it.", bytes(32) + right),
        ("concatenated-before", "The right one with a wrong one behind it.", right + bytes(32)),
        ("zeros", "A signature of zeros.", bytes(32)),
        ("bits-inverted", "Every bit of it inverted.", bytes(byte ^ 0xFF for byte in right)),
        ("reversed", "The right one from its end.", right[::-1]),
    ]:
        value = f"v1,{base64.b64encode(signature).decode()}"
        yield case(name, about, delivery, "signature_mismatch", headers=delivery.headers(value))
    parts = delivery.signature()
    split = f"v1,{parts[:20]} v1,{parts[20:]}"
    about = "The right signature in two halves."
    yield case("in-halves", about, delivery, "signature_mismatch", headers=delivery.headers(split))


def replays() -> Iterator[Case]:
    delivery = STANDARD.delivery()
    now = NOW + 301
    yield case("replayed", "A right request, sent again later.", delivery, "timestamp_too_old", now=now)
    about = "The same with the time of today."
    fresh = valued(delivery.headers(), STAMP, str(now))
    yield case("replayed-restamped", about, delivery, "signature_mismatch", headers=fresh, now=now)
    about = "The same under another id."
    renewed = valued(delivery.headers(), ID, "msg_fresh")
    yield case("replayed-renamed", about, delivery, "signature_mismatch", headers=renewed)
    about = "A right request, dated ahead to be used later."
    yield case("future-dated", about, delivery, "timestamp_too_new", now=NOW - 301)
    about = "Characters moved from the time into the id, so that the signed text is the same."
    moved = valued(delivery.headers(), ID, f"{delivery.id}.{str(NOW)[:1]}")
    moved = valued(moved, STAMP, str(NOW)[1:])
    yield case("moved-into-the-id", about, delivery, "signature_mismatch", headers=moved)
    about = "The time moved into the body, so that the signed text begins the same."
    body = str(NOW).encode() + b"." + delivery.body
    yield case("moved-into-the-body", about, delivery, "signature_mismatch", body=body)


def smuggled() -> Iterator[Case]:
    delivery = STANDARD.delivery()
    right = delivery.headers()
    wrong = "v1," + base64.b64encode(bytes(32)).decode()
    malformed = "malformed_header"
    for name, header, other in [("id", ID, "msg_forged"), ("time", STAMP, str(NOW + 1))]:
        about = f"The {name} once more, in other letters of the name and with another value."
        lines = [*right, [header.upper(), other]]
        yield case(f"second-{name}-in-upper-case", about, delivery, malformed, headers=lines)
        about = "The same with the other value first."
        lines = [[header.title(), other], *right]
        yield case(f"second-{name}-first", about, delivery, malformed, headers=lines)
        about = "Both values in one line."
        lines = valued(right, header, f"{other}, {dict(map(tuple, right))[header]}")
        expect = "signature_mismatch" if header == ID else "malformed_timestamp"
        yield case(f"both-{name}s-in-one-line", about, delivery, expect, headers=lines)
    about = "A wrong signature in other letters of the name, and none that is right."
    only_wrong = [*without(right, SIGNATURE), [SIGNATURE.upper(), wrong], [SIGNATURE, wrong]]
    yield case("two-wrong-signatures", about, delivery, "signature_mismatch", headers=only_wrong)
    about = "The signature under a name with an underscore, which some servers take for a hyphen."
    underscored = renamed(right, lambda name: name.replace("-", "_"))
    yield case("underscores", about, delivery, "missing_header", headers=underscored)
    about = "The signature under a name with a space behind it."
    spaced = renamed(right, lambda name: name + " " if name == SIGNATURE else name)
    yield case("space-behind-the-name", about, delivery, "missing_header", headers=spaced)
    about = "The header of another scheme, in the place of ours."
    github = [*without(right, SIGNATURE), ["x-hub-signature-256", "sha256=" + "0" * 64]]
    yield case("header-of-another-scheme", about, delivery, "missing_header", headers=github)


def look_alikes() -> Iterator[Case]:
    delivery = STANDARD.delivery()
    right = delivery.headers()
    for name, about, letter, other in [
        ("kelvin", "The Kelvin sign, whose lower case is a k.", "k", KELVIN),
        ("long-s", "The long s, whose upper case is an S.", "s", LONG_S),
        ("dotless-i", "The dotless i, whose upper case is an I.", "i", DOTLESS),
        ("cyrillic-e", "A Cyrillic letter that looks like an e.", "e", "\u0435"),
    ]:
        lines = renamed(
            right, lambda name, a=letter, b=other: name.replace(a, b) if name == SIGNATURE else name
        )
        yield case(f"name-with-{name}", about, delivery, "missing_header", headers=lines)
    signature = delivery.signature()
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in signature)
    mismatch = "signature_mismatch"
    yield case(
        "wide-signature", "Full-width letters.", delivery, mismatch, headers=delivery.headers(f"v1,{wide}")
    )
    about = "A version in full-width letters."
    yield case(
        "wide-version",
        about,
        delivery,
        "malformed_header",
        headers=delivery.headers(f"\uff56\uff11,{signature}"),
    )
    about = "A space of no width within the signature."
    inside = f"v1,{signature[:8]}\u200b{signature[8:]}"
    yield case("zero-width-space", about, delivery, mismatch, headers=delivery.headers(inside))
    about = "A space that is none of HTTP's around the signature."
    around = f"\u00a0v1,{signature}"
    yield case("no-break-space", about, delivery, "malformed_header", headers=delivery.headers(around))
    about = "The time in Arabic digits."
    arabic = "".join(chr(0x660 + int(digit)) for digit in str(NOW))
    yield case("arabic-time", about, delivery, "malformed_timestamp", headers=valued(right, STAMP, arabic))
    signed = delivery.but(body='{"type":"a","data":{"name":"Zoë"}}'.encode())
    for name, about, body in [
        (
            "decomposed-body",
            "The same letters, decomposed.",
            unicodedata.normalize("NFD", signed.body.decode()),
        ),
        (
            "homoglyph-in-the-body",
            "A letter that looks the same.",
            signed.body.decode().replace("Z", "\u0396"),
        ),
    ]:
        yield case(name, about, signed, mismatch, body=body.encode())

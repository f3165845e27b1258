"""Standard Webhooks and Svix: two kinds of signature, base64 secrets."""

import base64
from collections.abc import Iterator

from _cases import Case, Lines, case, renamed
from _recipes import (
    LABELS,
    NOW,
    Recipe,
    ed25519_private,
    ed25519_public,
    hmac_key,
    no_point,
    standard_key,
    whpk,
    whsk,
)

PUBLISHED_PAIR = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
    "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
)


def standard(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    v1 = delivery.value()
    public = standard_key(whpk(LABELS[0]))
    signature = delivery.but(key=public).signature()
    mixed = delivery.headers(f"v1a,{signature} {v1}")
    secret = delivery.key.secret
    yield case(
        "mixed-read-v1",
        "v1 and v1a in one header, read with the shared secret.",
        delivery,
        "valid",
        headers=mixed,
    )
    yield case(
        "mixed-read-v1a",
        "The same header, read with the public key.",
        delivery,
        "valid",
        headers=mixed,
        secrets=[public.secret],
    )
    yield case(
        "mixed-both-keys",
        "The same header, with both keys: the newest that fits is named.",
        delivery,
        "valid",
        headers=mixed,
        secrets=[public.secret, secret],
        key_index=0,
    )
    only_v1a = delivery.headers(f"v1a,{signature}")
    yield case(
        "migrated",
        "A receiver that knows both keys, a sender that already signs with v1a.",
        delivery,
        "valid",
        headers=only_v1a,
        secrets=[secret, public.secret],
        key_index=1,
    )
    yield case(
        "migrated-v1",
        "The same receiver, a sender that still signs with v1.",
        delivery,
        "valid",
        secrets=[public.secret, secret],
        key_index=1,
    )
    yield case(
        "v1a-alone-for-v1",
        "Only v1a, but only a shared secret is known.",
        delivery,
        "malformed_header",
        headers=only_v1a,
    )
    as_v1 = delivery.headers(f"v1,{signature}")
    yield case(
        "v1a-signature-as-v1", "An ed25519 signature under v1.", delivery, "signature_mismatch", headers=as_v1
    )
    confused = hmac_key(decode=lambda _: ed25519_public(ed25519_private(LABELS[0])))("")
    forged = delivery.headers(f"v1a,{delivery.but(key=confused).signature()}")
    yield case(
        "hmac-with-public-key",
        "An HMAC whose key is the public key, under v1a.",
        delivery,
        "signature_mismatch",
        headers=forged,
        secrets=[public.secret],
    )
    under_v1 = delivery.headers(f"v1,{delivery.but(key=confused).signature()}")
    yield case(
        "hmac-with-public-key-v1",
        "The same under v1: a public key is never an HMAC key.",
        delivery,
        "malformed_header",
        headers=under_v1,
        secrets=[public.secret],
    )
    empty = hmac_key(decode=lambda _: b"")("")
    forgery = delivery.headers(delivery.but(key=empty).value())
    yield case(
        "forged-with-empty-key",
        "An HMAC with the empty key, for a secret that is only its prefix.",
        delivery,
        "invalid_secret",
        headers=forgery,
        secrets=["whsec_"],
    )
    yield case(
        "forged-with-empty-key-mismatch",
        "The same for a good secret.",
        delivery,
        "signature_mismatch",
        headers=forgery,
    )
    for name, text in {"blank": "   ", "comma": "v1", "comma-only": ","}.items():
        expect = "missing_header" if name == "blank" else "malformed_header"
        yield case(
            f"header-{name}", "A header that holds nothing.", delivery, expect, headers=delivery.headers(text)
        )
    doubled = delivery.headers(f"  {v1}   {v1} ")
    yield case("spaces", "Spaces before, between and after.", delivery, "valid", headers=doubled)
    yield from asymmetric(recipe)
    yield from base64_secrets(recipe)


def svix(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()

    def branded(lines: Lines) -> Lines:
        return renamed(lines, lambda name: name.replace("svix-", "webhook-"))

    lines = delivery.headers()
    yield case(
        "webhook-names",
        "The names of Standard Webhooks.",
        delivery,
        "valid",
        headers=branded(lines),
        event=recipe.event,
    )
    yield case(
        "both-names",
        "Both sets of names, with the same values.",
        delivery,
        "valid",
        headers=lines + branded(lines),
        event=recipe.event,
    )
    other = delivery.but(id="msg_other", stamp=str(NOW - 1), key=recipe.keys[2])
    yield case(
        "svix-names-win",
        "Where both are there, svix-* is read.",
        delivery,
        "valid",
        headers=branded(other.headers()) + lines,
        event=recipe.event,
    )
    yield case(
        "webhook-names-old",
        "The other names have the same tolerance.",
        delivery,
        "timestamp_too_old",
        headers=branded(lines),
        now=NOW + 301,
    )
    yield from asymmetric(recipe)
    yield from base64_secrets(recipe)


def asymmetric(recipe: Recipe) -> Iterator[Case]:
    """v1a: whsk_ signs, whpk_ verifies."""
    private, public, other = whsk(LABELS[0]), whpk(LABELS[0]), whpk(LABELS[1])
    delivery = recipe.delivery().but(key=standard_key(private))
    lines = delivery.headers(f"v1a,{delivery.signature()}")
    sent = recipe.sign
    yield case(
        "v1a",
        "Verified with the public key.",
        delivery,
        "valid",
        headers=lines,
        secrets=[public],
        event=recipe.event,
    )
    yield case(
        "v1a-sign",
        "`sign` with the private key writes exactly these headers; it verifies too.",
        delivery,
        "valid",
        headers=lines,
        secrets=[private],
        event=recipe.event,
        sign=sent,
    )
    if recipe.provider == "standard":
        pair = standard_key(PUBLISHED_PAIR[0])
        known = recipe.delivery().but(
            key=pair, stamp="1614265330", id="msg_p5jXN8AQM9LWM0D4loKWxJek", body=b'{"test": 2432232314}'
        )
        example = known.headers(f"v1a,{known.signature()}")
        signing: dict[str, object] = {"id": known.id, "timestamp": 1614265330}
        yield case(
            "v1a-sign-published",
            "The published private key makes the published signature.",
            known,
            "valid",
            headers=example,
            secrets=[PUBLISHED_PAIR[0]],
            now=1614265330,
            sign=signing,
        )
    yield case(
        "v1a-previous",
        "Two public keys, signed with the one before.",
        delivery,
        "valid",
        headers=lines,
        secrets=[other, public],
        key_index=1,
    )
    yield case(
        "v1a-tampered",
        "One digit of the body was changed.",
        delivery,
        "signature_mismatch",
        headers=lines,
        secrets=[public],
        body=delivery.body.replace(b"1", b"2", 1),
    )
    yield case(
        "v1a-wrong-key", "Another public key.", delivery, "signature_mismatch", headers=lines, secrets=[other]
    )
    yield case(
        "v1a-too-old",
        "The tolerance is that of v1.",
        delivery,
        "timestamp_too_old",
        headers=lines,
        secrets=[public],
        now=NOW + 301,
    )
    short = delivery.headers(f"v1a,{base64.b64encode(bytes(63)).decode()}")
    yield case("v1a-short", "Not 64 bytes.", delivery, "signature_mismatch", headers=short, secrets=[public])
    zero = delivery.headers(f"v1a,{base64.b64encode(bytes(64)).decode()}")
    yield case(
        "v1a-zero", "64 bytes of zero.", delivery, "signature_mismatch", headers=zero, secrets=[public]
    )
    pair_bytes = base64.b64decode(private.removeprefix("whsk_"))
    swapped = base64.b64encode(pair_bytes[:32] + ed25519_public(ed25519_private(LABELS[1]))).decode()
    for name, about, secret in (
        ("prefix-only", "No key at all.", "whpk_"),
        ("private-prefix-only", "No key at all.", "whsk_"),
        ("short", "31 bytes.", "whpk_" + base64.b64encode(bytes(31)).decode()),
        ("long", "33 bytes.", "whpk_" + base64.b64encode(bytes(33)).decode()),
        (
            "no-point",
            "32 bytes that are no point of the curve.",
            "whpk_" + base64.b64encode(no_point()).decode(),
        ),
        ("not-base64", "Not base64.", "whpk_" + "!" * 43),
        ("halves-differ", "The public half is not that of the private one.", "whsk_" + swapped),
    ):
        yield case(f"v1a-key-{name}", about, delivery, "invalid_secret", headers=lines, secrets=[secret])


def base64_secrets(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    secret = delivery.key.secret
    text = secret.removeprefix("whsec_")
    yield case("secret-without-prefix", "whsec_ may be left out.", delivery, "valid", secrets=[text])
    padded = standard_key("whsec_" + base64.b64encode(b"hookseal test key of 29 bytes").decode())
    signed = delivery.but(key=padded)
    yield case("secret-padded", "A secret with padding.", signed, "valid", secrets=[padded.secret])
    yield case(
        "secret-unpadded", "The same without it.", signed, "valid", secrets=[padded.secret.rstrip("=")]
    )
    special_bytes = bytes([0xFB, 0xEF, 0xFF]) * 8
    special_key = standard_key("whsec_" + base64.b64encode(special_bytes).decode())
    other = delivery.but(key=special_key)
    yield case(
        "secret-special-digits", "A secret with + and /.", other, "valid", secrets=[special_key.secret]
    )
    url_safe = special_key.secret.removeprefix("whsec_").translate(str.maketrans("+/", "-_"))
    yield case(
        "secret-url-safe",
        "The other alphabet would be a different key in a lax decoder.",
        other,
        "invalid_secret",
        secrets=["whsec_" + url_safe],
    )
    for name, about, wrong in (
        ("prefix-only", "Nothing after whsec_.", "whsec_"),
        ("prefix-and-space", "Only a space after whsec_.", "whsec_ "),
        ("space-inside", "Whitespace inside.", f"whsec_{text[:8]} {text[8:]}"),
        ("not-base64", "No base64 at all.", "whsec_!!!!"),
        ("one-digit-lost", "A length that base64 does not have.", f"whsec_{text[:-3]}"),
        ("trailing-bits", "Last bits that no encoder writes.", "whsec_" + "A" * 30 + "B"),
        ("prefix-twice", "The prefix twice.", f"whsec_whsec_{text}"),
        ("quoted", "Quotes from a settings file.", f'"{secret}"'),
    ):
        yield case(f"secret-{name}", about, delivery, "invalid_secret", secrets=[wrong])

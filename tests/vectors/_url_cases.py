"""Vendors that sign the url."""

import hashlib
from collections.abc import Iterator

from _cases import Case, Lines, case
from _recipes import Delivery, Recipe


def urls(recipe: Recipe) -> Iterator[Case]:
    """Where the url is signed."""
    delivery = recipe.delivery()
    signed = delivery.headers()
    url = delivery.url or ""
    for name, about, other in (
        ("url-other-path", "Another endpoint of the same receiver.", url.replace("/hooks/", "/other/")),
        ("url-other-scheme", "http behind a proxy, https outside.", url.replace("https", "http")),
        ("url-other-host", "Another host.", url.replace("example.com", "example.org")),
        ("url-other-query", "Another query.", url + ("&" if "?" in url else "?") + "a=1"),
        ("url-slash-added", "A slash more.", url.replace("?", "/?") if "?" in url else url + "/"),
    ):
        yield case(name, about, delivery.but(url=other), "signature_mismatch", headers=signed)
    yield case(
        "no-url",
        "The url is signed and the caller gave none: the caller's mistake, not the sender's.",
        delivery.but(url=None),
        "invalid_argument",
        headers=signed,
    )


def methods(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    yield from urls(recipe)
    yield case(
        "other-method",
        "Another method than was signed.",
        delivery.but(method="PUT"),
        "signature_mismatch",
        headers=delivery.headers(),
    )
    put = delivery.but(method="PUT")
    yield case("put", "A method other than POST.", put, "valid", sign=recipe.sign | {"method": "PUT"})


def twilio(recipe: Recipe) -> Iterator[Case]:
    yield from urls(recipe)
    delivery = recipe.delivery()
    form = {
        "form-one-value": b"MessageSid=SM1001",
        "form-empty-values": b"A=&B&C=1",
        "form-repeated": b"Media=b&Media=a&Media=b",
        "form-case-sorted": b"b=1&B=2&a=3&A=4",
        "form-prefixes": b"ab=1&a=2&a=10",
        "form-escapes": b"Body=1%2B1%3D2+%26+%25+%E2%82%AC&From=%2B15550100",
        "form-upper-and-lower-escapes": b"Body=%c3%a9%C3%A9",
        "form-equals-in-value": b"Body=a=b==c",
        "form-empty-parts": b"&A=1&&B=2&",
    }
    for name, body in form.items():
        yield case(
            name,
            "Parameters decoded, sorted by name and value, no pair twice.",
            delivery.but(body=body),
            "valid",
        )
    yield case(
        "form-reordered",
        "Their order in the body is free.",
        delivery,
        "valid",
        headers=delivery.headers(),
        body=b"&".join(sorted(recipe.body.split(b"&"))),
    )
    added = recipe.body + b"&Extra=1"
    yield case(
        "form-parameter-added",
        "A parameter was added.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(),
        body=added,
    )
    charset = [["Content-Type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"], *delivery.headers()[1:]]
    yield case(
        "form-with-charset",
        "The content type in other case and with a charset.",
        delivery,
        "valid",
        headers=charset,
    )
    empty = delivery.but(body=b"")
    yield case(
        "empty-body",
        "Without a body the url alone is signed, as for GET.",
        empty.but(method="GET"),
        "valid",
        headers=empty.headers()[1:],
    )
    yield case(
        "sign-url",
        "`sign` of no body writes exactly this header.",
        empty,
        "valid",
        headers=empty.headers()[1:],
        sign={"url": empty.url},
    )
    yield from twilio_bodies(delivery)


def twilio_bodies(delivery: Delivery) -> Iterator[Case]:
    """Bodies that are no form: only their hash in the url is signed, so that is checked."""
    json_type = ["Content-Type", "application/json"]

    def hashed(body: bytes) -> Delivery:
        digest = hashlib.sha256(body).hexdigest()
        return delivery.but(body=body, url=f"https://example.com/hooks/twilio?line=1&bodySHA256={digest}")

    def lines(of: Delivery) -> Lines:
        return [json_type, *of.headers()[1:]]

    sent = hashed(b'{"status": "done"}')
    yield case("json", "A JSON body whose SHA-256 is in the signed url.", sent, "valid", headers=lines(sent))
    odd = hashed(b"\xff\xfe\x00")
    yield case("not-utf-8", "Any bytes, by their hash.", odd, "valid", headers=lines(odd))
    yield case(
        "json-tampered",
        "The url is right, but the body is not the one it names.",
        sent,
        "signature_mismatch",
        headers=lines(sent),
        body=b'{"status": "failed"}',
    )
    yield case(
        "json-lost",
        "The body the url names is gone.",
        sent,
        "signature_mismatch",
        headers=lines(sent),
        body=b"",
    )
    unnamed = delivery.but(body=b"")
    smuggled = [json_type, *unnamed.headers()[1:]]
    yield case(
        "json-not-named",
        "A body that neither the url nor the form covers is not signed at all.",
        unnamed,
        "signature_mismatch",
        headers=smuggled,
        body=b'{"status": "done"}',
    )
    forged = sent.but(url=(sent.url or "").replace("bodySHA256=", "bodySHA256=0"))
    yield case(
        "json-hash-changed",
        "The hash in the url was changed.",
        forged,
        "signature_mismatch",
        headers=lines(sent),
    )

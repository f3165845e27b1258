"""Cases for the parts of the provider format that no built-in provider uses, over a provider of our own."""

import base64
import hashlib
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives import serialization

from _cases import MADE, Case, body_of
from _recipes import LABELS, NOW, base64url, hmac_key, p256_private, p256_sign

TOML = """\
id = "format"
name = "Parts of the provider format"
sources = ["tests/vectors/make.py"]
confidence = "source-code"

# The prefix of a secret picks the signature.

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{timestamp}\\n{body}"
key = { encoding = "utf8", prefix = "http-date:" }
timestamp = { from = "header:date", unit = "http-date", past = 60, future = 30 }

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex-upper"
signed = "{body}"
key = { encoding = "utf8", prefix = "hex-upper:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "base64-hex"
signed = "{body}"
key = { encoding = "utf8", prefix = "base64-hex:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha512"
encoding = "base64"
signed = "{{{body}}}"
key = { encoding = "base64url", prefix = "braces:" }

[[signature]]
header = "x-signature"
mac = "sha1"
encoding = "hex"
signed = "{body}{secret}"
key = { encoding = "utf8", prefix = "sha1:" }

[[signature]]
header = "x-signature"
mac = "ecdsa-p256-sha256"
encoding = "base64"
signed = "{body}"
key = { encoding = "pem", prefix = "pem:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{method} {path_query}\\n{header:x-tenant}\\n{query:attempt}\\n{body_sha256_hex}"
key = { encoding = "utf8", prefix = "request:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
item_separator = ","
field_separator = "="
field = "sig"
signed = "{timestamp}.{field:nonce}.{body}"
key = { encoding = "utf8", prefix = "nonce:" }
timestamp = { from = "field:ts", unit = "s" }

[[signature]]
json = "signature.value"
mac = "hmac-sha256"
encoding = "hex"
signed = "{json:signature.timestamp}{json:signature.token}"
key = { encoding = "utf8", prefix = "json:" }
timestamp = { from = "json:signature.timestamp", unit = "s" }
"""

BODY = b'{"made":"up"}'
SECRET = "secret-of-the-format-tests"
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
URL = "https://example.com/hooks/format?attempt=2&line=1"


def formats() -> dict[str, object]:
    return {"toml": TOML, "cases": list(cases())}


def case(
    name: str,
    secret: str,
    signature: str,
    expect: str = "valid",
    *,
    others: tuple[tuple[str, str], ...] = (),
    body: bytes = BODY,
    url: str | None = None,
    now: int | None = None,
    sign: dict[str, object] | None = None,
) -> Case:
    made: Case = {
        "name": name,
        "about": f"The signature that `{secret.split(':')[0]}:` picks in the toml.",
        "source": MADE,
        "secrets": [secret],
    }
    made["headers"] = [list(other) for other in others] + ([["X-Signature", signature]] if signature else [])
    made |= body_of(body) | {"method": "POST", "url": url, "now": now, "expect": expect}
    return made | ({"sign": sign} if sign is not None else {})


def mac(message: bytes) -> str:
    return hmac_key()(SECRET).sign(message).hex()


def cases() -> Iterator[Case]:
    yield from dates()
    yield from encodings()
    yield from parts()
    yield from in_body()


def dates() -> Iterator[Case]:
    secret, dated = f"http-date:{SECRET}", (("Date", DATE),)
    right = mac(DATE.encode() + b"\n" + BODY)
    yield case("http-date", secret, right, others=dated, now=NOW, sign={"timestamp": NOW})
    yield case("http-date-as-old-as-allowed", secret, right, others=dated, now=NOW + 60)
    yield case("http-date-too-old", secret, right, "timestamp_too_old", others=dated, now=NOW + 61)
    yield case("http-date-as-new-as-allowed", secret, right, others=dated, now=NOW - 30)
    yield case("http-date-too-new", secret, right, "timestamp_too_new", others=dated, now=NOW - 31)
    yield case("http-date-absent", secret, right, "missing_header", now=NOW)
    for word in ("yesterday", str(NOW)):
        signed = mac(word.encode() + b"\n" + BODY)
        yield case(
            f"http-date-{word}", secret, signed, "malformed_timestamp", others=(("Date", word),), now=NOW
        )


def encodings() -> Iterator[Case]:
    right = mac(BODY)
    yield case("hex-upper", f"hex-upper:{SECRET}", right.upper(), sign={})
    of_hex = base64.b64encode(right.encode()).decode()
    yield case("base64-hex", f"base64-hex:{SECRET}", of_hex, sign={})
    yield case("base64-hex-tampered", f"base64-hex:{SECRET}", of_hex, "signature_mismatch", body=b"{}")
    yield case(
        "base64-hex-not-hex",
        f"base64-hex:{SECRET}",
        base64.b64encode(b"z" * 64).decode(),
        "signature_mismatch",
    )
    yield case(
        "base64-hex-of-bytes",
        f"base64-hex:{SECRET}",
        base64.b64encode(bytes.fromhex(right)).decode(),
        "signature_mismatch",
    )
    key = bytes(range(0xE0, 0x100)) + b"\xff"
    braces = base64.b64encode(hmac_key("sha512", lambda _: key)("").sign(b"{" + BODY + b"}")).decode()
    yield case("base64url-key", f"braces:{base64url(key)}", braces, sign={})
    other_alphabet = base64.b64encode(key).decode()
    yield case("base64url-key-other-alphabet", f"braces:{other_alphabet}", braces, "invalid_secret")
    yield case("sha1", f"sha1:{SECRET}", hashlib.sha1(BODY + SECRET.encode()).hexdigest(), sign={})
    yield case(
        "sha1-wrong-order",
        f"sha1:{SECRET}",
        hashlib.sha1(SECRET.encode() + BODY).hexdigest(),
        "signature_mismatch",
    )
    private = p256_private(LABELS[0])
    public = (
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    signature = base64.b64encode(p256_sign(private, BODY)).decode()
    yield case("pem", f"pem:{public}", signature)
    yield case("pem-tampered", f"pem:{public}", signature, "signature_mismatch", body=b"{}")
    yield case("pem-cut", f"pem:{public[:60]}", signature, "invalid_secret")


def parts() -> Iterator[Case]:
    secret, tenant = f"request:{SECRET}", (("X-Tenant", "t-1"),)
    digest = hashlib.sha256(BODY).hexdigest()
    right = mac(f"POST /hooks/format?attempt=2&line=1\nt-1\n2\n{digest}".encode())
    yield case("request", secret, right, others=tenant, url=URL)
    yield case("request-other-body", secret, right, "signature_mismatch", others=tenant, url=URL, body=b"{}")
    yield case(
        "request-other-header", secret, right, "signature_mismatch", others=(("X-Tenant", "t-2"),), url=URL
    )
    yield case(
        "request-other-query", secret, right, "signature_mismatch", others=tenant, url=URL.replace("=2", "=3")
    )
    yield case(
        "request-other-host", secret, right, others=tenant, url=URL.replace("example.com", "example.org:8443")
    )
    yield case("request-header-absent", secret, right, "missing_header", url=URL)
    signed = mac(f"{NOW}.n-1.".encode() + BODY)
    yield case("nonce", f"nonce:{SECRET}", f"ts={NOW},nonce=n-1,sig={signed}", now=NOW)
    yield case(
        "nonce-changed", f"nonce:{SECRET}", f"ts={NOW},nonce=n-2,sig={signed}", "signature_mismatch", now=NOW
    )
    yield case(
        "nonce-too-old",
        f"nonce:{SECRET}",
        f"ts={NOW},nonce=n-1,sig={signed}",
        "timestamp_too_old",
        now=NOW + 301,
    )


def in_body() -> Iterator[Case]:
    secret = f"json:{SECRET}"

    def body(token: str, value: str) -> bytes:
        signature = {"timestamp": NOW, "token": token, "value": value}
        return json.dumps({"event": "opened", "signature": signature}).encode()

    right = mac(f"{NOW}t-1".encode())
    yield case("json", secret, "", body=body("t-1", right), now=NOW)
    yield case("json-other-token", secret, "", "signature_mismatch", body=body("t-2", right), now=NOW)
    yield case("json-other-signature", secret, "", "signature_mismatch", body=body("t-1", "0" * 64), now=NOW)
    yield case("json-too-old", secret, "", "timestamp_too_old", body=body("t-1", right), now=NOW + 301)

"""How each vendor signs, written down a second time: from its documentation, not from our provider files.

Only the standard library and `cryptography` compute signatures here, so that a mistake in Hookseal cannot
hide by being made twice.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.utils import formatdate
from functools import partial
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

NOW = 1767225600  # 2026-01-01T00:00:00Z

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Key:
    """A secret as `verify` is given it, and how its owner signs."""

    secret: str
    sign: Callable[[bytes], bytes] = field(repr=False)
    verify: Callable[[bytes, bytes], bool] = field(repr=False)


@dataclass(frozen=True)
class Shape:
    """What stands in the signature header around the signatures."""

    separator: str = ""
    equals: str = ""
    field: str = ""
    time: str = ""

    def write(self, *signatures: str, stamp: str = "") -> str:
        items = [self.time + self.equals + stamp] if self.time else []
        items += [self.field + self.equals + signature for signature in signatures]
        return self.separator.join(items)


@dataclass(frozen=True)
class Clock:
    """Where the signed timestamp is: in its own header, else in the signature header or the body."""

    unit: str
    past: int
    future: int
    header: str = ""
    in_body: bool = False

    def text(self, seconds: int) -> str:
        if self.unit == "ms":
            return str(seconds * 1000)
        if self.unit == "iso8601":
            return iso(seconds)
        if self.unit == "iso8601-utc":
            return iso(seconds).replace("Z", ".000")
        if self.unit == "http-date":
            return formatdate(seconds, usegmt=True)
        return str(seconds)


@dataclass(frozen=True)
class Delivery:
    """One request, before it is signed."""

    recipe: "Recipe"
    key: Key
    body: bytes
    stamp: str
    id: str
    url: str | None
    method: str

    def but(self, **changes: object) -> "Delivery":
        return replace(self, **changes)  # type: ignore[arg-type]

    def signature(self) -> str:
        return self.recipe.encode(self.key.sign(self.recipe.message(self)))

    def value(self, *signatures: str) -> str:
        """The signature header, with these signatures or the right one."""
        return self.recipe.shape.write(*(signatures or (self.signature(),)), stamp=self.stamp)

    def headers(self, value: str | None = None) -> list[list[str]]:
        recipe = self.recipe
        lines = []
        if recipe.id_header:
            lines.append([recipe.id_header, self.id])
        if recipe.clock and recipe.clock.header:
            lines.append([recipe.clock.header, self.stamp])
        lines += [list(line) for line in recipe.event_headers]
        return [*lines, [recipe.header, self.value() if value is None else value]]


@dataclass(frozen=True)
class Recipe:
    """A vendor. `key` reads a secret; `secrets` are the current, the previous and a stranger's."""

    provider: str
    header: str
    message: Callable[[Delivery], bytes]
    body: bytes
    key: Callable[[str], Key]
    secrets: tuple[str, str, str]
    encoding: str = "hex"
    shape: Shape = Shape()
    clock: Clock | None = None
    id_header: str = ""
    id: str = ""
    event_headers: tuple[tuple[str, str], ...] = ()
    event: dict[str, object] = field(default_factory=dict)
    url: str | None = None
    method: str = "POST"
    signs: bool = True
    sign: dict[str, object] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[Key, Key, Key]:
        current, previous, stranger = self.secrets
        return self.key(current), self.key(previous), self.key(stranger)

    def encode(self, signature: bytes) -> str:
        return ENCODINGS[self.encoding](signature)

    def delivery(self) -> Delivery:
        stamp = self.clock.text(NOW) if self.clock and not self.clock.in_body else ""
        return Delivery(self, self.keys[0], self.body, stamp, self.id, self.url, self.method)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": lambda data: data.hex(),
    "base64": lambda data: base64.b64encode(data).decode(),
    "base64url": base64url,
    "hex-upper": lambda data: data.hex().upper(),
    "base64-hex": lambda data: base64.b64encode(data.hex().encode()).decode(),
    "text": bytes.decode,
}


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def hmac_key(hash_name: str = "sha256", decode: Callable[[str], bytes] = str.encode) -> Callable[[str], Key]:
    def key(secret: str) -> Key:
        def sign(message: bytes) -> bytes:
            return hmac.new(decode(secret), message, hash_name).digest()

        return Key(secret, sign, lambda message, signature: hmac.compare_digest(sign(message), signature))

    return key


def hash_key(hash_name: str) -> Callable[[str], Key]:
    """No MAC at all: the secret is part of the message."""

    def sign(message: bytes) -> bytes:
        return hashlib.new(hash_name, message).digest()

    return lambda secret: Key(secret, sign, lambda message, signature: sign(message) == signature)


def token_key(secret: str) -> Key:
    """No signature at all: the secret itself is sent."""
    return Key(secret, lambda _: secret.encode(), lambda _, signature: signature == secret.encode())


def ed25519_key(decode: Callable[[str], bytes]) -> Callable[[str], Key]:
    """A vendor gives out public keys; we know the private ones of our own."""

    def key(secret: str) -> Key:
        public = decode(secret)
        private = next(key for key in map(ed25519_private, LABELS) if ed25519_public(key) == public)
        return Key(secret, private.sign, ed25519_verifier(public))

    return key


def whsec(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def ed25519_private(label: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(label.encode()).digest())


def ed25519_public(private: ed25519.Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def ed25519_verifier(public: bytes) -> Callable[[bytes, bytes], bool]:
    key = ed25519.Ed25519PublicKey.from_public_bytes(public)
    return lambda message, signature: accepts(lambda: key.verify(signature, message))


def accepts(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except (InvalidSignature, ValueError):
        return False
    return True


def p256_private(label: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(hashlib.sha256(label.encode()).digest(), "big") % P256_ORDER
    return ec.derive_private_key(number, ec.SECP256R1())


def spki(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def p256_sign(private: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    return private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def p256_verifier(public: bytes) -> Callable[[bytes, bytes], bool]:
    key = serialization.load_der_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return lambda message, signature: accepts(
        lambda: key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    )


def unable(_: bytes) -> bytes:
    raise AssertionError("a public key does not sign")


def discord_key(secret: str) -> Key:
    """Discord gives out hex public keys; we know the private ones of our own."""
    for label in LABELS:
        private = ed25519_private(label)
        if ed25519_public(private).hex() == secret:
            return Key(secret, private.sign, ed25519_verifier(bytes.fromhex(secret)))
    return Key(secret, unable, ed25519_verifier(bytes.fromhex(secret)))


def sendgrid_key(secret: str) -> Key:
    for label in LABELS:
        private = p256_private(label)
        if spki(private.public_key()) == secret:
            return Key(secret, partial(p256_sign, private), p256_verifier(base64.b64decode(secret)))
    return Key(secret, unable, p256_verifier(base64.b64decode(secret)))


def standard_key(secret: str) -> Key:
    """whsec_ (or no prefix), whsk_ (seed and public key) or whpk_ (public key)."""
    if secret.startswith("whsk_"):
        pair = base64.b64decode(secret.removeprefix("whsk_"))
        private = ed25519.Ed25519PrivateKey.from_private_bytes(pair[:32])
        return Key(secret, private.sign, ed25519_verifier(pair[32:]))
    if secret.startswith("whpk_"):
        public = base64.b64decode(secret.removeprefix("whpk_"))
        for label in LABELS:
            private = ed25519_private(label)
            if ed25519_public(private) == public:
                return Key(secret, private.sign, ed25519_verifier(public))
        return Key(secret, unable, ed25519_verifier(public))
    return hmac_key(decode=whsec)(secret)


def whsk(label: str) -> str:
    private = ed25519_private(label)
    return "whsk_" + base64.b64encode(private.private_bytes_raw() + ed25519_public(private)).decode()


def whpk(label: str) -> str:
    return "whpk_" + base64.b64encode(ed25519_public(ed25519_private(label))).decode()


def twilio_message(delivery: Delivery) -> bytes:
    """The url, then each form parameter's name and value, sorted, no pair twice; of other bodies the url."""
    url = (delivery.url or "").encode()
    if b"bodySHA256=" in url:
        return url
    pairs = parse_qsl(delivery.body.decode(), keep_blank_values=True)
    return url + "".join(name + value for name, value in sorted(set(pairs))).encode()


def contentful_message(method: str, path: str, headers: dict[str, str], body: str) -> str:
    lower = {name.lower(): value for name, value in headers.items()}
    names = sorted(lower["x-contentful-signed-headers"].split(","))
    return "\n".join([method, path, ";".join(f"{name}:{lower[name]}" for name in names), body])


def no_point() -> bytes:
    """The smallest y for which -x² + y² = 1 + dx²y² has no x."""
    prime = 2**255 - 19
    d = -121665 * pow(121666, -1, prime) % prime
    y = 2
    while True:
        square = (y * y - 1) * pow(d * y * y + 1, -1, prime) % prime
        if pow(square, (prime - 1) // 2, prime) == prime - 1:
            return y.to_bytes(32, "little")
        y += 1


LABELS = ("hookseal test: current", "hookseal test: previous", "hookseal test: stranger")

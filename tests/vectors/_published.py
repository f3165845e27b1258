"""Vectors that others published, carried over into cases and computed again on the way."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from _cases import Case, body_of
from _recipes import Delivery, Key, Recipe, contentful_message, ed25519_verifier, hmac_key

HERE = Path(__file__).parent
PROVIDERS = {"standard-webhooks": "standard", "standard-webhooks-v1a": "standard", "paddle-billing": "paddle"}

# What their "invalid", "stale" and "future" are called here.
CODES = {
    "valid": "valid",
    "invalid": "signature_mismatch",
    "stale": "timestamp_too_old",
    "future": "timestamp_too_new",
}
OTHER_CODES = {
    # The header has v5 only, and so no signature that is read.
    "sanity-05-v5": "malformed_header",
    # An empty signature header is a missing one.
    "wycheproof-ed25519-30": "missing_header",
}

# Vectors of vendors whose own libraries check no age; ours does.
CLOCKS = {"sanity": 1633519811, "sendgrid": 1600112502}

PRIMITIVES = """\
id = "primitives"
name = "Known answers of the primitives"
sources = ["RFC 2202", "RFC 4231"]
confidence = "source-code"

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{body}"
key = { encoding = "hex", prefix = "hmac-sha256:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha512"
encoding = "hex"
signed = "{body}"
key = { encoding = "hex", prefix = "hmac-sha512:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha1"
encoding = "hex"
signed = "{body}"
key = { encoding = "hex", prefix = "hmac-sha1:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{body}"
key = { encoding = "utf8", prefix = "hmac-sha256-utf8:" }

[[signature]]
header = "x-signature"
mac = "hmac-sha256"
encoding = "base64"
signed = "{body}"
key = { encoding = "hex", prefix = "hmac-sha256-base64:" }
"""

WYCHEPROOF = "".join(
    f"""
[[signature]]
header = "x-signature"
mac = "{mac}"
encoding = "hex"
signed = "{{body}}"
key = {{ encoding = "hex", prefix = "{mac}:" }}
"""
    for mac in ("hmac-sha256", "hmac-sha512", "hmac-sha1", "ed25519")
)
WYCHEPROOF = f"""\
id = "wycheproof"
name = "Project Wycheproof"
sources = ["github:C2SP/wycheproof@dac1dd4 testvectors_v1/"]
confidence = "source-code"
{WYCHEPROOF}"""


def published(recipe: Recipe) -> Iterator[Case]:
    provider = recipe.provider
    for vector in vectors("published.json"):
        if PROVIDERS.get(vector.get("scheme", ""), vector.get("scheme")) == provider:
            yield of_vendor(recipe, vector)


def of_vendor(recipe: Recipe, vector: dict[str, Any]) -> Case:
    lines = [list(line) for line in vector["headers"].items()]
    body = body_bytes(vector)
    about = vector.get("note") or "A published request."
    if recipe.provider == "twilio":
        lines, body, about = twilio(vector, lines)
    expect = code(vector)
    fits = [
        index for index, secret in enumerate(vector["secrets"]) if signed_by(recipe, secret, vector, body)
    ]
    signed = expect == "valid" or expect.startswith("timestamp")
    assert bool(fits) == signed, f"{vector['id']} does not compute"
    made = start(vector, about) | {"secrets": vector["secrets"], "headers": lines} | body_of(body)
    now = vector.get("now") or CLOCKS.get(recipe.provider)
    made |= {"method": vector.get("method", "POST"), "url": vector.get("url"), "now": now, "expect": expect}
    return made | ({"key_index": fits[0]} if len(vector["secrets"]) > 1 else {})


def twilio(vector: dict[str, Any], lines: list[list[str]]) -> tuple[list[list[str]], bytes, str]:
    """Parameters as the form they came in; a body that the url names by its hash as JSON."""
    if vector["params"]:
        form = urlencode(vector["params"], doseq=True).encode()
        return (
            [["Content-Type", "application/x-www-form-urlencoded"], *lines],
            form,
            "A published request; its parameters as a form.",
        )
    about = "A published request; the body is the one whose SHA-256 its url has."
    return [["Content-Type", "application/json"], *lines], b'{"property": "value", "boolean": true}', about


def signed_by(recipe: Recipe, secret: str, vector: dict[str, Any], body: bytes) -> bool:
    """Whether any signature of the header is this secret's, computed by the recipe."""
    lower = {name.lower(): value for name, value in vector["headers"].items()}
    header = lower[recipe.header.lower()]
    shape = recipe.shape
    wanted = shape.field + "a" if secret.startswith("whpk_") else shape.field
    items = header.split(shape.separator) if shape.separator else [header]
    fields = [item.partition(shape.equals)[::2] if shape.equals else ("", item) for item in items]
    stamp = next((value for name, value in fields if shape.time and name == shape.time), "")
    if recipe.clock and recipe.clock.header:
        stamp = lower[recipe.clock.header.lower()]
    key = recipe.key(secret)
    id = lower[recipe.id_header.lower()] if recipe.id_header else ""
    delivery = Delivery(recipe, key, body, stamp, id, vector.get("url"), vector.get("method", "POST"))
    texts = [value for name, value in fields if name == wanted]
    return any(fits(recipe, key, recipe.message(delivery), text) for text in texts)


def fits(recipe: Recipe, key: Key, message: bytes, text: str) -> bool:
    """Symmetric signatures are compared as text, as the vendors do; the others need their bytes."""
    try:
        return recipe.encode(key.sign(message)) == text
    except AssertionError:
        return key.verify(message, base64.b64decode(text))


def primitives() -> dict[str, object]:
    cases = [of_primitive(vector) for vector in vectors("published.json") if is_primitive(vector)]
    return {"toml": PRIMITIVES, "cases": cases}


def is_primitive(vector: dict[str, Any]) -> bool:
    return vector.get("scheme") in (None, "adyen-standard", "contentful")


def of_primitive(vector: dict[str, Any]) -> Case:
    kind, message, tag = vector["kind"], message_bytes(vector), vector.get("tag_hex", "")
    about = f"A known answer of {kind}."
    if kind == "fields":
        about = "The colon-joined fields that Adyen signs, as the body: a hex key and a base64 signature."
        prefix, secret, tag = "hmac-sha256-base64:", vector["key_hex"], vector["tag_base64"]
        computed = base64.b64encode(hmac_key(decode=bytes.fromhex)(secret).sign(message)).decode()
    elif kind == "canonical-request":
        about = "The canonical text of the request that Contentful signs, as the body."
        prefix, secret, tag = (
            "hmac-sha256-utf8:",
            vector["secrets"][0],
            vector["headers"]["x-contentful-signature"],
        )
        message = contentful_message(
            vector["method"], vector["path"], vector["headers"], vector["body"]
        ).encode()
        computed = hmac_key()(secret).sign(message).hex()
    elif "key_utf8" in vector:
        prefix, secret = f"{kind}-utf8:", vector["key_utf8"]
        computed = hmac_key()(secret).sign(message).hex()
    else:
        prefix, secret = f"{kind}:", vector["key_hex"]
        computed = hmac_key(kind.removeprefix("hmac-"), bytes.fromhex)(secret).sign(message).hex()
    assert computed == tag, f"{vector['id']} does not compute"
    return own(vector, about, prefix + secret, tag, message)


def wycheproof() -> dict[str, object]:
    cases = [of_wycheproof(vector) for vector in vectors("wycheproof-source.json")]
    return {"toml": WYCHEPROOF, "cases": cases}


def of_wycheproof(vector: dict[str, Any]) -> Case:
    kind, message = vector["kind"], message_bytes(vector)
    if kind == "ed25519":
        secret, tag = vector["public_key_hex"], vector["sig_hex"]
        right = ed25519_verifier(bytes.fromhex(secret))(message, bytes.fromhex(tag))
    else:
        secret, tag = vector["key_hex"], vector["tag_hex"]
        right = hmac_key(kind.removeprefix("hmac-"), bytes.fromhex)(secret).sign(message).hex() == tag
    assert right == (vector["expect"] == "valid"), f"{vector['id']} does not compute"
    flags = ", ".join(vector["flags"]) or "no flags"
    return own(vector, f"{kind}: {flags}.", f"{kind}:{secret}", tag, message)


def own(vector: dict[str, Any], about: str, secret: str, tag: str, message: bytes) -> Case:
    """A case of a file with its own provider: the prefix of the secret picks the algorithm."""
    made = start(vector, about) | {"secrets": [secret], "headers": [["X-Signature", tag]]} | body_of(message)
    expect = "invalid_secret" if secret.endswith(":") else code(vector)
    return made | {"method": "POST", "url": None, "now": None, "expect": expect}


def start(vector: dict[str, Any], about: str) -> Case:
    name = vector["id"] if vector["id"].startswith("wycheproof") else f"published-{vector['id']}"
    source = vector.get("source", "C2SP/wycheproof@dac1dd4 testvectors_v1/")
    return {"name": name, "about": about, "source": f"published: {source}"}


def code(vector: dict[str, Any]) -> str:
    return OTHER_CODES.get(vector["id"], CODES[vector["expect"]])


def message_bytes(vector: dict[str, Any]) -> bytes:
    if "msg_hex" in vector:
        return bytes.fromhex(vector["msg_hex"])
    return str(vector.get("msg_utf8", "")).encode()


def body_bytes(vector: dict[str, Any]) -> bytes:
    if "body_base64" in vector:
        return base64.b64decode(vector["body_base64"])
    return str(vector.get("body", "")).encode()


def vectors(name: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = json.loads((HERE / name).read_text())["vectors"]
    return kept

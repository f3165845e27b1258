"""What only one vendor has."""

import base64
import json
from collections.abc import Callable, Iterator

from _cases import Case, case, valued, without
from _recipes import LABELS, NOW, Delivery, Recipe, ed25519_private, hmac_key, no_point, spki
from _standard_cases import standard, svix
from _url_cases import methods, twilio, urls


def special(recipe: Recipe) -> Iterator[Case]:
    if recipe.provider in SPECIAL:
        yield from SPECIAL[recipe.provider](recipe)


def kagibag(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    right, wrong = delivery.signature(), delivery.but(key=recipe.keys[2]).signature()
    name, lines = recipe.header, delivery.headers()
    yield case(
        "github-style",
        "A field where the vendor writes none.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(f"sha256={right}"),
    )
    yield case(
        "two-in-one-header",
        "One header holds one signature.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(f"{right}, {wrong}"),
    )
    yield case(
        "thirty-two-lines",
        "As many signatures as are looked at.",
        delivery,
        "valid",
        headers=valued(lines, name, *[wrong] * 31, right),
    )
    yield case(
        "thirty-three-lines",
        "One more.",
        delivery,
        "malformed_header",
        headers=valued(lines, name, *[right] * 33),
    )
    yield case(
        "over-sixteen-kib",
        "One byte longer than headers are read.",
        delivery,
        "malformed_header",
        headers=delivery.headers("a" * (16 * 1024 + 1)),
    )
    test = recipe.body.replace(b'"data":{', b'"data":{"test":true,')
    yield case(
        "test-event",
        "The vendor's test: order.paid with data.test.",
        delivery.but(body=test),
        "valid",
        event=recipe.event,
    )


def kakiyo(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    right = delivery.signature()

    def put(name: str, about: str, value: str, expect: str) -> Case:
        return case(name, about, delivery, expect, headers=delivery.headers(value))

    yield put(
        "with-sha256",
        "The page does not say how the HMAC is written: `sha256=` before it is accepted too.",
        f"sha256={right}",
        "valid",
    )
    yield put(
        "with-sha1", "Another name is read as part of a bare value.", f"sha1={right}", "signature_mismatch"
    )
    yield put("with-sha256-upper-case", "Field names are exact.", f"SHA256={right}", "signature_mismatch")
    yield put("with-sha256-empty", "The field is there and empty.", "sha256=", "signature_mismatch")
    lines = without(delivery.headers(), recipe.header)
    yield case(
        "unsigned-but-secret-known",
        "Who has a secret never accepts an unsigned delivery.",
        delivery,
        "missing_header",
        headers=lines,
    )


def webkasa(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    page = b"""{
"id": "wh_evt_abc123",
"type": "booking.created",
"created_at": "2024-01-15T10:30:00Z",
"data": {
"id": "bk_xyz789",
"schedule_id": "sch_abc123",
"start_time": "2024-02-15T10:00:00Z",
"end_time": "2024-02-15T11:00:00Z",
"status": "PENDING",
"attendee_name": "John Doe",
"attendee_email": "john@example.com"
}
}"""
    event: dict[str, object] = {"id": "wh_evt_abc123", "type": "booking.created", "timestamp": 1705314600000}
    yield case(
        "vendor-page-payload",
        "The payload of the vendor's page.",
        delivery.but(body=page),
        "valid",
        event=event,
    )
    escaped = delivery.but(body=recipe.body.replace(b"wh_evt_made1up", b"wh_evt_\\u006dade1up"))
    yield case("escaped-id", "An id is read as JSON means it.", escaped, "valid", event=recipe.event)
    nested = delivery.but(
        body=b'{"data":{"id":"inner","type":"inner"},"id":"wh_evt_outer","type":"booking.completed"}'
    )
    yield case(
        "inner-id",
        "The id of the envelope, not that of the data.",
        nested,
        "valid",
        event={"id": "wh_evt_outer", "type": "booking.completed"},
    )
    yield case(
        "not-an-object",
        "JSON without any of the fields.",
        delivery.but(body=b"[]"),
        "valid",
        event={"id": None, "type": None},
    )


def kazinex(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    spaced = delivery.headers(f"sha256= {delivery.signature()}")
    yield case(
        "space-in-field",
        "Space inside the value is not dropped.",
        delivery,
        "signature_mismatch",
        headers=spaced,
    )
    organisation = json.loads(recipe.body) | {"project_id": "proj_made1up"}
    with_project = delivery.but(body=json.dumps(organisation).encode())
    yield case(
        "event-of-project",
        "project_id is there for events of a project.",
        with_project,
        "valid",
        event=recipe.event,
    )


def github(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    old = hmac_key("sha1")(delivery.key.secret).sign(recipe.body).hex()
    lines = without(delivery.headers(), recipe.header)
    sha1 = ["X-Hub-Signature", f"sha1={old}"]
    yield case(
        "sha1-only",
        "No downgrade: the SHA-1 header alone is no signature.",
        delivery,
        "missing_header",
        headers=[*lines, sha1],
    )
    yield case(
        "sha1-in-sha256-header",
        "Nor is SHA-1 in the header of SHA-256.",
        delivery,
        "malformed_header",
        headers=delivery.headers(f"sha1={old}"),
    )
    yield case(
        "sha1-as-sha256",
        "Nor under its name.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(f"sha256={old}"),
    )
    yield case(
        "both-headers",
        "Both headers, as GitHub sends them.",
        delivery,
        "valid",
        headers=[sha1, *delivery.headers()],
    )
    form = delivery.but(body=b"payload=%7B%22action%22%3A%22opened%22%7D")
    yield case("form", "The form content type: its bytes are signed.", form, "valid", event=recipe.event)


def stripe(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    right, stamp = delivery.signature(), delivery.stamp
    yield case(
        "v0-only",
        "v0 is Stripe's test scheme and no signature.",
        delivery,
        "malformed_header",
        headers=delivery.headers(f"t={stamp},v0={right}"),
    )
    yield case(
        "v0-beside",
        "v0 beside v1 is ignored.",
        delivery,
        "valid",
        headers=delivery.headers(f"t={stamp},v1={right},v0={'6' * 64}"),
    )
    stripped = delivery.but(key=hmac_key()(delivery.key.secret.removeprefix("whsec_")))
    yield case(
        "whsec-is-key",
        "whsec_ is part of the key, unlike under Standard Webhooks.",
        stripped,
        "signature_mismatch",
    )
    rolled = delivery.value(delivery.but(key=recipe.keys[1]).signature(), right)
    yield case(
        "rolled",
        "While a secret is rolled Stripe signs with both.",
        delivery,
        "valid",
        headers=delivery.headers(rolled),
    )


def slack(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    nothing: dict[str, object] = {"id": None, "type": None}
    form = delivery.but(body=b"token=made1up&team_id=T0MADE1UP&command=%2Fweather&text=94070")
    yield case(
        "slash-command", "Slash commands send a form, which has no event.", form, "valid", event=nothing
    )
    check = delivery.but(body=b'{"token":"made1up","challenge":"3eZbrw1a","type":"url_verification"}')
    yield case("url-verification", "The handshake is signed like events.", check, "valid", event=nothing)
    v1 = delivery.headers(f"v1={delivery.signature()}")
    yield case("v1", "A version that is not defined yet.", delivery, "malformed_header", headers=v1)


def linear(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()

    def body(stamp: str) -> Delivery:
        return delivery.but(body=b'{"type":"Issue","webhookTimestamp":' + stamp.encode() + b"}")

    stamp = str(NOW * 1000)
    yield case("as-old-as-allowed", "60 s old: the edge is inside.", delivery, "valid", now=NOW + 60)
    yield case("too-old", "61 s old.", delivery, "timestamp_too_old", now=NOW + 61)
    yield case("as-new-as-allowed", "60 s ahead: the edge is inside.", delivery, "valid", now=NOW - 60)
    yield case("too-new", "61 s ahead.", delivery, "timestamp_too_new", now=NOW - 61)
    yield case(
        "a-millisecond-too-old",
        "One millisecond outside the edge.",
        body(str((NOW - 60) * 1000 - 1)),
        "timestamp_too_old",
    )
    yield case(
        "old-and-forged",
        "The signature is judged first.",
        delivery.but(key=recipe.keys[2]),
        "signature_mismatch",
        now=NOW + 61,
    )
    yield case(
        "timestamp-in-seconds", "Seconds where milliseconds are due.", body(str(NOW)), "timestamp_too_old"
    )
    yield case(
        "timestamp-sixteen-nines",
        "The largest number there is does not overflow.",
        body("9" * 16),
        "timestamp_too_new",
    )
    for name, text in {
        "fraction": f"{stamp}.5",
        "minus": f"-{stamp}",
        "exponent": "1.7672256e12",
        "null": "null",
        "true": "true",
        "list": f"[{stamp}]",
        "word": '"yesterday"',
        "seventeen-digits": "1" * 17,
    }.items():
        yield case(
            f"timestamp-{name}",
            "Rightly signed, but not one to sixteen digits.",
            body(text),
            "malformed_timestamp",
        )
    yield case(
        "no-timestamp",
        "Rightly signed JSON without webhookTimestamp.",
        delivery.but(body=b'{"type":"Issue"}'),
        "malformed_timestamp",
    )
    yield case(
        "not-an-object",
        "Rightly signed JSON that is no object.",
        delivery.but(body=b"[]"),
        "malformed_timestamp",
    )
    yield case(
        "no-timestamp-and-forged",
        "Nothing of a body is read before its signature is right.",
        delivery,
        "signature_mismatch",
        body=b"{}",
    )
    ignored = [["Linear-Timestamp", "1"], *delivery.headers()]
    yield case(
        "timestamp-header-ignored",
        "The linear-timestamp header is not signed, so it means nothing.",
        delivery,
        "valid",
        headers=ignored,
    )
    replay = [["Linear-Timestamp", str((NOW + 3600) * 1000)], *delivery.headers()]
    yield case(
        "timestamp-header-does-not-revive",
        "Nor does it make an old delivery new.",
        delivery,
        "timestamp_too_old",
        headers=replay,
        now=NOW + 3600,
    )


def twitch(recipe: Recipe) -> Iterator[Case]:
    check = recipe.delivery().but(
        body=b'{"challenge":"pogchamp-made-up","subscription":{"type":"channel.follow"}}'
    )
    yield case("challenge", "The handshake is signed like events.", check, "valid", event=recipe.event)


def zoom(recipe: Recipe) -> Iterator[Case]:
    check = recipe.delivery().but(
        body=b'{"event":"endpoint.url_validation","event_ts":1767225600000,"payload":{"plainToken":"made1up"}}'
    )
    event: dict[str, object] = {"type": "endpoint.url_validation", "timestamp": 1767225600000}
    yield case("url-validation", "The handshake is signed like events.", check, "valid", event=event)


def paddle(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    wrong = delivery.but(key=recipe.keys[2]).signature()
    last_wrong = delivery.headers(delivery.value(delivery.signature(), wrong))
    yield case(
        "last-h1-wrong", "Every h1 is looked at, not only the last.", delivery, "valid", headers=last_wrong
    )


def workos(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    spaced = delivery.headers(f"t={delivery.stamp}, v1={delivery.signature()}")
    yield case(
        "as-workos-writes", "A space after the comma.", delivery, "valid", headers=spaced, event=recipe.event
    )


def sanity(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    fine = delivery.but(stamp=str(NOW * 1000 + 129))
    yield case("milliseconds", "Milliseconds are signed as text.", fine, "valid", now=NOW + 1)


def sendgrid(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    yield case(
        "crlf-lost",
        "The CRLF at the end is signed.",
        delivery,
        "signature_mismatch",
        headers=delivery.headers(),
        body=recipe.body.rstrip(),
    )
    not_der = delivery.headers(base64.b64encode(b"not DER at all, but some bytes").decode())
    yield case(
        "not-der",
        "Base64 of something that is no signature.",
        delivery,
        "signature_mismatch",
        headers=not_der,
    )
    zero = delivery.headers(base64.b64encode(bytes.fromhex("3006020100020100")).decode())
    yield case("zero", "A DER signature of two zeros.", delivery, "signature_mismatch", headers=zero)
    other_curve = spki(ed25519_private(LABELS[0]).public_key())
    for name, about, secret in (
        ("not-base64", "No base64.", "-----not a key-----"),
        ("not-der", "Base64 of something that is no key.", base64.b64encode(b"not a key").decode()),
        ("other-kind", "An ed25519 key.", other_curve),
        ("cut", "A key cut short.", recipe.secrets[0][:80]),
    ):
        yield case(f"key-{name}", about, delivery, "invalid_secret", secrets=[secret])


def discord(recipe: Recipe) -> Iterator[Case]:
    delivery = recipe.delivery()
    key = recipe.secrets[0]
    yield case("key-upper-case", "Hex of either case.", delivery, "valid", secrets=[key.upper()])
    for name, about, secret in (
        ("odd", "Half a byte is missing.", key[:-1]),
        ("short", "31 bytes.", key[:-2]),
        ("not-hex", "Not hex.", "zz" + key[2:]),
        ("no-point", "32 bytes that are no point of the curve.", no_point().hex()),
    ):
        yield case(f"key-{name}", about, delivery, "invalid_secret", secrets=[secret])
    zero = delivery.headers("0" * 128)
    yield case(
        "zero",
        "Discord checks that wrong signatures are refused.",
        delivery,
        "signature_mismatch",
        headers=zero,
    )


SPECIAL: dict[str, Callable[[Recipe], Iterator[Case]]] = {
    "kagibag": kagibag,
    "kakiyo": kakiyo,
    "webkasa": webkasa,
    "kazinex": kazinex,
    "standard": standard,
    "svix": svix,
    "github": github,
    "stripe": stripe,
    "slack": slack,
    "linear": linear,
    "square": urls,
    "twitch": twitch,
    "zoom": zoom,
    "paddle": paddle,
    "workos": workos,
    "sanity": sanity,
    "hubspot": methods,
    "hubspot-v2": methods,
    "sendgrid": sendgrid,
    "discord": discord,
    "twilio": twilio,
}

"""The recipes of the vendors whose requests need no words: what is signed, and how the header writes it.

A line of `signed` text may have {body}, {time}, {id}, {url}, {method}, {path}, {secret}, {merchant},
{sha256} (hex, of the body) and {json:path}.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import partial

from _recipes import (
    LABELS,
    NOW,
    Clock,
    Delivery,
    Key,
    Recipe,
    Shape,
    ed25519_key,
    ed25519_private,
    ed25519_public,
    hash_key,
    hmac_key,
    token_key,
    whsec,
)

URL = "https://example.com/hooks/vendor?line=1"
MERCHANT = "api_pk_made_up_1001"


def vendor(
    provider: str,
    header: str,
    signed: str = "{body}",
    *,
    tag: str = "hex",
    shape: Shape | None = None,
    key: Callable[[str], Key] | None = None,
    secrets: tuple[str, str, str] | None = None,
    clock: Clock | None = None,
    id: str = "",
    type: str = "",
    id_header: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    body: dict[str, object] | None = None,
    signs: bool = True,
) -> Recipe:
    """A recipe; `id` and `type` say where the event has them: `json:path` or `header:Name`, or nowhere."""
    content: dict[str, object] = {"number": 1001, "note": "Zoë paid 1 €"} | (body or {})
    lines = list(headers)
    event: dict[str, object] = {"id": None, "type": None}
    sign: dict[str, object] = {}
    made_id = "made-up-1001"
    if clock and not clock.in_body:
        sign["timestamp"] = NOW
    for what, place, value in (("id", id, made_id), ("type", type, "thing.created")):
        kind, _, name = place.partition(":")
        if kind == "json":
            put(content, name.split("."), value)
        elif kind == "header":
            sign[what] = value
            if name != id_header:
                lines.append((name, value))
        if place:
            event[what] = value
    url = URL if "{url}" in signed or "{path}" in signed else None
    if url:
        sign |= {"url": url} | ({"method": "POST"} if "{method}" in signed else {})
    return Recipe(
        provider=provider,
        header=header,
        message=partial(fill, signed),
        body=json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode(),
        key=key or hmac_key(),
        secrets=secrets or three(f"{provider}-{{}}-secret"),
        encoding=tag,
        shape=shape or Shape(),
        clock=clock,
        id_header=id_header,
        id=made_id if id_header else "",
        event_headers=tuple(lines),
        event=event,
        url=url,
        signs=signs,
        sign=sign,
    )


def put(content: dict[str, object], path: list[str], value: object) -> None:
    *outer, last = path
    for step in outer:
        inner = content.setdefault(step, {})
        assert isinstance(inner, dict)
        content = inner
    content[last] = value


def fill(signed: str, delivery: Delivery) -> bytes:
    """The bytes of a line of `signed` text, each name in braces replaced."""
    pieces = re.split(r"\{([A-Za-z0-9:._-]+)\}", signed)
    literals = [piece.encode() for piece in pieces[::2]]
    parts = [part(name, delivery) for name in pieces[1::2]]
    return literals[0] + b"".join(part + literal for part, literal in zip(parts, literals[1:], strict=True))


def part(name: str, delivery: Delivery) -> bytes:
    if name == "body":
        return delivery.body
    if name.startswith("json:"):
        value = json.loads(delivery.body)
        for step in name.removeprefix("json:").split("."):
            value = value[step]
        return str(value).encode()
    url = delivery.url or ""
    return {
        "time": delivery.stamp,
        "id": delivery.id,
        "url": url,
        "path": url.removeprefix("https://example.com"),
        "method": delivery.method,
        "secret": delivery.key.secret,
        "sha256": hashlib.sha256(delivery.body).hexdigest(),
        "merchant": MERCHANT,
    }[name].encode()


def three(style: str) -> tuple[str, str, str]:
    return style.format("current"), style.format("previous"), style.format("stranger")


def encoded(encode: Callable[[bytes], str], prefix: str = "") -> tuple[str, str, str]:
    """Secrets that are written in another way than as text."""
    current, previous, stranger = (
        prefix + encode(hashlib.sha256(f"plain vendors: {name}".encode()).digest())
        for name in ("current", "previous", "stranger")
    )
    return current, previous, stranger


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def publics(write: Callable[[bytes], str]) -> tuple[str, str, str]:
    current, previous, stranger = (write(ed25519_public(ed25519_private(label))) for label in LABELS)
    return current, previous, stranger


# Headers of the form name=value, alone or in a list.


class Nonce(Shape):
    """Something that is signed and stands where others have the time."""

    def write(self, *signatures: str, stamp: str = "") -> str:
        assert not stamp
        return "t=n-1001," + super().write(*signatures)


def field(name: str) -> Shape:
    return Shape(equals="=", field=name)


def listed(time: str, name: str, separator: str = ",") -> Shape:
    return Shape(separator=separator, equals="=", field=name, time=time)


SECONDS = Clock("s", 300, 300)
MILLIS = Clock("ms", 300, 300)


def at(header: str, unit: str = "s", past: int = 300, future: int = 300) -> Clock:
    return Clock(unit, past, future, header=header)


def standard(
    provider: str,
    name: str = "webhook",
    *,
    key: Callable[[str], Key] | None = None,
    secrets: tuple[str, str, str] | None = None,
    type: str = "json:type",
) -> Recipe:
    """Standard Webhooks, under its own header names or Svix's."""
    return vendor(
        provider,
        f"{name}-signature",
        "{id}.{time}.{body}",
        tag="base64",
        shape=Shape(separator=" ", equals=",", field="v1"),
        key=key or hmac_key(decode=whsec),
        secrets=secrets or encoded(b64, "whsec_"),
        clock=at(f"{name}-timestamp"),
        id_header=f"{name}-id",
        id=f"header:{name}-id",
        type=type,
    )


STANDARD = (
    standard("openai"),
    standard("replicate"),
    standard("gitlab", type="header:X-Gitlab-Event"),
    standard("polar", key=hmac_key(), secrets=three("polar_whs_made_up_{}")),
    standard("dodo-payments"),
    standard("gemini"),
    standard("bigcommerce", key=hmac_key(), secrets=three("bigcommerce-{}-client-secret"), type="json:scope"),
    standard("shipbob", type="header:x-webhook-topic"),
    standard("lithic"),
    standard("loops"),
    standard("granola"),
    standard("fathom"),
    standard("folk"),
    standard("browserbase"),
    standard("360learning"),
    standard("clerk", "svix"),
    standard("resend", "svix"),
    standard("autumn", "svix"),
)

DOTTED = "{time}.{body}"
T_V1 = listed("t", "v1")

TIME_IN_HEADER = (
    vendor("mux", "Mux-Signature", DOTTED, shape=T_V1, clock=SECONDS, id="json:id", type="json:type"),
    vendor(
        "calendly",
        "Calendly-Webhook-Signature",
        DOTTED,
        shape=T_V1,
        clock=Clock("s", 180, 180),
        type="json:event",
    ),
    vendor(
        "elevenlabs", "ElevenLabs-Signature", DOTTED, shape=listed("t", "v0"), clock=Clock("s", 1800, 300)
    ),
    vendor("retell", "X-Retell-Signature", "{body}{time}", shape=listed("v", "d"), clock=MILLIS),
    vendor("tailscale", "Tailscale-Webhook-Signature", DOTTED, shape=T_V1, clock=SECONDS),
    vendor(
        "langfuse", "X-Langfuse-Signature", DOTTED, shape=T_V1, clock=SECONDS, id="json:id", type="json:type"
    ),
    vendor("persona", "Persona-Signature", DOTTED, shape=T_V1, clock=SECONDS),
    vendor("recharge", "X-Recharge-Webhook-Signature", DOTTED, shape=T_V1, clock=Clock("s", 48 * 3600, 300)),
    vendor("tiktok", "TikTok-Signature", DOTTED, shape=listed("t", "s"), clock=SECONDS, type="json:event"),
    vendor("knock", "X-Knock-Signature", DOTTED, tag="base64", shape=listed("t", "s"), clock=MILLIS),
    vendor(
        "courier", "Courier-Signature", DOTTED, shape=listed("t", "signature"), clock=MILLIS, type="json:type"
    ),
    vendor(
        "ascend",
        "X-Ascend-Signature",
        "{time}:{body}",
        shape=T_V1,
        clock=SECONDS,
        id="json:id",
        type="json:type",
    ),
    vendor(
        "kraken-embed",
        "X-Signature",
        DOTTED,
        shape=T_V1,
        clock=SECONDS,
        key=hmac_key(decode=base64.b64decode),
        secrets=encoded(b64),
    ),
    vendor("zoho-payments", "X-Zoho-Webhook-Signature", DOTTED, shape=listed("t", "v"), clock=MILLIS),
    vendor(
        "kayle",
        "X-Kayle-Signature",
        DOTTED,
        shape=T_V1,
        clock=SECONDS,
        id="header:X-Kayle-Delivery-Id",
        type="header:X-Kayle-Event",
    ),
)

TIME_BESIDE = (
    vendor(
        "customerio", "X-CIO-Signature", "v0:{time}:{body}", clock=at("X-CIO-Timestamp"), id="json:event_id"
    ),
    vendor(
        "statsig",
        "X-Statsig-Signature",
        "v0:{time}:{body}",
        shape=field("v0"),
        clock=at("X-Statsig-Request-Timestamp", "ms"),
    ),
    vendor(
        "orb",
        "X-Orb-Signature",
        "v1:{time}:{body}",
        shape=field("v1"),
        clock=at("X-Orb-Timestamp", "iso8601-utc"),
        id="json:id",
        type="json:type",
    ),
    vendor(
        "revolut",
        "Revolut-Signature",
        "v1.{time}.{body}",
        shape=Shape(separator=",", equals="=", field="v1"),
        clock=at("Revolut-Request-Timestamp", "ms"),
        type="json:event",
    ),
    vendor("faundit", "X-Faundit-Signature-Next", "v1:{time}:{body}", clock=at("X-Faundit-Timestamp")),
    vendor(
        "zendesk",
        "X-Zendesk-Webhook-Signature",
        "{time}{body}",
        tag="base64",
        clock=at("X-Zendesk-Webhook-Signature-Timestamp", "iso8601"),
        id="header:X-Zendesk-Webhook-Invocation-Id",
    ),
    vendor("webflow", "X-Webflow-Signature", "{time}:{body}", clock=at("X-Webflow-Timestamp", "ms")),
    vendor(
        "airwallex",
        "x-signature",
        "{time}{body}",
        clock=at("x-timestamp", "ms"),
        id="json:id",
        type="json:name",
    ),
    vendor("akeneo", "X-Akeneo-Request-Signature", DOTTED, clock=at("X-Akeneo-Request-Timestamp")),
    vendor(
        "front",
        "X-Front-Signature",
        "{time}:{body}",
        tag="base64",
        clock=at("X-Front-Request-Timestamp", "ms"),
        type="json:type",
    ),
    vendor(
        "pylon", "Pylon-Webhook-Signature", DOTTED, shape=field("hs256"), clock=at("Pylon-Webhook-Timestamp")
    ),
    vendor("synctera", "Synctera-Signature", DOTTED, clock=at("Request-Timestamp")),
    vendor("klaviyo", "Klaviyo-Signature", "{body}{time}", clock=at("Klaviyo-Timestamp")),
    vendor("oura", "x-oura-signature", "{time}{body}", tag="hex-upper", clock=at("x-oura-timestamp")),
    vendor(
        "zerohash",
        "X-ZH-Hook-Signature",
        "{body}{time}",
        clock=at("X-ZH-Hook-Timestamp", "ms"),
        id="header:X-ZH-Hook-Notification-Id",
        type="header:X-ZH-Hook-Payload-Type",
    ),
    vendor(
        "box",
        "BOX-SIGNATURE-PRIMARY",
        "{body}{time}",
        tag="base64",
        clock=at("BOX-DELIVERY-TIMESTAMP", "iso8601", 600, 300),
        id="header:BOX-DELIVERY-ID",
    ),
    vendor(
        "metronome",
        "Metronome-Webhook-Signature",
        "{time}\n{body}",
        clock=at("X-Metronome-Date", "http-date"),
        id="json:id",
    ),
    vendor(
        "telnyx",
        "telnyx-signature-ed25519",
        "{time}|{body}",
        tag="base64",
        key=ed25519_key(base64.b64decode),
        secrets=publics(b64),
        clock=at("telnyx-timestamp"),
        signs=False,
    ),
    vendor(
        "walmart",
        "WM_SEC.SIGNATURE",
        "{method}\n{path}\n{time}\n{sha256}",
        tag="base64",
        clock=at("WM_SEC.TIMESTAMP"),
    ),
    vendor(
        "cloudinary",
        "X-Cld-Signature",
        "{body}{time}{secret}",
        key=hash_key("sha1"),
        clock=at("X-Cld-Timestamp", "s", 7200, 300),
    ),
)

HEX = (
    vendor("notion", "X-Notion-Signature", shape=field("sha256"), id="json:id", type="json:type"),
    vendor("meta", "X-Hub-Signature-256", shape=field("sha256")),
    vendor(
        "bitbucket",
        "X-Hub-Signature",
        shape=field("sha256"),
        id="header:X-Request-UUID",
        type="header:X-Event-Key",
    ),
    vendor(
        "jira",
        "X-Hub-Signature",
        shape=field("sha256"),
        id="header:X-Atlassian-Webhook-Identifier",
        type="json:webhookEvent",
    ),
    vendor("gitea", "X-Gitea-Signature", id="header:X-Gitea-Delivery", type="header:X-Gitea-Event"),
    vendor(
        "intercom",
        "X-Hub-Signature",
        shape=field("sha1"),
        key=hmac_key("sha1"),
        id="json:id",
        type="json:topic",
    ),
    vendor(
        "pagerduty",
        "X-PagerDuty-Signature",
        shape=Shape(separator=",", equals="=", field="v1"),
        id="header:X-Webhook-Id",
        type="json:event.event_type",
    ),
    vendor("sentry", "Sentry-Hook-Signature", id="header:Request-ID", type="header:Sentry-Hook-Resource"),
    vendor("vercel", "x-vercel-signature", key=hmac_key("sha1"), id="json:id", type="json:type"),
    vendor("cal-com", "X-Cal-Signature-256", type="json:triggerEvent"),
    vendor("attio", "Attio-Signature", id="header:Idempotency-Key"),
    vendor("vapi", "X-Vapi-Signature"),
    vendor("planetscale", "X-PlanetScale-Signature", type="json:event"),
    vendor("firecrawl", "X-Firecrawl-Signature", shape=field("sha256"), type="json:type"),
    vendor(
        "plain",
        "Plain-Request-Signature",
        clock=Clock("iso8601", 300, 300, in_body=True),
        id="json:id",
        type="json:type",
        body={"webhookMetadata": {"webhookDeliveryAttemptTimestamp": "2026-01-01T00:00:00Z"}},
    ),
    vendor(
        "infisical",
        "x-infisical-signature",
        shape=Shape(separator=";"),
        clock=Clock("ms", 300, 300, in_body=True),
        body={"timestamp": NOW * 1000},
    ),
    vendor("lemonsqueezy", "X-Signature", type="header:X-Event-Name"),
    vendor("razorpay", "X-Razorpay-Signature", id="header:X-Razorpay-Event-Id", type="json:event"),
    vendor("paystack", "x-paystack-signature", key=hmac_key("sha512"), type="json:event"),
    vendor("gocardless", "Webhook-Signature", id="json:meta.webhook_id"),
    vendor("coinbase-commerce", "X-CC-Webhook-Signature", id="json:event.id", type="json:event.type"),
    vendor("pusher", "X-Pusher-Signature"),
    vendor("dropbox", "X-Dropbox-Signature"),
    vendor("doppler", "X-Doppler-Signature", shape=field("sha256")),
    vendor(
        "airtable",
        "X-Airtable-Content-MAC",
        shape=field("hmac-sha256"),
        key=hmac_key(decode=base64.b64decode),
        secrets=encoded(b64),
    ),
    vendor("asana", "X-Hook-Signature"),
    vendor("clio", "X-Hook-Signature"),
    vendor("clickup", "X-Signature", type="json:event"),
    vendor("logto", "logto-signature-sha-256"),
    vendor("cursor", "X-Webhook-Signature", shape=field("sha256")),
    vendor(
        "circleci",
        "circleci-signature",
        shape=Shape(separator=",", equals="=", field="v1"),
        id="json:id",
        type="header:circleci-event-type",
    ),
    vendor("nylas", "X-Nylas-Signature"),
    vendor("attentive", "x-attentive-hmac-sha256"),
    vendor("ashby", "Ashby-Signature", shape=field("sha256"), type="json:action"),
    vendor(
        "enode", "X-Enode-Signature", shape=field("sha1"), key=hmac_key("sha1"), id="header:X-Enode-Delivery"
    ),
    vendor("flexport", "X-Hub-Signature-256", shape=field("sha256")),
    vendor("fireflies", "X-Hub-Signature", shape=field("sha256")),
    vendor("bunny-stream", "X-BunnyStream-Signature"),
    vendor("alchemy", "X-Alchemy-Signature"),
    vendor("uber", "X-Uber-Signature"),
    vendor("smartcar", "SC-Signature", id="json:eventId", type="json:eventType"),
    vendor("smile-api", "Smile-Signature", key=hmac_key("sha512")),
    vendor(
        "shopline",
        "X-Shopline-Hmac-Sha256",
        id="header:X-Shopline-Webhook-Id",
        type="header:X-Shopline-Topic",
    ),
    vendor("nuvemshop", "x-linkedstore-hmac-sha256"),
    vendor("scrapfly", "X-Scrapfly-Webhook-Signature-Lowercase", id="header:X-Scrapfly-Webhook-Job-Id"),
    vendor(
        "bridge-api",
        "BridgeApi-Signature",
        tag="hex-upper",
        shape=Shape(separator=",", equals="=", field="v1"),
    ),
    vendor("grafana", "X-Grafana-Alerting-Signature"),
    vendor("linkedin", "X-LI-Signature", "hmacsha256={body}"),
    vendor("tebex", "X-Signature", "{sha256}", id="json:id", type="json:type"),
    vendor("recharge-legacy", "X-Recharge-Hmac-Sha256", "{secret}{body}", key=hash_key("sha256")),
    vendor("nmi", "Webhook-Signature", "n-1001.{body}", shape=Nonce(",", "=", "s"), signs=False),
)

BASE64 = (
    vendor(
        "typeform",
        "Typeform-Signature",
        tag="base64",
        shape=field("sha256"),
        id="json:event_id",
        type="json:event_type",
    ),
    vendor("docusign", "X-DocuSign-Signature-1", tag="base64"),
    vendor("hookdeck", "x-hookdeck-signature", tag="base64"),
    vendor("xero", "x-xero-signature", tag="base64"),
    vendor(
        "woocommerce",
        "X-WC-Webhook-Signature",
        tag="base64",
        id="header:X-WC-Webhook-Delivery-ID",
        type="header:X-WC-Webhook-Topic",
    ),
    vendor("line", "x-line-signature", tag="base64"),
    vendor(
        "adyen-platform",
        "HmacSignature",
        tag="base64",
        key=hmac_key(decode=bytes.fromhex),
        secrets=encoded(bytes.hex),
    ),
    vendor("heroku", "Heroku-Webhook-Hmac-SHA256", tag="base64"),
    vendor("fourthwall", "X-Fourthwall-Hmac-SHA256", tag="base64"),
    vendor("quickbooks", "intuit-signature", tag="base64"),
    vendor("fastspring", "X-FS-Signature", tag="base64"),
    vendor("commercelayer", "X-CommerceLayer-Signature", tag="base64", type="header:X-CommerceLayer-Topic"),
    vendor("tally", "Tally-Signature", tag="base64"),
    vendor("picqer", "X-Picqer-Signature", tag="base64"),
    vendor("shiphero", "x-shiphero-hmac-sha256", tag="base64", id="header:x-shiphero-message-id"),
    vendor("signable", "Signature", tag="base64"),
    vendor("envoy", "X-Envoy-Signature", tag="base64"),
    vendor(
        "tokenio",
        "token-signature",
        tag="base64url",
        key=ed25519_key(lambda text: base64.urlsafe_b64decode(text + "=")),
        secrets=publics(b64url),
        type="header:token-event",
        signs=False,
    ),
    vendor("trello", "x-trello-webhook", "{body}{url}", tag="base64", key=hmac_key("sha1")),
    vendor(
        "solidgate",
        "signature",
        "{merchant}{body}{merchant}",
        tag="base64-hex",
        key=hmac_key("sha512"),
        headers=(("merchant", MERCHANT),),
        id="header:solidgate-event-id",
        type="header:solidgate-event-type",
        signs=False,
    ),
    vendor(
        "favro",
        "X-Favro-Webhook",
        "{json:payloadId}{url}",
        tag="base64",
        key=hmac_key("sha1"),
        body={"payloadId": "p-made-up-1001"},
    ),
)

TOKENS = (
    vendor(
        "gitlab-token",
        "X-Gitlab-Token",
        "",
        tag="text",
        key=token_key,
        id="header:X-Gitlab-Event-UUID",
        type="header:X-Gitlab-Event",
    ),
    vendor("huggingface", "X-Webhook-Secret", "", tag="text", key=token_key),
    vendor("deepgram", "dg-token", "", tag="text", key=token_key),
    vendor("okta", "Authorization", "", tag="text", key=token_key),
    vendor("auth0", "Authorization", "", tag="text", key=token_key),
    vendor("supabase", "Authorization", "", tag="text", shape=Shape("", " ", "Bearer"), key=token_key),
    vendor("brevo", "Authorization", "", tag="text", shape=Shape("", " ", "Bearer"), key=token_key),
    vendor(
        "postmark",
        "Authorization",
        "",
        tag="base64",
        shape=Shape("", " ", "Basic"),
        key=token_key,
        secrets=three(
            "user-of-our-endpoint:{}-password-that-is-long-enough-to-be-none-anybody-would-ever-guess"
        ),
    ),
    vendor(
        "chargebee",
        "Authorization",
        "",
        tag="base64",
        shape=Shape("", " ", "Basic"),
        key=token_key,
        secrets=three("user:{}-password"),
    ),
    vendor(
        "pipedrive",
        "Authorization",
        "",
        tag="base64",
        shape=Shape("", " ", "Basic"),
        key=token_key,
        secrets=three("user:{}-password"),
    ),
)

PLAIN = STANDARD + TIME_IN_HEADER + TIME_BESIDE + HEX + BASE64 + TOKENS

"""The recipes of all vendors, each with a made-up secret and body."""

import base64
import json

from _recipes import (
    LABELS,
    NOW,
    Clock,
    Delivery,
    Recipe,
    Shape,
    discord_key,
    ed25519_private,
    ed25519_public,
    hash_key,
    hmac_key,
    iso,
    p256_private,
    sendgrid_key,
    spki,
    standard_key,
    twilio_message,
)

MS = NOW * 1000
ISO_MS = iso(NOW).replace("Z", ".000Z")


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def three(style: str) -> tuple[str, str, str]:
    """Secrets in a vendor's style: the current one, the previous one, a stranger's."""
    return style.format("current"), style.format("previous"), style.format("stranger")


def whsecs() -> tuple[str, str, str]:
    current, previous, stranger = (
        "whsec_" + base64.b64encode(f"hookseal test key {name:>12}".encode()).decode()
        for name in ("current", "previous", "stranger")
    )
    return current, previous, stranger


def body_only(delivery: Delivery) -> bytes:
    return delivery.body


def id_dot_time_dot_body(delivery: Delivery) -> bytes:
    return f"{delivery.id}.{delivery.stamp}.".encode() + delivery.body


def time_dot_body(delivery: Delivery) -> bytes:
    return delivery.stamp.encode() + b"." + delivery.body


def time_colon_body(delivery: Delivery) -> bytes:
    return delivery.stamp.encode() + b":" + delivery.body


def v0_time_body(delivery: Delivery) -> bytes:
    return b"v0:" + delivery.stamp.encode() + b":" + delivery.body


def id_time_body(delivery: Delivery) -> bytes:
    return delivery.id.encode() + delivery.stamp.encode() + delivery.body


def time_body(delivery: Delivery) -> bytes:
    return delivery.stamp.encode() + delivery.body


def url_body(delivery: Delivery) -> bytes:
    return (delivery.url or "").encode() + delivery.body


def method_url_body_time(delivery: Delivery) -> bytes:
    return (delivery.method + (delivery.url or "")).encode() + delivery.body + delivery.stamp.encode()


def secret_body(delivery: Delivery) -> bytes:
    return delivery.key.secret.encode() + delivery.body


def secret_method_url_body(delivery: Delivery) -> bytes:
    return (delivery.key.secret + delivery.method + (delivery.url or "")).encode() + delivery.body


STANDARD_BODY = compact(
    {"type": "invoice.paid", "timestamp": ISO_MS, "data": {"id": "inv_1001", "total": 4200}}
)
STANDARD_EVENT: dict[str, object] = {"id": "msg_2made4tests1", "type": "invoice.paid", "timestamp": MS}
SHA256 = Shape(equals="=", field="sha256")
V0 = Shape(equals="=", field="v0")
STANDARD_SHAPE = Shape(separator=" ", equals=",", field="v1")

STANDARD = Recipe(
    provider="standard",
    header="webhook-signature",
    message=id_dot_time_dot_body,
    body=STANDARD_BODY,
    key=standard_key,
    secrets=whsecs(),
    encoding="base64",
    shape=STANDARD_SHAPE,
    clock=Clock("s", 300, 300, header="webhook-timestamp"),
    id_header="webhook-id",
    id="msg_2made4tests1",
    event=STANDARD_EVENT,
    sign={"id": "msg_2made4tests1", "timestamp": NOW},
)

SVIX = Recipe(
    provider="svix",
    header="svix-signature",
    message=id_dot_time_dot_body,
    body=STANDARD_BODY,
    key=standard_key,
    secrets=whsecs(),
    encoding="base64",
    shape=STANDARD_SHAPE,
    clock=Clock("s", 300, 300, header="svix-timestamp"),
    id_header="svix-id",
    id="msg_2made4tests1",
    event={"id": "msg_2made4tests1", "type": "invoice.paid"},
    sign={"id": "msg_2made4tests1", "timestamp": NOW},
)

KAGIBAG = Recipe(
    provider="kagibag",
    header="x-webhook-signature",
    message=body_only,
    body=compact(
        {
            "id": "evt_made1up",
            "type": "order.paid",
            "timestamp": ISO_MS,
            "data": {"order_id": "ord_1001", "total": {"amount": 14900, "currency": "EUR"}},
        }
    ),
    key=hmac_key(),
    secrets=three("kagibag-{}-endpoint-secret"),
    event={"id": "evt_made1up", "type": "order.paid", "timestamp": MS},
)

KAKIYO = Recipe(
    provider="kakiyo",
    header="X-Kakiyo-Signature",
    message=body_only,
    body=compact(
        {
            "event": "linkedin.message.received",
            "teamId": "team_made1up",
            "timestamp": ISO_MS,
            "data": {"agentId": "agent_1", "chatId": "chat_1", "message": "Tuesday works."},
        }
    ),
    key=hmac_key(),
    secrets=three("kakiyo-{}-webhook-secret"),
    event={"id": None, "type": "linkedin.message.received", "timestamp": MS},
)

WEBKASA = Recipe(
    provider="webkasa",
    header="X-WebKasa-Signature",
    message=body_only,
    body=compact(
        {
            "id": "wh_evt_made1up",
            "type": "booking.created",
            "created_at": iso(NOW),
            "data": {"id": "bk_1001", "status": "PENDING", "attendee_name": "Zoë Ågren"},
        }
    ),
    key=hmac_key(),
    secrets=three("webkasa-{}-webhook-secret"),
    shape=SHA256,
    event={"id": "wh_evt_made1up", "type": "booking.created", "timestamp": MS},
)

KAZINEX = Recipe(
    provider="kazinex",
    header="X-Kazinex-Signature",
    message=body_only,
    body=compact(
        {
            "event": "workflow.completed",
            "organisation_id": "org_made1up",
            "project_id": None,
            "timestamp": ISO_MS,
            "data": {"workflow_id": "wf_1001", "status": "completed"},
        }
    ),
    key=hmac_key(),
    secrets=three("a {} phrase the customer chose"),
    shape=SHA256,
    event={"id": None, "type": "workflow.completed", "timestamp": MS},
)

GITHUB = Recipe(
    provider="github",
    header="X-Hub-Signature-256",
    message=body_only,
    body=compact({"action": "opened", "number": 1, "repository": {"full_name": "octo/made-up"}}),
    key=hmac_key(),
    secrets=three("github {} webhook secret"),
    shape=SHA256,
    event_headers=(
        ("X-GitHub-Delivery", "72d3162e-0000-11e3-81ab-000000000001"),
        ("X-GitHub-Event", "pull_request"),
    ),
    event={"id": "72d3162e-0000-11e3-81ab-000000000001", "type": "pull_request"},
    sign={"id": "72d3162e-0000-11e3-81ab-000000000001", "type": "pull_request"},
)

STRIPE = Recipe(
    provider="stripe",
    header="Stripe-Signature",
    message=time_dot_body,
    body=compact(
        {
            "id": "evt_made1up",
            "object": "event",
            "type": "invoice.paid",
            "created": NOW,
            "data": {"object": {"id": "in_1001"}},
        }
    ),
    key=hmac_key(),
    secrets=three("whsec_made_up_{}"),
    shape=Shape(separator=",", equals="=", field="v1", time="t"),
    clock=Clock("s", 300, 300),
    event={"id": "evt_made1up", "type": "invoice.paid", "timestamp": MS},
    sign={"timestamp": NOW},
)

SLACK = Recipe(
    provider="slack",
    header="X-Slack-Signature",
    message=v0_time_body,
    body=compact(
        {
            "team_id": "T0MADE1UP",
            "event": {"type": "app_mention", "user": "U0MADE1UP", "text": "hello"},
            "type": "event_callback",
            "event_id": "Ev0MADE1UP",
            "event_time": NOW,
        }
    ),
    key=hmac_key(),
    secrets=three("slack-{}-signing-secret"),
    shape=V0,
    clock=Clock("s", 300, 300, header="X-Slack-Request-Timestamp"),
    event={"id": "Ev0MADE1UP", "type": "app_mention", "timestamp": MS},
    sign={"timestamp": NOW},
)

SHOPIFY = Recipe(
    provider="shopify",
    header="X-Shopify-Hmac-SHA256",
    message=body_only,
    body=compact({"id": 1001, "email": "jon@example.com", "total_price": "403.00"}),
    key=hmac_key(),
    secrets=three("shopify-{}-client-secret"),
    encoding="base64",
    event_headers=(
        ("X-Shopify-Webhook-Id", "b54557e4-0000-4e0c-0000-000000000001"),
        ("X-Shopify-Topic", "orders/create"),
    ),
    event={"id": "b54557e4-0000-4e0c-0000-000000000001", "type": "orders/create"},
    sign={"id": "b54557e4-0000-4e0c-0000-000000000001", "type": "orders/create"},
)

LINEAR = Recipe(
    provider="linear",
    header="Linear-Signature",
    message=body_only,
    body=compact(
        {
            "action": "create",
            "type": "Issue",
            "createdAt": ISO_MS,
            "organizationId": "org-made-up",
            "data": {"id": "iss-1001", "webhookTimestamp": 1},
            "webhookTimestamp": MS,
        }
    ),
    key=hmac_key(),
    secrets=three("lin_wh_made_up_{}"),
    clock=Clock("ms", 60, 60, in_body=True),
    event_headers=(("Linear-Delivery", "234d1a4e-0000-4d2b-0000-000000000001"), ("Linear-Event", "Issue")),
    event={"id": "234d1a4e-0000-4d2b-0000-000000000001", "type": "Issue", "timestamp": MS},
    sign={"id": "234d1a4e-0000-4d2b-0000-000000000001", "type": "Issue"},
)

SQUARE = Recipe(
    provider="square",
    header="X-Square-HmacSha256-Signature",
    message=url_body,
    body=compact(
        {
            "merchant_id": "MADE1UP",
            "type": "payment.created",
            "event_id": "00000000-0000-0000-0000-000000000001",
            "created_at": "2025-12-31T16:00:00-08:00",
            "data": {"type": "payment", "id": "pay_1001"},
        }
    ),
    key=hmac_key(),
    secrets=three("square-{}-signature-key"),
    encoding="base64",
    event={"id": "00000000-0000-0000-0000-000000000001", "type": "payment.created", "timestamp": MS},
    url="https://example.com/hooks/square",
    sign={"url": "https://example.com/hooks/square"},
)

TWITCH = Recipe(
    provider="twitch",
    header="Twitch-Eventsub-Message-Signature",
    message=id_time_body,
    body=compact(
        {"subscription": {"id": "sub-1001", "type": "channel.follow"}, "event": {"user_name": "made_up"}}
    ),
    key=hmac_key(),
    secrets=three("twitch-{}-eventsub-secret"),
    shape=SHA256,
    clock=Clock("iso8601", 600, 600, header="Twitch-Eventsub-Message-Timestamp"),
    id_header="Twitch-Eventsub-Message-Id",
    id="e76c6bd4-0000-4d12-0000-000000000001",
    event_headers=(("Twitch-Eventsub-Subscription-Type", "channel.follow"),),
    event={"id": "e76c6bd4-0000-4d12-0000-000000000001", "type": "channel.follow", "timestamp": MS},
    sign={"id": "e76c6bd4-0000-4d12-0000-000000000001", "timestamp": NOW, "type": "channel.follow"},
)

ZOOM = Recipe(
    provider="zoom",
    header="x-zm-signature",
    message=v0_time_body,
    body=compact(
        {
            "event": "meeting.started",
            "event_ts": MS,
            "payload": {"account_id": "made1up", "object": {"id": "1001"}},
        }
    ),
    key=hmac_key(),
    secrets=three("zoom-{}-secret-token"),
    shape=V0,
    clock=Clock("s", 300, 300, header="x-zm-request-timestamp"),
    event={"id": None, "type": "meeting.started", "timestamp": MS},
    sign={"timestamp": NOW},
)

PADDLE = Recipe(
    provider="paddle",
    header="Paddle-Signature",
    message=time_colon_body,
    body=compact(
        {
            "event_id": "evt_made1up",
            "event_type": "transaction.completed",
            "occurred_at": ISO_MS,
            "data": {"id": "txn_1001"},
        }
    ),
    key=hmac_key(),
    secrets=three("pdl_ntfset_made_up_{}"),
    shape=Shape(separator=";", equals="=", field="h1", time="ts"),
    clock=Clock("s", 5, 5),
    event={"id": "evt_made1up", "type": "transaction.completed", "timestamp": MS},
    sign={"timestamp": NOW},
)

WORKOS = Recipe(
    provider="workos",
    header="WorkOS-Signature",
    message=time_dot_body,
    body=compact(
        {
            "object": "event",
            "id": "event_made1up",
            "event": "user.created",
            "data": {"id": "user_1001"},
            "created_at": ISO_MS,
        }
    ),
    key=hmac_key(),
    secrets=three("workos-{}-webhook-secret"),
    shape=Shape(separator=",", equals="=", field="v1", time="t"),
    clock=Clock("ms", 180, 180),
    event={"id": "event_made1up", "type": "user.created", "timestamp": MS},
    sign={"timestamp": NOW},
)

SANITY = Recipe(
    provider="sanity",
    header="sanity-webhook-signature",
    message=time_dot_body,
    body=compact({"_id": "drafts.made-up-1001", "_type": "article"}),
    key=hmac_key(),
    secrets=three("sanity-{}-webhook-secret"),
    encoding="base64url",
    shape=Shape(separator=",", equals="=", field="v1", time="t"),
    clock=Clock("ms", 300, 300),
    event_headers=(("idempotency-key", "k-made-up-1001"),),
    event={"id": "k-made-up-1001", "type": None},
    sign={"id": "k-made-up-1001", "timestamp": NOW},
)

HUBSPOT = Recipe(
    provider="hubspot",
    header="X-HubSpot-Signature-v3",
    message=method_url_body_time,
    body=compact([{"eventId": 1001, "subscriptionType": "contact.creation", "objectId": 1}]),
    key=hmac_key(),
    secrets=three("hubspot-{}-client-secret"),
    encoding="base64",
    clock=Clock("ms", 300, 300, header="X-HubSpot-Request-Timestamp"),
    url="https://example.com/hooks/hubspot?app=1",
    sign={"timestamp": NOW, "url": "https://example.com/hooks/hubspot?app=1", "method": "POST"},
)

HUBSPOT_V1 = Recipe(
    provider="hubspot-v1",
    header="X-HubSpot-Signature",
    message=secret_body,
    body=HUBSPOT.body,
    key=hash_key("sha256"),
    secrets=three("hubspot-{}-client-secret"),
)

HUBSPOT_V2 = Recipe(
    provider="hubspot-v2",
    header="X-HubSpot-Signature",
    message=secret_method_url_body,
    body=HUBSPOT.body,
    key=hash_key("sha256"),
    secrets=three("hubspot-{}-client-secret"),
    url="https://example.com/hooks/hubspot?app=1",
    sign={"url": "https://example.com/hooks/hubspot?app=1", "method": "POST"},
)

SENDGRID = Recipe(
    provider="sendgrid",
    header="X-Twilio-Email-Event-Webhook-Signature",
    message=time_body,
    body=compact([{"email": "made-up@example.com", "event": "delivered", "sg_event_id": "1001"}]) + b"\r\n",
    key=sendgrid_key,
    secrets=(
        spki(p256_private(LABELS[0]).public_key()),
        spki(p256_private(LABELS[1]).public_key()),
        spki(p256_private(LABELS[2]).public_key()),
    ),
    encoding="base64",
    clock=Clock("s", 300, 300, header="X-Twilio-Email-Event-Webhook-Timestamp"),
    signs=False,
)

TWITTER = Recipe(
    provider="twitter",
    header="X-Twitter-Webhooks-Signature",
    message=body_only,
    body=compact({"for_user_id": "1001", "tweet_create_events": [{"id": 1, "text": "made up"}]}),
    key=hmac_key(),
    secrets=three("twitter-{}-consumer-secret"),
    encoding="base64",
    shape=SHA256,
)

TWILIO = Recipe(
    provider="twilio",
    header="X-Twilio-Signature",
    message=twilio_message,
    body=b"To=%2B15550100&From=%2B15550199&CallSid=CA1001&Digits=1234&Caller=Zo%C3%AB+made+up",
    key=hmac_key("sha1"),
    secrets=three("twilio-{}-auth-token"),
    encoding="base64",
    event_headers=(("Content-Type", "application/x-www-form-urlencoded"),),
    url="https://example.com/hooks/twilio?line=1",
)

DISCORD = Recipe(
    provider="discord",
    header="X-Signature-Ed25519",
    message=time_body,
    body=compact({"type": 1, "id": "1001", "application_id": "2002"}),
    key=discord_key,
    secrets=(
        ed25519_public(ed25519_private(LABELS[0])).hex(),
        ed25519_public(ed25519_private(LABELS[1])).hex(),
        ed25519_public(ed25519_private(LABELS[2])).hex(),
    ),
    clock=Clock("s", 300, 300, header="X-Signature-Timestamp"),
    signs=False,
)

RECIPES = (
    KAGIBAG,
    KAKIYO,
    WEBKASA,
    KAZINEX,
    STANDARD,
    SVIX,
    GITHUB,
    STRIPE,
    SLACK,
    SHOPIFY,
    LINEAR,
    SQUARE,
    TWITCH,
    ZOOM,
    PADDLE,
    WORKOS,
    SANITY,
    HUBSPOT,
    HUBSPOT_V1,
    HUBSPOT_V2,
    SENDGRID,
    TWITTER,
    TWILIO,
    DISCORD,
)

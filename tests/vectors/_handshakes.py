"""Handshakes: what a vendor asks to find out whose an endpoint is, and what is answered."""

import base64
import json
from collections.abc import Iterator

from _brief_cases import HEADER
from _cases import MADE, Case, body_of
from _plain_vendors import PLAIN
from _recipes import NOW, Delivery, Recipe, hmac_key
from _vendors import DISCORD, RECIPES

URL = "https://example.com/hooks"
LONG = "c" * 1025
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"


def handshakes() -> dict[str, object]:
    made = [
        *slack(),
        *zoom(),
        *twitch(),
        *discord(),
        *front(),
        *tebex(),
        *smartcar(),
        *meta(),
        *x(),
        *linkedin(),
        *echoes("dropbox"),
        *echoes("nylas"),
        *okta(),
        *trello(),
        *secrets("asana"),
        *secrets("clio"),
        *others(),
    ]
    names = [each["name"] for each in made]
    assert len(names) == len(set(names)), "handshakes have unique names"
    return {"handshakes": made}


def recipe_of(provider: str) -> Recipe:
    return next(recipe for recipe in (*RECIPES, *PLAIN) if recipe.provider == provider)


def handshake(
    name: str,
    about: str,
    provider: str,
    expect: str,
    *,
    delivery: Delivery | None = None,
    headers: list[list[str]] | None = None,
    body: bytes = b"",
    method: str = "POST",
    url: str | None = None,
    token: str | None = None,
    now: int | None = None,
    answer: Case | None = None,
    provider_alone: bool = False,
) -> Case:
    """One case; `expect` is `answer`, `none` or the code of the error."""
    made: Case = {"name": f"{provider}-{name}", "about": about, "source": MADE, "provider": provider}
    made["secrets"] = [] if provider_alone else [recipe_of(provider).secrets[0]]
    if delivery is not None:
        headers, body, now = delivery.headers() if headers is None else headers, delivery.body, now or NOW
    made["headers"] = headers or []
    made |= body_of(body) | {"method": method, "url": url, "verify_token": token, "now": now}
    made["expect"] = expect
    return made | (answer or {})


def text(body: str) -> Case:
    return {"body_sent": body, "headers_sent": sent("text/plain; charset=utf-8")}


def shown(content: dict[str, object]) -> Case:
    """The JSON that is answered; members may come in any order."""
    return {"json_sent": content, "headers_sent": sent("application/json")}


def sent(content_type: str) -> list[list[str]]:
    return [["content-type", content_type], ["x-content-type-options", "nosniff"]]


def signed(provider: str, content: dict[str, object]) -> Delivery:
    return recipe_of(provider).delivery().but(body=json.dumps(content).encode())


def mac(provider: str, value: str) -> bytes:
    return hmac_key()(recipe_of(provider).secrets[0]).sign(value.encode())


def refused(provider: str, delivery: Delivery) -> Iterator[Case]:
    """What is signed as an event is verified as one, before anything is answered."""
    stranger = delivery.but(key=delivery.recipe.keys[2])
    yield handshake(
        "forged", "Signed with another secret.", provider, "signature_mismatch", delivery=stranger
    )
    about = "Not signed at all."
    yield handshake("unsigned", about, provider, "missing_header", body=delivery.body, now=NOW)
    clock = delivery.recipe.clock
    if clock:
        about, late = "An old request, sent again.", NOW + clock.past + 1
        yield handshake("replayed", about, provider, "timestamp_too_old", delivery=delivery, now=late)


def slack() -> Iterator[Case]:
    content: dict[str, object] = {
        "token": "x",
        "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY",
        "type": "url_verification",
    }
    delivery = signed("slack", content)
    answer = text("3eZbrw1aBm2rZgRNFdxV2595E9CY")
    yield handshake("echo", "The challenge is echoed.", "slack", "answer", delivery=delivery, answer=answer)
    yield from refused("slack", delivery)
    for name, about, challenge in (
        ("markup", "What a browser could take for a page is not echoed.", "<script>alert(1)</script>"),
        ("newline", "Nor are control characters.", "a\r\nSet-Cookie: a=b"),
        ("not-ascii", "Nor is anything but ASCII.", "Zoë"),
        ("too-long", "Nor is anything longer than a challenge.", LONG),
        ("empty", "Nor is nothing.", ""),
    ):
        odd = signed("slack", content | {"challenge": challenge})
        yield handshake(name, about, "slack", "invalid_payload", delivery=odd)
    absent = signed("slack", {"type": "url_verification"})
    yield handshake("absent", "There is no challenge.", "slack", "invalid_payload", delivery=absent)
    about = "An event is no handshake."
    yield handshake("event", about, "slack", "none", delivery=recipe_of("slack").delivery())
    yield handshake("form", "Nor is a form.", "slack", "none", body=b"command=%2Fdo", now=NOW)
    about = "Nor is a request of another method."
    yield handshake("get", about, "slack", "none", delivery=delivery, method="GET")
    large = signed("slack", content | {"padding": "p" * 65536})
    about = "Nor is a large body, into which nobody looks before it is verified."
    made = handshake("large", about, "slack", "none", delivery=large)
    yield made
    hidden = signed(
        "slack", {"event": {"type": "url_verification"}, "challenge": "1", "type": "event_callback"}
    )
    about = "A type that stands elsewhere does not count."
    yield handshake("type-elsewhere", about, "slack", "none", delivery=hidden)


def zoom() -> Iterator[Case]:
    token = "qgg8vlvZRS6UYooatFL8Aw"
    content: dict[str, object] = {
        "payload": {"plainToken": token},
        "event_ts": NOW,
        "event": "endpoint.url_validation",
    }
    delivery = signed("zoom", content)
    answer = shown({"plainToken": token, "encryptedToken": mac("zoom", token).hex()})
    about = "The token and its HMAC are answered."
    yield handshake("token", about, "zoom", "answer", delivery=delivery, answer=answer)
    yield from refused("zoom", delivery)
    about = "Nothing is signed that could be part of an event."
    for name, odd in (
        ("signed-text", f"v0:{NOW}:1"),
        ("object", '{"event":"meeting.started"}'),
        ("space", "a b"),
    ):
        asked = signed("zoom", content | {"payload": {"plainToken": odd}})
        yield handshake(name, about, "zoom", "invalid_payload", delivery=asked)


def twitch() -> Iterator[Case]:
    delivery = signed(
        "twitch", {"challenge": "pogchamp-kappa-360noscope-vohiyo", "subscription": {"id": "1"}}
    )
    kind = "Twitch-Eventsub-Message-Type"
    lines = [*delivery.headers(), [kind, "webhook_callback_verification"]]
    answer = text("pogchamp-kappa-360noscope-vohiyo")
    about = "The challenge is echoed."
    yield handshake("echo", about, "twitch", "answer", delivery=delivery, headers=lines, answer=answer)
    about = "A notification is no handshake."
    lines = [*delivery.headers(), [kind, "notification"]]
    yield handshake("event", about, "twitch", "none", delivery=delivery, headers=lines)
    forged = delivery.but(key=delivery.recipe.keys[2])
    lines = [*forged.headers(), [kind, "webhook_callback_verification"]]
    about = "Signed with another secret."
    yield handshake("forged", about, "twitch", "signature_mismatch", delivery=forged, headers=lines)
    about = "The header that says so came twice, with different values."
    lines = [*delivery.headers(), [kind, "notification"], [kind, "webhook_callback_verification"]]
    yield handshake("ambiguous", about, "twitch", "malformed_header", delivery=delivery, headers=lines)


def discord() -> Iterator[Case]:
    delivery = DISCORD.delivery().but(body=b'{"type":1,"id":"1001"}')
    about = "A ping is answered by a pong."
    yield handshake("ping", about, "discord", "answer", delivery=delivery, answer=shown({"type": 1}))
    yield from refused("discord", delivery)
    other = DISCORD.delivery().but(body=b'{"type":2,"id":"1001"}')
    yield handshake("event", "A command is no ping.", "discord", "none", delivery=other)


def front() -> Iterator[Case]:
    delivery = signed("front", {"type": "sync", "authorization": {"id": "cmp_1001"}})
    lines = [*delivery.headers(), ["X-Front-Challenge", "challenge-1001"]]
    about, answer = "The challenge is echoed.", text("challenge-1001")
    yield handshake("echo", about, "front", "answer", delivery=delivery, headers=lines, answer=answer)
    forged = delivery.but(key=delivery.recipe.keys[2])
    lines = [*forged.headers(), ["X-Front-Challenge", "challenge-1001"]]
    about = "Signed with another secret."
    yield handshake("forged", about, "front", "signature_mismatch", delivery=forged, headers=lines)
    yield handshake("event", "An event is no handshake.", "front", "none", delivery=delivery)


def tebex() -> Iterator[Case]:
    content: dict[str, object] = {"id": "2c116b11-1110", "type": "validation.webhook", "subject": {}}
    delivery = signed("tebex", content)
    answer = shown({"id": "2c116b11-1110"})
    about = "The id of the validation is answered."
    yield handshake("id", about, "tebex", "answer", delivery=delivery, answer=answer)
    yield from refused("tebex", delivery)


def smartcar() -> Iterator[Case]:
    content = {"eventType": "VERIFY", "data": {"challenge": CODE}}
    answer = shown({"challenge": mac("smartcar", CODE).hex()})
    about = "The HMAC of the challenge is answered."
    body = json.dumps(content).encode()
    yield handshake("hmac", about, "smartcar", "answer", body=body, answer=answer)
    body = json.dumps(content | {"data": {"challenge": '{"eventType":"VEHICLE_STATE"}'}}).encode()
    about = "Nothing is signed that could be an event: else a stranger has his own signed here."
    yield handshake("oracle", about, "smartcar", "invalid_payload", body=body)


def meta() -> Iterator[Case]:
    asked = f"{URL}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meaty%20hamster"
    agreed = "meaty hamster"
    about = "The token is the one agreed on, and the challenge is echoed."
    for name, url in (("echo", asked), ("path-alone", asked.removeprefix("https://example.com"))):
        yield handshake(
            name, about, "meta", "answer", method="GET", url=url, token=agreed, answer=text("1158201444")
        )
    about = "It needs no secret."
    yield handshake(
        "without-secret",
        about,
        "meta",
        "answer",
        method="GET",
        url=asked,
        token=agreed,
        answer=text("1158201444"),
        provider_alone=True,
    )
    about = "Another token."
    yield handshake(
        "wrong-token", about, "meta", "signature_mismatch", method="GET", url=asked, token="other"
    )
    about = "No token."
    bare = asked.split("&hub.verify_token", maxsplit=1)[0]
    yield handshake("no-token", about, "meta", "signature_mismatch", method="GET", url=bare, token=agreed)
    about = "The caller did not say what was agreed on."
    yield handshake("none-agreed", about, "meta", "invalid_argument", method="GET", url=asked)
    about = "Nothing is not what was agreed on."
    yield handshake("empty-agreed", about, "meta", "invalid_argument", method="GET", url=asked, token="")
    about = "A challenge that would be a page."
    markup = asked.replace("1158201444", "%3Cb%3E1")
    yield handshake("markup", about, "meta", "invalid_payload", method="GET", url=markup, token=agreed)
    about = "Another mode."
    other = asked.replace("subscribe", "unsubscribe")
    yield handshake("other-mode", about, "meta", "none", method="GET", url=other, token=agreed)
    yield handshake("no-url", "The caller gave no url.", "meta", "none", method="GET", token=agreed)
    yield handshake(
        "event", "An event is no handshake.", "meta", "none", delivery=recipe_of("meta").delivery()
    )


def x() -> Iterator[Case]:
    crc = "dGhpc19pc19hX2NyY190b2tlbg"
    url = f"{URL}?crc_token={crc}&nonce=1"
    answer = shown({"response_token": "sha256=" + base64.b64encode(mac("twitter", crc)).decode()})
    about = "The HMAC of the token is answered."
    yield handshake("crc", about, "twitter", "answer", method="GET", url=url, answer=answer)
    yield handshake("lower-case", about, "twitter", "answer", method="get", url=url, answer=answer)
    about = "Nothing is signed that could be an event: else a stranger has his own signed here."
    for name, token in (
        ("oracle", "%7B%22for_user_id%22%3A%221%22%7D"),
        ("list", "%5B1%5D"),
        ("quoted", "%22a%22"),
    ):
        asked = f"{URL}?crc_token={token}"
        yield handshake(name, about, "twitter", "invalid_payload", method="GET", url=asked)
    about = "A token that is empty."
    yield handshake("empty", about, "twitter", "invalid_payload", method="GET", url=f"{URL}?crc_token=")
    yield handshake("post", "Events are POST requests.", "twitter", "none", url=url)


def linkedin() -> Iterator[Case]:
    answer = shown({"challengeCode": CODE, "challengeResponse": mac("linkedin", CODE).hex()})
    about, url = "The code and its HMAC are answered.", f"{URL}?challengeCode={CODE}"
    yield handshake("code", about, "linkedin", "answer", method="GET", url=url, answer=answer)
    about = "Nothing is signed that could be an event: else a stranger has his own signed here."
    url = f"{URL}?challengeCode=hmacsha256=%7B%7D"
    yield handshake("oracle", about, "linkedin", "invalid_payload", method="GET", url=url)


def echoes(provider: str) -> Iterator[Case]:
    url = f"{URL}?challenge=challenge-1001"
    about, answer = "The challenge is echoed.", text("challenge-1001")
    yield handshake("echo", about, provider, "answer", method="GET", url=url, answer=answer)
    about = "It needs no secret."
    yield handshake(
        "without-secret", about, provider, "answer", method="GET", url=url, answer=answer, provider_alone=True
    )
    about = "Without a challenge it is none."
    yield handshake("none", about, provider, "none", method="GET", url=URL)


def okta() -> Iterator[Case]:
    lines = [["X-Okta-Verification-Challenge", "challenge-1001"]]
    answer = shown({"verification": "challenge-1001"})
    about = "The challenge is answered in JSON."
    yield handshake("echo", about, "okta", "answer", method="GET", headers=lines, answer=answer)


def trello() -> Iterator[Case]:
    about = "A HEAD request is answered, and that is all."
    yield handshake("head", about, "trello", "answer", method="HEAD", url=URL, answer=text(""))
    yield handshake("event", "An event is no handshake.", "trello", "none", body=b"{}", url=URL)


def secrets(provider: str) -> Iterator[Case]:
    given = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
    lines = [["X-Hook-Secret", given]]
    answer: Case = text("")
    answer["headers_sent"] = [*sent("text/plain; charset=utf-8"), ["x-hook-secret", given]]
    answer["secret_given"] = given
    about = "The secret that the request has is sent back, and is there to be kept."
    yield handshake("secret", about, provider, "answer", body=b"{}", headers=lines, answer=answer)
    about = "An endpoint that has no secret yet answers too."
    yield handshake(
        "first-secret",
        about,
        provider,
        "answer",
        body=b"{}",
        headers=lines,
        answer=answer,
        provider_alone=True,
    )
    about = "A value that would split the answer's headers."
    lines = [["X-Hook-Secret", "a b"]]
    yield handshake("odd-secret", about, provider, "invalid_payload", body=b"{}", headers=lines)


def others() -> Iterator[Case]:
    about = "A vendor without a handshake."
    delivery = recipe_of("github").delivery()
    assert HEADER not in delivery.headers()
    yield handshake("none", about, "github", "none", delivery=delivery)
    about = "The handshake needs the secret, and so a webhook."
    for provider in ("slack", "twitter"):
        yield handshake("without-secret", about, provider, "invalid_argument", provider_alone=True)

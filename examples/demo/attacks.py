"""Requests that nobody should accept, sent without Hookseal's client as a stranger would."""

from __future__ import annotations

import asyncio
import http.client
import time
from urllib.parse import urlsplit

from hookseal import AsyncClient, DeliveryError, Endpoint, Provider, Secret, Webhook

from checks import Checks
from story import Receiver, Refusal, Vendor


async def attack(vendors: list[Vendor], standard: Receiver, checks: Checks) -> list[Refusal]:
    """Try everything, one after the other."""
    kagibag, webkasa, kazinex, kakiyo = vendors
    attacks = Attacks(checks)

    for vendor, how, log in [
        (webkasa, "recipe", "refused"),
        (kakiyo, "FastAPI", "refused signature_mismatch"),
        (kazinex, "Express", "refused signature_mismatch"),
        (kagibag, "Axum", "refused signature_mismatch"),
    ]:
        body = vendor.provider.example(vendor.types[0]).body
        wrong = Webhook(Secret.generate(vendor.provider), provider=vendor.provider)
        await attacks.send("forged: wrong secret", vendor.at(how), body, wrong.sign(body), log)

    paid = kagibag.provider.example("order.paid").body
    fastapi = kagibag.at("FastAPI")
    signed = Webhook(fastapi.secret, provider=kagibag.provider).sign(paid)
    cheaper = paid.replace(b"14900", b"14901")
    await attacks.send("altered: one digit", fastapi, cheaper, signed, "refused signature_mismatch")

    body = webkasa.provider.example("booking.created").body
    await attacks.send("unsigned", webkasa.at("Express"), body, {}, "refused missing_header")

    # None of the four vendors signs a time, so a replay is told by Standard Webhooks, which does.
    provider = Provider.builtin("standard")
    body = provider.event("invoice.paid", {"invoice": "in_42"}).body
    webhook = Webhook(standard.secret)
    old = webhook.sign(body, timestamp=time.time() - 600)
    await attacks.send("replayed: 10 min old", standard, body, old, "refused timestamp_too_old")
    await attacks.send("  the same, but new", standard, body, webhook.sign(body), "accepted invoice.paid")

    await attacks.inwards(standard)
    return attacks.refusals


class Attacks:
    """What was tried, and what came of it."""

    def __init__(self, checks: Checks) -> None:
        self.refusals: list[Refusal] = []
        self._checks = checks

    async def send(
        self, what: str, receiver: Receiver, body: bytes, headers: dict[str, str], log: str
    ) -> None:
        """Send a request; ``log`` is what the receiver has to say of it."""
        since = len(receiver.child.lines)
        code, ms = await asyncio.to_thread(post, receiver.url, body, headers)
        verdict, *reason = log.split()
        told = "✓ accepted" if verdict == "accepted" else " ".join(reason) or "refused"
        refusal = Refusal(what, receiver.title, code, ms, told)
        await self._checks.refusal(refusal, receiver, since, 200 if verdict == "accepted" else 401, log)
        self.refusals.append(refusal)

    async def inwards(self, receiver: Receiver) -> None:
        """Have a sender call its own network: a customer's endpoint may say anything."""
        endpoint = Endpoint(receiver.url, receiver.secret)
        event = Provider.builtin("standard").event("invoice.paid", {})
        async with AsyncClient(allow_http=True) as client:
            since = len(receiver.child.lines)
            try:
                delivery = await client.deliver(endpoint, event)
                came: object = delivery.attempts
            except DeliveryError as error:
                came = error.code
        self._checks.that(came == "blocked_address", "a private url to be blocked_address", came)
        reached = receiver.child.lines[since:]
        self._checks.that(not reached, "a private url not to be called", reached)
        self.refusals.append(Refusal("to a private address", "none, it was not sent", None, None, str(came)))


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, float]:
    """Send a request as anybody could. Returns the answer's status, and what it took in milliseconds."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    began = time.perf_counter()
    try:
        connection.request("POST", parts.path, body, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    return response.status, (time.perf_counter() - began) * 1000

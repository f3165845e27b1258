"""Send webhooks to your customers with FastAPI, durably: once a booking is answered, its event will arrive.

ALLOW_LOCAL=1 python examples/send-fastapi/app.py
"""

import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from hookseal import AsyncSender, HooksealError, StoredDelivery, StoreError
from pydantic import BaseModel

# Customers choose the urls, and must not make us call our own network: this is for trying it on one machine.
local = os.environ.get("ALLOW_LOCAL") == "1"
try:
    store = os.environ.get("HOOKSEAL_STORE", "sqlite:hooks.db")
    sender = AsyncSender(store, allow_http=local, allow_private=local)
except HooksealError as error:
    sys.exit(f"HOOKSEAL_STORE: {error}")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Deliver while the app runs. With several workers, each may send, and one of them delivers."""
    async with sender:
        yield


app = FastAPI(lifespan=lifespan)


class NewWebhook(BaseModel):
    """Where a customer wants events to go; without ``events``, all of them."""

    url: str
    events: list[str] = []


class NewBooking(BaseModel):
    """What a guest booked at a customer of ours."""

    tenant: str
    guest: str


# Who may call these is for your own authentication to say.


@app.post("/customers/{tenant}/webhooks", status_code=201)
async def create_webhook(tenant: str, webhook: NewWebhook) -> dict[str, Any]:
    """Create an endpoint. The answer is the only place where its secret is shown."""
    endpoint = await sender.endpoints.create(webhook.url, events=webhook.events, tenant=tenant)
    return {"id": endpoint.id, "url": endpoint.url, "secret": endpoint.secret and endpoint.secret.expose()}


@app.post("/bookings", status_code=201)
async def book(booking: NewBooking) -> dict[str, str]:
    """Create a booking and tell the customer about it."""
    id = uuid.uuid4().hex
    # An id that follows from the booking's: to send the event once more would be to send the same one.
    data = {"id": id, "guest": booking.guest}
    event = await sender.send("booking.created", data, id=f"booking-created-{id}", tenant=booking.tenant)
    # It is on disk now: whatever happens to this process, the event will be delivered.
    return {"booking": id, "event": event.id}


@app.get("/customers/{tenant}/deliveries")
async def log(tenant: str, cursor: int | None = None) -> dict[str, Any]:
    """Show a customer what was sent, newest first."""
    page = await sender.deliveries.list(tenant=tenant, cursor=cursor)
    return {"deliveries": [shown(delivery) for delivery in page.items], "cursor": page.cursor}


@app.post("/deliveries/{id}/retry", status_code=202)
async def retry(id: int) -> dict[str, int]:
    """Deliver once more, now, with the same id and bytes."""
    return {"delivery": await sender.deliveries.retry(id)}


@app.exception_handler(HooksealError)
async def refuse(_: Request, error: HooksealError) -> JSONResponse:
    """Tell callers what they did wrong, and nothing about our own troubles."""
    status = 503 if isinstance(error, StoreError) else STATUS.get(error.code, 422)
    return JSONResponse({"error": error.code, "message": str(error) if status < 500 else None}, status)


STATUS = {"not_found": 404, "conflict": 409, "closed": 503}


def shown(delivery: StoredDelivery) -> dict[str, Any]:
    """What a customer sees of a delivery."""
    return {
        "id": delivery.id,
        "event": delivery.message,
        "type": delivery.type,
        "status": delivery.status,
        "attempts": delivery.attempt_count,
        "response_code": delivery.response_code,
        "error": delivery.error_code,
        "next_attempt": delivery.due,
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))

"""Take bookings and send their events; workers elsewhere deliver them, so this process never calls anybody.

HOOKSEAL_STORE=postgres://... python examples/compose/web.py
"""

import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from hookseal import AsyncSender, HooksealError, StoreError
from pydantic import BaseModel

# Customers choose the urls, and must not make us call our own network: this is for trying it on one machine.
local = os.environ.get("ALLOW_LOCAL") == "1"
try:
    sender = AsyncSender(os.environ["HOOKSEAL_STORE"], allow_http=local, allow_private=local)
except (KeyError, HooksealError) as error:
    sys.exit(f"HOOKSEAL_STORE: {error}")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the store at the end. It is not started: what is sent here is delivered by workers."""
    yield
    await sender.close()


app = FastAPI(lifespan=lifespan)


class NewWebhook(BaseModel):
    """Where a customer wants events to go."""

    url: str


class NewBooking(BaseModel):
    """What a guest booked at a customer of ours."""

    tenant: str
    guest: str


# Who may call these is for your own authentication to say.


@app.post("/customers/{tenant}/webhooks", status_code=201)
async def create_webhook(tenant: str, webhook: NewWebhook) -> dict[str, object]:
    """Create an endpoint. The answer is the only place where its secret is shown."""
    endpoint = await sender.endpoints.create(webhook.url, tenant=tenant)
    return {"id": endpoint.id, "secret": endpoint.secret and endpoint.secret.expose()}


@app.post("/bookings", status_code=201)
async def book(booking: NewBooking) -> dict[str, str]:
    """Create a booking and tell the customer about it."""
    id = uuid.uuid4().hex
    data = {"id": id, "guest": booking.guest}
    event = await sender.send("booking.created", data, id=f"booking-created-{id}", tenant=booking.tenant)
    # It is in the database now, and will be delivered.
    return {"booking": id, "event": event.id}


@app.get("/health")
async def health() -> dict[str, str]:
    """Say whether events can be sent."""
    await sender.endpoints.list(limit=1)
    return {"status": "ok"}


@app.exception_handler(HooksealError)
async def refuse(_: Request, error: HooksealError) -> JSONResponse:
    """Tell callers what they did wrong, and nothing about our own troubles."""
    if isinstance(error, StoreError):
        return JSONResponse({"error": error.code, "message": None}, 503)
    return JSONResponse({"error": error.code, "message": str(error)}, 422)


if __name__ == "__main__":
    host = os.environ.get("HOST", "127.0.0.1")
    uvicorn.run(app, host=host, port=int(os.environ.get("PORT", "8080")))

"""Receive webhooks durably with FastAPI: answered in milliseconds, handled later, again if that fails.

WEBHOOK_SECRET=whsec_... python examples/receive-inbox-fastapi/app.py
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from hookseal import AsyncInbox, ConfigError, Event, EventNotice, Handling, Webhook
from hookseal.fastapi import endpoint

secret = os.environ.get("WEBHOOK_SECRET")
if not secret:
    sys.exit("Set WEBHOOK_SECRET to the secret the webhooks are signed with, such as whsec_...")
try:
    webhook = Webhook(secret, provider=os.environ.get("WEBHOOK_PROVIDER", "standard"))
except ConfigError as error:
    sys.exit(f"WEBHOOK_SECRET or WEBHOOK_PROVIDER is wrong: {error}")

# "postgres://…" where several machines share the work.
inbox = AsyncInbox(os.environ.get("HOOKSEAL_INBOX", "sqlite:inbox.db"), webhook)


@inbox.on("*")
async def handle(event: Event, handling: Handling) -> None:
    """Take your time. Whatever you raise is tried again, and so is what a crash cut short."""
    print("begins", event.type, event.id or "", f"try {handling.number}", flush=True)
    # Here goes what takes time. Pass `handling.idempotency_key` on to whoever charges or mails, so that
    # nothing happens twice.
    await asyncio.sleep(float(os.environ.get("HANDLER_SECONDS", "1")))
    print("handled", event.type, event.id or "", flush=True)


async def failed(notice: EventNotice) -> None:
    """No try is left: somebody is to look at it, and then `inbox.events.retry(notice.id)`."""
    print("failed", notice.type, notice.id, notice.error, flush=True)


inbox.on_notice("event.failed", failed)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Handle for as long as the application runs."""
    async with inbox:
        yield


app = FastAPI(lifespan=lifespan)
app.post("/webhooks")(endpoint(inbox, on_refused=lambda error: print("refused", error.code, flush=True)))

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))

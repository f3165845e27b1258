"""Receive webhooks with FastAPI: verify the raw body first, then trust the event.

WEBHOOK_SECRET=whsec_... python examples/receive-fastapi/app.py
"""

import os
import sys
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI
from hookseal import ConfigError, Event, VerificationError, Webhook
from hookseal.fastapi import verified

secret = os.environ.get("WEBHOOK_SECRET")
if not secret:
    sys.exit("Set WEBHOOK_SECRET to the secret the webhooks are signed with, such as whsec_...")
try:
    webhook = Webhook(secret, provider=os.environ.get("WEBHOOK_PROVIDER", "standard"))
except ConfigError as error:
    sys.exit(f"WEBHOOK_SECRET or WEBHOOK_PROVIDER is wrong: {error}")

app = FastAPI()


def refused(error: VerificationError) -> None:
    """For our log; the peer learns no more than the status and the code."""
    print("refused", error.code, flush=True)


@app.post("/webhooks")
async def receive(event: Annotated[Event, Depends(verified(webhook, on_refused=refused))]) -> None:
    """Answer quickly: whatever takes time belongs behind a queue."""
    print("accepted", event.type, event.id or "", flush=True)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))

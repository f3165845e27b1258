"""Receive webhooks with FastAPI: verify the raw body first, then trust the event.

WEBHOOK_SECRET=whsec_... python examples/receive-fastapi/app.py
"""

import os
import sys

import uvicorn
from fastapi import FastAPI, Request, Response
from hookseal import ConfigError, VerificationError, Webhook

secret = os.environ.get("WEBHOOK_SECRET")
if not secret:
    sys.exit("Set WEBHOOK_SECRET to the secret the webhooks are signed with, such as whsec_...")
try:
    webhook = Webhook(secret, provider=os.environ.get("WEBHOOK_PROVIDER", "standard"))
except ConfigError as error:
    sys.exit(f"WEBHOOK_SECRET or WEBHOOK_PROVIDER is wrong: {error}")

app = FastAPI()


@app.post("/webhooks")
async def receive(request: Request) -> Response:
    """Answer quickly: whatever takes time belongs behind a queue."""
    try:
        # The bytes as they came. JSON that was parsed and written again is not what was signed.
        event = webhook.verify(await request.body(), request.headers)
    except VerificationError as error:
        print("refused", error.code, flush=True)  # for our log; the peer learns no more than the status
        return Response(status_code=401)
    print("accepted", event.type, event.id or "", flush=True)
    return Response(status_code=200)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))

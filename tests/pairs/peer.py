"""The Python peer of the all-pairs test; README.md says what it reads and writes."""

import base64
import json
import sys
from typing import Any

import hookseal


def answer(request: dict[str, Any]) -> dict[str, Any]:
    body = base64.b64decode(request["body"])
    webhook = hookseal.Webhook(request["secret"], provider=request["provider"])
    if request["do"] == "sign":
        options = {key: request[key] for key in ("id", "timestamp", "type", "url")}
        return {"headers": list(webhook.sign(body, **options).items())}
    event = webhook.verify(body, request["headers"], now=request["now"], url=request["url"])
    return {"event": describe(event)}


def describe(event: hookseal.Event) -> dict[str, Any]:
    try:
        data = event.data
    except hookseal.VerificationError:
        data = None
    return {
        "id": event.id,
        "type": event.type,
        "tenant": event.tenant,
        "timestamp": event.timestamp and round(event.timestamp.timestamp() * 1000),
        "data": data,
    }


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except hookseal.HooksealError as error:
        result = {"error": error.code}
    print(json.dumps(result), flush=True)

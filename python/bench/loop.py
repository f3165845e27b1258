"""What people write by hand: sign, post, keep nothing. `python bench/loop.py <url> <events> <at a time>`.

Prints what it used and requests per second: aiohttp on asyncio's own event loop.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
import uuid
from datetime import datetime, timezone

import aiohttp

KEY = bytes([7]) * 24
DATA = {"text": "x" * 900}


async def main(url: str, events: int, senders: int) -> None:
    left = events

    async def send(session: aiohttp.ClientSession) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            now = datetime.now(timezone.utc)
            body = json.dumps({"type": "bench", "timestamp": now.isoformat(), "data": DATA}).encode()
            message, timestamp = f"msg_{uuid.uuid4()}", str(int(now.timestamp()))
            signed = f"{message}.{timestamp}.".encode() + body
            signature = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
            headers = {
                "content-type": "application/json",
                "webhook-id": message,
                "webhook-timestamp": timestamp,
                "webhook-signature": f"v1,{signature}",
            }
            async with session.post(url, data=body, headers=headers) as response:
                await response.read()
                if response.status != 200:
                    raise RuntimeError(response.status)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=senders)) as session:
        begun = time.perf_counter()
        await asyncio.gather(*(send(session) for _ in range(senders)))
        print(f"aiohttp {events / (time.perf_counter() - begun):.1f}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))

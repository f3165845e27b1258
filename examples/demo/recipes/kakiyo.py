"""Kakiyo's recipe, from "Security" on its page, with Python's hmac and nothing of Hookseal.

The page has no code. It says: X-Kakiyo-Signature contains an HMAC-SHA256 signature of the JSON payload,
computed with the secret over the raw request body.
"""

import hashlib
import hmac
import os
from email.message import Message

from serve import serve

SECRET = os.environ["WEBHOOK_SECRET"]


def is_genuine(body: bytes, headers: Message) -> bool:
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-Kakiyo-Signature", ""))


serve(is_genuine)

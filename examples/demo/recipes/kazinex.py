"""Kazinex's recipe, from "Signature verification" on its page, with Python's hmac and nothing of Hookseal."""

import hashlib
import hmac
import os
from email.message import Message

from serve import serve

SECRET = os.environ["WEBHOOK_SECRET"]


def verify(payload_body: bytes, header: str, secret: str) -> bool:
    expected = hmac.new(secret.encode(), payload_body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, header.replace("sha256=", ""))


def is_genuine(body: bytes, headers: Message) -> bool:
    return verify(body, headers.get("X-Kazinex-Signature", ""), SECRET)


serve(is_genuine)

"""Receive what AWS SNS sends: signed by RSA, with a certificate that has to be fetched.

SNS_TOPIC=arn:aws:sns:us-east-1:123456789012:orders python examples/verifiers/sns.py

Needs fastapi, uvicorn and cryptography. Set the topic's SignatureVersion to 2; version 1 is SHA-1.
"""

import asyncio
import base64
import binascii
import http.client
import json
import os
import re
import socket
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hookseal import Event, HandshakeAnswer, VerificationError

# Who serves the certificate is who vouches for it, so nothing but these urls will do.
CERTIFICATE = re.compile(
    r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem"
)
CONFIRMATION = re.compile(r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?/\?[!-~]{1,4096}")
NAMES = re.compile(r"sns(\.[a-z0-9-]{3,30})?\.amazonaws\.com(\.cn)?")
SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": [
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ],
}
Fetch = Callable[[str], bytes]


def fetch(
    url: str, *, context: ssl.SSLContext | None = None, address: tuple[str, int] | None = None
) -> bytes:
    """Return what an https url has; the host's certificate is checked, and redirects are not followed.

    A test passes a ``context`` that trusts its own CA, and the ``address`` of its own server.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = http.client.HTTPSConnection(host, timeout=5)
    connection.sock = (context or ssl.create_default_context()).wrap_socket(
        socket.create_connection(address or (host, 443), timeout=5), server_hostname=host
    )
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        response = connection.getresponse()
        if response.status != 200:
            raise _refused(f"{host} has no such page: {response.status}.")
        return response.read(64 * 1024)
    finally:
        connection.close()


class SnsVerifier:
    """Verifies the messages of one's own topics, and confirms their subscriptions.

    Anybody can have a topic that AWS signs for, so the list of topics is what makes a message trusted. SNS
    sends no time with an attempt: a message that is older than ``tolerance`` is taken for a replay.
    """

    def __init__(
        self, topics: list[str], *, tolerance: timedelta = timedelta(hours=1), fetch: Fetch = fetch
    ) -> None:
        self._topics = frozenset(topics)
        self._tolerance = tolerance
        self._fetch = fetch
        self._keys: dict[str, rsa.RSAPublicKey] = {}

    async def verify(
        self, body: bytes, _headers: dict[str, str], /, *, url: str | None, method: str | None
    ) -> Event:
        """Return the event of a notification; its data are the text of the message."""
        message = await self._verified(body)
        if message["Type"] != "Notification":
            raise _refused("This is no notification.")
        return Event.trusted(
            body,
            id=message["MessageId"],
            type=message.get("Subject") or "Notification",
            timestamp=_time(message),
            tenant=message["TopicArn"],
            data="Message",
        )

    async def handshake(
        self, body: bytes, headers: dict[str, str], /, **_asked: str | None
    ) -> HandshakeAnswer | None:
        """Confirm a subscription to one of the topics: AWS wants its url to be called."""
        if headers.get("x-amz-sns-message-type") != "SubscriptionConfirmation":
            return None
        message = await self._verified(body)
        if message["Type"] != "SubscriptionConfirmation" or not CONFIRMATION.fullmatch(
            message["SubscribeURL"]
        ):
            raise _refused("This is no confirmation of AWS.")
        await asyncio.to_thread(self._fetch, message["SubscribeURL"])
        return HandshakeAnswer()

    async def _verified(self, body: bytes) -> dict[str, str]:
        message = _message(body)
        if message["TopicArn"] not in self._topics:
            raise _refused("The message is of another topic.")
        if message.get("SignatureVersion") != "2":
            raise _refused("The signature is of another version: set SignatureVersion of the topic to 2.")
        # Whatever is slow happens on another thread.
        key = await asyncio.to_thread(self._key, message.get("SigningCertURL", ""))
        signed = [name for name in SIGNED[message["Type"]] if name in message]
        text = "".join(f"{name}\n{message[name]}\n" for name in signed)
        try:
            signature = base64.b64decode(message.get("Signature", ""), validate=True)
            key.verify(signature, text.encode(), padding.PKCS1v15(), SHA256())
        except (binascii.Error, InvalidSignature, ValueError):
            raise _refused("The signature does not match.") from None
        age = datetime.now(timezone.utc) - _time(message)
        if age > self._tolerance:
            raise VerificationError("The message is too old.", "timestamp_too_old")
        if -age > timedelta(minutes=5):
            raise VerificationError("The message is from the future.", "timestamp_too_new")
        return message

    def _key(self, url: str) -> rsa.RSAPublicKey:
        if not CERTIFICATE.fullmatch(url):
            raise _refused("The certificate is not one of AWS.")
        if url not in self._keys:
            if len(self._keys) >= 100:
                self._keys.clear()
            self._keys[url] = _public_key(self._fetch(url))
        return self._keys[url]


def _public_key(pem: bytes) -> rsa.RSAPublicKey:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        hosts = names.get_values_for_type(x509.DNSName)
    except (ValueError, x509.ExtensionNotFound):
        raise _refused("The certificate can not be read.") from None
    now = datetime.now(timezone.utc)
    is_valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    key = certificate.public_key()
    if (
        not is_valid
        or not any(NAMES.fullmatch(host) for host in hosts)
        or not isinstance(key, rsa.RSAPublicKey)
    ):
        raise _refused("The certificate is not valid for SNS, or not now.")
    return key


def _message(body: bytes) -> dict[str, str]:
    try:
        message: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise VerificationError("The body is not JSON.", "invalid_payload") from None
    if not isinstance(message, dict) or message.get("Type") not in SIGNED:
        raise VerificationError("The body is no message of SNS.", "invalid_payload")
    needed = [name for name in SIGNED[message["Type"]] if name != "Subject"]
    texts = {name: value for name, value in message.items() if isinstance(value, str)}
    if not all(name in texts for name in needed) or ("Subject" in message and "Subject" not in texts):
        raise VerificationError("The message lacks a field.", "invalid_payload")
    return texts


def _time(message: dict[str, str]) -> datetime:
    try:
        return datetime.strptime(message["Timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise VerificationError("The timestamp is not one of SNS.", "malformed_timestamp") from None


def _refused(reason: str) -> VerificationError:
    return VerificationError(reason, "signature_mismatch")


def main() -> None:
    """Serve one topic."""
    import uvicorn
    from fastapi import Depends, FastAPI
    from hookseal.fastapi import answer_handshakes, verified

    app = FastAPI()
    answer_handshakes(app)
    event = Depends(verified(SnsVerifier([os.environ["SNS_TOPIC"]])))

    @app.post("/sns")
    async def receive(event: Event = event) -> None:
        print("accepted", event.id, event.data, flush=True)

    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))


if __name__ == "__main__":
    main()

"""Receive what is signed by a JWT over the hash of the body, with keys from a JWKS, as Plaid does it.

JWKS_URL=https://vendor.example/jwks.json python examples/verifiers/jwt_body.py

Needs fastapi, uvicorn and pyjwt[crypto].
"""

import asyncio
import hashlib
import hmac
import json
import os
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import jwt
from hookseal import Event, VerificationError

Fetch = Callable[[str], bytes]


def fetch(url: str) -> bytes:
    """Return what a url has."""
    with urllib.request.urlopen(url, timeout=5) as response:
        content: bytes = response.read(256 * 1024)
        return content


class JwtVerifier:
    """Verifies requests whose header holds an ES256 JWT with the body's SHA-256 among its claims.

    ``tolerance`` is in seconds, for both directions. Keys are fetched when one is asked for that is not
    known, and at most once in ``pause`` seconds: strangers choose which key they name.
    """

    def __init__(
        self,
        jwks_url: str,
        *,
        header: str = "plaid-verification",
        claim: str = "request_body_sha256",
        tolerance: float = 300,
        pause: float = 60,
        fetch: Fetch = fetch,
    ) -> None:
        self._url = jwks_url
        self._header = header
        self._claim = claim
        self._tolerance = tolerance
        self._pause = pause
        self._fetch = fetch
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(
        self, body: bytes, headers: dict[str, str], /, *, url: str | None, method: str | None
    ) -> Event:
        """Return the event of a request."""
        token = headers.get(self._header)
        if not token:
            raise VerificationError(f"The request has no {self._header} header.", "missing_header")
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            # The algorithm is ours to say: what the token claims is the oldest way to forge one.
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["ES256"],
                options={"require": ["iat", self._claim], "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            raise VerificationError("The token does not verify.", "signature_mismatch") from None
        self._check(body, claims)
        return _event(body, claims)

    def _check(self, body: bytes, claims: dict[str, Any]) -> None:
        digest = hashlib.sha256(body).hexdigest().encode()
        if not hmac.compare_digest(digest, str(claims[self._claim]).encode()):
            raise VerificationError("The token is of another body.", "signature_mismatch")
        issued = claims["iat"]
        if isinstance(issued, bool) or not isinstance(issued, int | float):
            raise VerificationError("The time of the token is no number.", "malformed_timestamp")
        age = time.time() - issued
        if age > self._tolerance:
            raise VerificationError("The token is too old.", "timestamp_too_old")
        if -age > self._tolerance:
            raise VerificationError("The token is from the future.", "timestamp_too_new")

    async def _key(self, kid: object) -> jwt.PyJWK:
        async with self._fetching:
            if kid not in self._keys and time.monotonic() - self._fetched >= self._pause:
                self._fetched = time.monotonic()
                content = await asyncio.to_thread(self._fetch, self._url)
                keys = [jwt.PyJWK.from_dict(key) for key in json.loads(content)["keys"]]
                self._keys = {key.key_id: key for key in keys if key.key_id is not None}
        if not isinstance(kid, str) or kid not in self._keys:
            raise jwt.InvalidTokenError("there is no such key")
        return self._keys[kid]


def _event(body: bytes, claims: dict[str, Any]) -> Event:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    kind = payload.get("webhook_code") if isinstance(payload, dict) else None
    return Event.trusted(
        body,
        type=kind if isinstance(kind, str) else None,
        timestamp=datetime.fromtimestamp(claims["iat"], timezone.utc),
    )


def main() -> None:
    """Serve what the keys of one vendor have signed."""
    import uvicorn
    from fastapi import Depends, FastAPI
    from hookseal.fastapi import verified

    app = FastAPI()
    event = Depends(verified(JwtVerifier(os.environ["JWKS_URL"])))

    @app.post("/hooks")
    async def receive(event: Event = event) -> None:
        print("accepted", event.type, event.data, flush=True)

    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))


if __name__ == "__main__":
    main()

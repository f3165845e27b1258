"""Describe a vendor that Hookseal does not know in a file, and use it like any other.

WEBHOOK_SECRET=acme_... python examples/own-provider.py
"""

import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hookseal import ConfigError, Provider, VerificationError, Webhook

secret = os.environ.get("WEBHOOK_SECRET")
if not secret:
    sys.exit("Set WEBHOOK_SECRET to a secret of the vendor's kind, here one that starts with acme_")

try:
    acme = Provider.load(Path(__file__).with_name("own-provider.toml"))
    webhook = Webhook(secret, provider=acme)
except ConfigError as error:
    sys.exit(f"{error.code}: {error}")

# The vendor's side: an event in its envelope, and the headers to send with it.
event = acme.example("parcel.shipped")
headers = webhook.sign(event.body)
print(event.body.decode())
print(headers)

# The receiver's side.
received = webhook.verify(event.body, headers)
print("accepted", received.type, received.data)

# And what the file says about time is kept to: five minutes later the same request is too old.
later = datetime.now(timezone.utc) + timedelta(minutes=6)
try:
    webhook.verify(event.body, headers, now=later)
except VerificationError as error:
    print("refused", error.code)

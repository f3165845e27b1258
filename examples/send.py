"""Send a webhook from Python: signed, delivered and, if need be, tried again.

WEBHOOK_SECRET=whsec_... python examples/send.py http://127.0.0.1:8000/webhooks
"""

import os
import sys

from hookseal import Client, Endpoint, HooksealError, Provider, RetryPolicy


def main() -> int:
    """Deliver one event of Standard Webhooks and show every attempt."""
    secret = os.environ.get("WEBHOOK_SECRET")
    if not secret:
        sys.exit("Set WEBHOOK_SECRET to the secret of the receiver, such as whsec_...")
    if len(sys.argv) != 2:
        sys.exit("Say where to: python examples/send.py http://127.0.0.1:8000/webhooks")

    # Customers must not make a sender call its own network, so both are off until somebody says otherwise.
    # Here the receiver is on this very machine.
    with Client(allow_http=True, allow_private=["127.0.0.0/8", "::1/128"]) as client:
        # Without `retry` it would be the provider's policy: nine retries within three days.
        endpoint = Endpoint(sys.argv[1], secret, retry=RetryPolicy([1, 2]))
        event = Provider.builtin("standard").event("invoice.paid", {"invoice": "in_42", "total": "19.90 EUR"})
        delivery = client.deliver(endpoint, event)

    for attempt in delivery.attempts:
        outcome = attempt.response_code or attempt.error
        print(f"attempt {attempt.number}: {outcome} after {attempt.duration_ms} ms")
    print(delivery.status, event.id)
    return 0 if delivery.delivered else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except HooksealError as error:
        sys.exit(f"{error.code}: {error}")

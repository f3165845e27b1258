"""The durable sender: sends one of WebKasa's booking events after the other until it is killed.

Its order is a line of JSON. What it prints when ``send`` has returned must arrive, whatever happens to it.
"""

import itertools
import json
import sys
import time

from hookseal import Provider, RetryPolicy, Sender

order = json.loads(sys.stdin.readline())
bookings = [event for event in Provider.builtin("webkasa").events if event.name.startswith("booking.")]

# Everything in the demo happens on this machine, without TLS.
with Sender(
    order["store"], provider="webkasa", allow_http=True, allow_private=True, concurrency=order["concurrency"]
) as sender:
    if not sender.endpoints.list().items:
        # WebKasa's own policy would wait for a minute before the first retry.
        retry = RetryPolicy([order["every"]] * 60)
        sender.endpoints.create(order["url"], secret=order["secret"], retry=retry)
    print("found", sender.stats().pending)

    # Goes on where the last process stopped: what that was about to send is sent again, under the same id.
    for number in itertools.islice(itertools.count(order["first"]), order["sends"]):
        event = bookings[number % len(bookings)]
        data = {**event.example, "id": f"bk_{number:04}"}
        message = sender.send(event.name, data, id=f"wh_evt_{number:04}")
        print("stored", message.type, message.id)
        time.sleep(0.001)  # or there would be thousands where disks are fast

    if sender.wait_idle(10):
        print("idle")

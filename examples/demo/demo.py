"""Four vendors' webhooks, sent and received for real: ``make demo``.

Every vendor's example events go over HTTP to receivers in processes of their own. One verifies with nothing
but the recipe on the vendor's page, the others with Hookseal in Python, Node and Rust. Some receivers fail,
some requests are forged, a durable sender is killed twice and a durable receiver once. The demo knows what
has to come of each, and exits with 0 only if it did.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path

from hookseal import Provider, Secret

from attacks import attack
from checks import Checks
from children import Children, DemoError
from crashes import Crashes, free_port
from restarts import Restarts
from screen import Screen
from senders import NodeSender, PythonSender, Sender, Try
from story import Receiver, Vendor

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", EXAMPLES.parent / "target"))

# Receivers with Hookseal are the examples, as they stand.
HOOKSEAL = {
    "FastAPI": ("Python", [sys.executable, str(EXAMPLES / "receive-fastapi" / "app.py")]),
    "Express": ("Node", ["node", str(EXAMPLES / "receive-express" / "app.mjs")]),
    "Axum": ("Rust", [str(TARGET / "release" / "receive-axum")]),
}
INBOX = ("Express", "Node", ["node", str(EXAMPLES / "receive-inbox-express" / "app.mjs")])
RECIPES = {
    "kagibag": ("Node", ["node", str(HERE / "recipes" / "kagibag.mjs")]),
    "webkasa": ("Node", ["node", str(HERE / "recipes" / "webkasa.mjs")]),
    "kazinex": ("Python", [sys.executable, str(HERE / "recipes" / "kazinex.py")]),
    "kakiyo": ("Python", [sys.executable, str(HERE / "recipes" / "kakiyo.py")]),
}
# How many requests the recipe's receiver fails first.
FAILING = {"kazinex": 1, "kakiyo": 2}
# How long the handler of the receiver with an inbox takes.
HANDLING = 0.4
PATIENCE = 15.0


async def demo() -> int:
    """Tell the whole story once; 0 if it went as it has to."""
    began = time.monotonic()
    checks = Checks()
    async with Children() as children:
        python = PythonSender()
        sender_in_node = children.add("The sender in Node", ["node", str(HERE / "sender.mjs")], {})
        node = NodeSender(sender_in_node)
        vendors = [
            vendor_of(children, "kagibag", "FastAPI", "Axum"),
            vendor_of(children, "webkasa", "Express", "Axum"),
            vendor_of(children, "kazinex", "Express"),
            vendor_of(children, "kakiyo", "FastAPI"),
        ]
        standard = with_hookseal(children, Provider.builtin("standard"), "Axum")
        receivers = [*(receiver for vendor in vendors for receiver in vendor.receivers), standard]
        first, second = with_inbox(children)

        senders: list[Sender] = [python, node]
        screen = Screen(senders)
        screen.opening(len(receivers))
        async with screen.live(screen.starting):
            for child in [sender_in_node, *(receiver.child for receiver in [*receivers, first])]:
                await children.start(child)
            for receiver in [*receivers, first]:
                receiver.url = await receiver.child.url()

        deliveries = [asyncio.create_task(deliver(vendor, senders, python)) for vendor in vendors]
        try:
            waiting = list(vendors)
            async with screen.live(lambda: screen.waiting(waiting)):
                for vendor, delivery in zip(vendors, deliveries, strict=True):
                    await settled(vendor, delivery)
                    waiting.remove(vendor)
                    screen.show(screen.vendor(vendor))
        finally:
            for delivery in deliveries:
                delivery.cancel()
            await asyncio.gather(*deliveries, return_exceptions=True)

        for vendor in vendors:
            checks.by_hand(vendor)
            for receiver in vendor.receivers:
                failing = FAILING.get(vendor.provider.id, 0) if receiver.how == "recipe" else 0
                await checks.deliveries(vendor, receiver, failing)
                if failing:
                    checks.same_bytes(receiver, vendor.types[0])

        refusals = await attack(vendors, standard, checks)
        screen.show(screen.refusals(refusals))

        crashes = Crashes(children, down(children), checks)
        restarts = Restarts(children, first, second, HANDLING, checks)
        async with screen.live(lambda: screen.killing(crashes.killed, restarts.kept)):
            await together(crashes.happen(), restarts.happen())
        screen.show(screen.killed(crashes.killed))
        screen.show(screen.kept(restarts.kept))
        screen.closing(vendors, refusals, crashes.killed, checks, time.monotonic() - began)
    return 1 if checks.broken else 0


def vendor_of(children: Children, id: str, *frameworks: str) -> Vendor:
    """A vendor with its receivers: its own recipe first, then Hookseal."""
    provider = Provider.builtin(id)
    language, command = RECIPES[id]
    environment = {"WEBHOOK_SECRET": secret(id), "FAIL_FIRST": str(FAILING.get(id, 0))}
    child = children.add(f"{provider.name} recipe", command, environment)
    recipe = Receiver("recipe", language, child, environment["WEBHOOK_SECRET"])
    return Vendor(provider, [recipe, *(with_hookseal(children, provider, how) for how in frameworks)])


def down(children: Children) -> Receiver:
    """A receiver that is not started yet: its url is known already."""
    port = free_port()
    receiver = with_hookseal(children, Provider.builtin("webkasa"), "Axum", port)
    receiver.url = f"http://127.0.0.1:{port}/webhooks"
    return receiver


def with_hookseal(children: Children, provider: Provider, how: str, port: int = 0) -> Receiver:
    """A receiver that verifies with Hookseal."""
    language, command = HOOKSEAL[how]
    environment = {"WEBHOOK_SECRET": secret(provider.id), "WEBHOOK_PROVIDER": provider.id, "PORT": str(port)}
    name = f"{provider.name.removesuffix(' Webhooks')} {how}"
    return Receiver(how, language, children.add(name, command, environment), environment["WEBHOOK_SECRET"])


def with_inbox(children: Children) -> list[Receiver]:
    """A receiver with an inbox, and the same once more: what is started after the first was killed."""
    how, language, command = INBOX
    environment = {
        "WEBHOOK_SECRET": secret("webkasa"),
        "WEBHOOK_PROVIDER": "webkasa",
        "HOOKSEAL_INBOX": f"sqlite:{children.folder / 'inbox.db'}",
        "HANDLER_SECONDS": str(HANDLING),
        "PORT": "0",
    }
    lives = (
        children.add(f"The inbox in {how}, {life} life", command, environment) for life in ("first", "second")
    )
    return [Receiver(how, language, child, environment["WEBHOOK_SECRET"]) for child in lives]


def secret(id: str) -> str:
    """An endpoint's own secret. Kazinex has its customers choose one, the others make it."""
    return "a random string you choose: 7 tin owls" if id == "kazinex" else Secret.generate(id).expose()


async def deliver(vendor: Vendor, senders: list[Sender], python: PythonSender) -> None:
    """Send a vendor's events to all its receivers, to each of them one after the other."""

    async def to(receiver: Receiver) -> None:
        for nth, type in enumerate(vendor.types):
            sender = senders[nth % len(senders)]
            tries = await sender.deliver(vendor.provider, type, receiver.url, receiver.secret)
            if not vendor.delays and tries[-1].code != 200:
                tries += await by_hand(receiver, type)
            receiver.tries[type] = tries

    async def by_hand(receiver: Receiver, type: str) -> list[Try]:
        vendor.by_hand.add(type)
        return await python.deliver(vendor.provider, type, receiver.url, receiver.secret)

    await asyncio.gather(*map(to, vendor.receivers))


async def together(*stories: Coroutine[None, None, None]) -> None:
    """Tell several stories at once; where one breaks off, so do the others."""
    tasks = [asyncio.create_task(story) for story in stories]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def settled(vendor: Vendor, delivery: asyncio.Task[None]) -> None:
    """Wait for a vendor's deliveries, but not as long as some vendors' retries take."""
    try:
        await asyncio.wait_for(delivery, PATIENCE)
    except asyncio.TimeoutError:
        late = [
            f"{type} to {receiver.title}"
            for receiver in vendor.receivers
            for type in vendor.types
            if type not in receiver.tries
        ]
        raise DemoError(f"Not delivered within {PATIENCE:.0f} s: {', '.join(late)}.") from None


async def main() -> int:
    """Run the demo, until its end or until somebody has enough of it."""
    story = asyncio.ensure_future(demo())
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(AttributeError, NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), story.cancel)
    try:
        return await story
    except DemoError as error:
        return complain(str(error), 1)
    except asyncio.CancelledError:
        return complain("Interrupted; all receivers are stopped.", 130)


def complain(message: str, code: int) -> int:
    """Say why there is no happy end."""
    print(f"\n{message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

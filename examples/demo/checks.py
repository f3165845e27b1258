"""What has to come of the demo. A table that looks right proves nothing; this does."""

from __future__ import annotations

from children import DemoError
from senders import Try
from story import Killed, Receiver, Refusal, Vendor


class Checks:
    """Counts the expectations that held, and keeps a sentence for each that did not."""

    def __init__(self) -> None:
        self.held = 0
        self.broken: list[str] = []

    def that(self, holds: bool, expected: str, came: object) -> None:
        """``expected`` reads on after "Expected"."""
        if holds:
            self.held += 1
        else:
            self.broken.append(f"Expected {expected}; it came to {came}.")

    async def deliveries(self, vendor: Vendor, receiver: Receiver, failing: int) -> None:
        """Every event arrived, and only the first one met a receiver that failed first, ``failing`` times."""
        for nth, type in enumerate(vendor.types):
            event = f"{type} at {receiver.title}"
            expected = [503] * (failing if nth == 0 else 0) + [200]
            tries = receiver.tries.get(type, [])
            codes = [one.code or one.error for one in tries]
            self.that(codes == expected, f"{event} to be answered {expected}", codes)
            self._schedule(vendor, event, tries)
            # The receiver's word besides the sender's: it saw this event, once, and found it genuine.
            await self._log(receiver, f"accepted {type}", event)
            accepted = [line for _, line in receiver.child.lines if line.split()[:2] == ["accepted", type]]
            self.that(len(accepted) == 1, f"{event} to be accepted once", f"{len(accepted)} times")

    def by_hand(self, vendor: Vendor) -> None:
        """Without automatic retries the failed delivery, and no other, had to be sent again by hand."""
        expected = set() if vendor.delays else {vendor.types[0]}
        name = vendor.provider.name
        self.that(vendor.by_hand == expected, f"{name}'s {expected} to be sent again by hand", vendor.by_hand)

    def same_bytes(self, receiver: Receiver, type: str) -> None:
        """An event that was sent several times was the same each time."""
        lines = [line.split() for _, line in receiver.child.lines]
        digests = [words[2] for words in lines if words[:2] in (["busy", type], ["accepted", type])]
        event = f"{type} at {receiver.title}"
        self.that(len(digests) > 1, f"{event} to be sent several times", f"{len(digests)} requests")
        self.that(len(set(digests)) == 1, f"{event} to have the same bytes every time", digests)

    async def refusal(self, refusal: Refusal, receiver: Receiver, since: int, code: int, log: str) -> None:
        """A request was answered, and logged by its receiver, as it has to be."""
        request = f'the request "{refusal.what}" at {receiver.title}'
        self.that(refusal.code == code, f"{request} to be answered {code}", refusal.code)
        await self._log(receiver, log, request, since)

    def nothing_lost(self, killed: Killed) -> None:
        """Everything that was stored arrived, unchanged in type and id, and little of it twice."""
        stored, accepted = killed.stored, killed.accepted
        lost, repeated = sorted(killed.lost), killed.repeated
        self.that(len(set(stored)) == len(stored), "every send() to return an id of its own", sorted(stored))
        self.that(not lost, "every event whose send() returned to arrive", f"{len(lost)} lost: {lost[:3]}")
        unknown = sorted(set(accepted) - set(stored))
        self.that(not unknown, "nothing else to arrive", f"{len(unknown)}: {unknown[:3]}")
        few = repeated <= killed.at_most
        self.that(few, f"at most {killed.at_most} events to arrive once more", repeated)
        refused = [line for _, line in killed.receiver.child.lines if line.startswith("refused")]
        self.that(not refused, "every event of the durable sender to be verified", refused[:3])

    async def _log(self, receiver: Receiver, log: str, request: str, since: int = 0) -> None:
        wanted = log.split()
        try:
            await receiver.child.line(
                lambda line: line.split()[: len(wanted)] == wanted, "log it", 1.0, since
            )
        except DemoError:
            logged = [line for _, line in receiver.child.lines[since:]][-3:]
            self.that(False, f'{request} to be logged as "{log}"', f"{logged} in its log")
        else:
            self.held += 1

    def _schedule(self, vendor: Vendor, event: str, tries: list[Try]) -> None:
        """Delays run from the end of an attempt, are never cut short, and not much exceeded."""
        if len(tries) - 1 > len(vendor.delays):
            return  # sent again by hand
        for delay, before, after in zip(vendor.delays, tries, tries[1:], strict=False):
            waited = after.at - before.end
            kept = delay - CLOCKS_DIFFER <= waited <= delay + 1
            self.that(kept, f"{event} to be tried again after {delay:g} s", f"{waited:.2f} s")


CLOCKS_DIFFER = 0.005
"""Start and duration of an attempt are measured by different clocks."""

"""Save a booking and send its event in one transaction, with SQLAlchemy: both are committed, or neither is.

DATABASE_URL=postgresql://... python examples/postgres/book.py "Room 7" "Mina Okafor"
"""

import os
import sys

from sqlalchemy import JSON, UniqueConstraint, cast, create_engine, func, make_url, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """The application's own tables."""


class Booking(Base):
    """Who is in which room. That a room is taken is noticed last of all, when all is committed."""

    __tablename__ = "booking"
    __table_args__ = (UniqueConstraint("room", deferrable=True, initially="DEFERRED"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[str] = mapped_column()
    guest: Mapped[str] = mapped_column()


def book(session: Session, room: str, guest: str) -> str:
    """Book a room and tell the customer about it; the event's id."""
    booking = Booking(room=room, guest=guest)
    session.add(booking)
    session.flush()
    data = cast({"id": booking.id, "room": room, "guest": guest}, JSON)
    # An id that follows from the booking's: to send the event once more would be to send the same one.
    send = func.hookseal.hookseal_send("booking.created", data, f"booking-created-{booking.id}", "acme")
    return str(session.scalar(select(send)))


def main() -> None:
    """Book what the command line says."""
    if len(sys.argv) != 3 or "DATABASE_URL" not in os.environ:
        sys.exit('Set DATABASE_URL, and say what to book: book.py "Room 7" "Mina Okafor"')
    engine = create_engine(make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"))
    Base.metadata.create_all(engine)
    try:
        with Session(engine) as session, session.begin():
            event = book(session, *sys.argv[1:])
    except IntegrityError:
        # The event was rolled back with the booking: nobody hears of it.
        sys.exit(f"{sys.argv[1]} is taken.")
    print("sent", event)


if __name__ == "__main__":
    main()

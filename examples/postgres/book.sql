-- Save a booking and send its event in one transaction, with psql: both are committed, or neither is.
--
--   psql "$DATABASE_URL" -v room='Room 7' -v guest='Mina Okafor' -f examples/postgres/book.sql
\set ON_ERROR_STOP on
\set QUIET on
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;

-- Who is in which room. That a room is taken is noticed last of all: when the transaction is committed.
CREATE TABLE IF NOT EXISTS booking (
    id serial PRIMARY KEY,
    room text NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED,
    guest text NOT NULL
);

BEGIN;
INSERT INTO booking (room, guest) VALUES (:'room', :'guest') RETURNING id AS booking \gset
-- An id that follows from the booking's: to send the event once more would be to send the same one.
SELECT 'sent ' || hookseal.hookseal_send(
    'booking.created',
    json_build_object('id', :booking, 'room', :'room', 'guest', :'guest'),
    id => 'booking-created-' || :'booking',
    tenant => 'acme');
COMMIT;

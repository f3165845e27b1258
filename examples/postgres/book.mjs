// Save a booking and send its event in one transaction, with Knex: both are committed, or neither is.
//
//   DATABASE_URL=postgresql://... node examples/postgres/book.mjs "Room 7" "Mina Okafor"
import knex from 'knex'

const [room, guest] = process.argv.slice(2)
const { DATABASE_URL } = process.env
if (!DATABASE_URL || !room || !guest) {
  console.error('Set DATABASE_URL, and say what to book: book.mjs "Room 7" "Mina Okafor"')
  process.exit(1)
}

const database = knex({ client: 'pg', connection: DATABASE_URL })
try {
  await createTable()
  const event = await database.transaction((transaction) => book(transaction, room, guest))
  console.log(`sent ${event}`)
} catch (error) {
  if (error.code !== '23505') throw error
  // The event was rolled back with the booking: nobody hears of it.
  console.error(`${room} is taken.`)
  process.exitCode = 1
} finally {
  await database.destroy()
}

/** Books a room and tells the customer about it; the event's id. */
async function book(transaction, room, guest) {
  const [{ id }] = await transaction('booking').insert({ room, guest }).returning('id')
  // An id that follows from the booking's: to send the event once more would be to send the same one.
  const values = ['booking.created', JSON.stringify({ id, room, guest }), `booking-created-${id}`, 'acme']
  const { rows } = await transaction.raw('SELECT hookseal.hookseal_send(?, ?, ?, ?) AS event', values)
  return rows[0].event
}

/** Who is in which room. That a room is taken is noticed last of all: when the transaction is committed. */
async function createTable() {
  if (await database.schema.hasTable('booking')) return
  await database.schema.createTable('booking', (table) => {
    table.increments('id')
    table.text('room').notNullable().unique({ deferrable: 'deferred' })
    table.text('guest').notNullable()
  })
}

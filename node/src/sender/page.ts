import { count, options as checked } from '../check.js'
import { invalidArgument } from '../errors.js'
import { optionalId } from './arguments.js'

export interface PageOptions {
  /** Where the page begins: the `cursor` of the one before. */
  cursor?: number
  /** How many items at most; 100 if not given. */
  limit?: number
}

/** Some of the items of a list. */
export interface Page<Item> {
  items: Item[]
  /** Where the next page begins; absent on the last one. */
  cursor: number | undefined
}

/** @internal */
export async function page<Row, Item extends { id: number }>(
  options: PageOptions | undefined,
  read: (cursor: number | undefined, limit: number) => Promise<Row[]>,
  dressed: (row: Row) => Item,
): Promise<Page<Item>> {
  const { cursor, limit = 100 } = checked(options)
  const most = count(limit, 'limit')
  if (most === 0) throw invalidArgument('limit must be at least 1.')
  // One more than asked for tells whether there is a next page.
  const rows = await read(optionalId(cursor, 'cursor'), most + 1)
  const items = rows.slice(0, most).map(dressed)
  return { items, cursor: rows.length > most ? items.at(-1)?.id : undefined }
}

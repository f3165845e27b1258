import { count, options as checked } from '../check.js'
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
export async function page<Row, Item>(
  options: PageOptions | undefined,
  read: (cursor: number | undefined, limit: number) => Promise<{ items: Row[]; cursor?: number }>,
  dressed: (row: Row) => Item,
): Promise<Page<Item>> {
  const { cursor, limit = 100 } = checked(options)
  const found = await read(optionalId(cursor, 'cursor'), count(limit, 'limit'))
  return { items: found.items.map(dressed), cursor: found.cursor }
}

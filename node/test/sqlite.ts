// Another SQLite in this process: Node's own where it has one, or the package with the same interface.
/** For the scripts of children too. */
export const OTHER_SQLITE = process.getBuiltinModule?.('node:sqlite')
  ? 'node:sqlite'
  : '@photostructure/sqlite'

const { DatabaseSync } = require(OTHER_SQLITE) as typeof import('@photostructure/sqlite')

export function opened(file: string) {
  return new DatabaseSync(file, { timeout: 5000 })
}

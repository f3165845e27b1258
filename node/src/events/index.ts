// The typed events of the providers whose file has a catalog. Made from those files.
import type * as kagibag from './kagibag.js'
import type * as kakiyo from './kakiyo.js'
import type * as kazinex from './kazinex.js'
import type * as webkasa from './webkasa.js'

export type { kagibag, kakiyo, kazinex, webkasa }

/** What `verify` returns, by the provider's name. */
export interface Catalogs {
  kagibag: kagibag.Event
  kakiyo: kakiyo.Event
  kazinex: kazinex.Event
  webkasa: webkasa.Event
}

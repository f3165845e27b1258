/** Typed events of the providers whose file has a catalog: `webkasa.Event`, `webkasa.BookingCreated` … */
export type * from './events/index.js'

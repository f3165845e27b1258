import native = require('../native.js')
import { answered } from './answer.js'
import { id as checkedId } from './arguments.js'

/** A long job: delivering again what failed. It goes on in the background, across restarts too. */
export interface Job {
  id: number
  /** It covers what failed at or after this time. */
  since: Date
  createdAt: Date
  /** How many deliveries it covers. */
  total: number
  /** How many of them it has dealt with. */
  done: number
  /** How many it delivers again. */
  retried: number
  /** How many it passed over: reached by a retry since, or without body or active endpoint. */
  skipped: number
  finished: boolean
}

/** Long jobs of a sender. */
export class Jobs {
  readonly #native: native.Sender

  /** @internal */
  constructor(sender: native.Sender) {
    this.#native = sender
  }

  /**
   * How far a job is.
   *
   * @throws ConfigError `not_found`
   */
  async get(id: number): Promise<Job> {
    return job(await answered(() => this.#native.job(checkedId(id, 'id'))))
  }
}

/** @internal */
export function job(job: native.Job): Job {
  return { ...job, since: new Date(job.since), createdAt: new Date(job.createdAt) }
}

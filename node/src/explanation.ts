import type { ErrorCode } from './errors.js'
import native = require('./native.js')

/** The stable codes of what `explain` finds, the same in every language. */
export type FindingCode =
  | 'body_reserialized'
  | 'body_newline'
  | 'body_line_endings'
  | 'body_bom'
  | 'body_charset'
  | 'body_lossy'
  | 'body_double_encoded'
  | 'body_base64'
  | 'body_compressed'
  | 'body_decompressed'
  | 'body_form'
  | 'body_empty'
  | 'body_length'
  | 'body_changed'
  | 'secret_encoding'
  | 'secret_characters'
  | 'secret_other'
  | 'secret_kind'
  | 'secret_environment'
  | 'secret_unknown'
  | 'header_missing'
  | 'header_renamed'
  | 'header_merged'
  | 'header_duplicated'
  | 'header_malformed'
  | 'signature_form'
  | 'signature_encoding'
  | 'signature_altered'
  | 'signature_length'
  | 'signature_algorithm'
  | 'signed_template'
  | 'wrong_provider'
  | 'unsigned_delivery'
  | 'handshake_request'
  | 'url_missing'
  | 'url_scheme'
  | 'url_host'
  | 'url_path'
  | 'url_query'
  | 'method_differs'
  | 'timestamp_unit'
  | 'timestamp_form'
  | 'timestamp_old'
  | 'timestamp_future'
  | 'timestamp_timezone'
  | 'clock_skew'
  | 'not_examined'

/** The web framework whose remedies `explain` names. */
export type Framework =
  | 'express'
  | 'fastify'
  | 'koa'
  | 'nest'
  | 'web'
  | 'lambda'
  | 'fastapi'
  | 'starlette'
  | 'flask'
  | 'django'
  | 'asgi'
  | 'wsgi'
  | 'axum'
  | 'ktor'
  | 'spring'

/** How sure a finding is: `certain` was tried and the signature is right then, or the request shows it. */
export type Certainty = 'certain' | 'likely' | 'possible'

/** One thing that was found about a request. */
export interface Finding {
  /** What it is, for programs; `findings` lists the codes. */
  readonly code: FindingCode
  readonly certainty: Certainty
  /** What is so. */
  readonly what: string
  /** What to do about it. */
  readonly remedy: string
}

/**
 * Why a request does not verify: for its developer, never for whoever sent it. It holds no secret, no signature and
 * nothing that the body says, and it turns no refusal into success.
 */
export class Explanation {
  /** The id of the provider that it was verified as. */
  readonly provider: string
  /** What `verify` says. */
  readonly verdict: 'verified' | 'refused'
  /** The code of the error that `verify` throws, if it does. */
  readonly code: ErrorCode | undefined
  /** The message of that error. */
  readonly message: string | undefined
  /** What was found, the surest first. */
  readonly findings: readonly Finding[]
  readonly #texts: readonly string[]

  /** @internal */
  constructor(explanation: native.Explanation) {
    this.provider = explanation.provider
    this.verdict = explanation.verdict
    this.code = explanation.code as ErrorCode | undefined
    this.message = explanation.message
    this.findings = explanation.findings as Finding[]
    this.#texts = explanation.texts
  }

  /** Several lines for a terminal, with ANSI colours or, as `toString()` has them, without. */
  toText(options: { color?: boolean } = {}): string {
    return this.#texts[options.color === true ? 1 : 0]!
  }

  toString(): string {
    return this.toText()
  }

  /** What `JSON.stringify` writes. */
  toJSON(): object {
    const { provider, verdict, code, message, findings } = this
    return { provider, verdict, code: code ?? null, message: message ?? null, findings }
  }
}

/** Every code of what `explain` finds, with one sentence on what it means. */
export const findings: Readonly<Record<FindingCode, string>> = Object.freeze(
  Object.fromEntries(native.findingCodes().map(({ code, sentence }) => [code, sentence])) as Record<
    FindingCode,
    string
  >,
)

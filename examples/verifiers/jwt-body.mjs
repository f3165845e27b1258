// Receive what is signed by a JWT over the hash of the body, with keys from a JWKS, as Plaid and others do it.
//
//   JWKS_URL=https://vendor.example/jwks.json node examples/verifiers/jwt-body.mjs
import { createHash, timingSafeEqual } from 'node:crypto'
import { pathToFileURL } from 'node:url'

import express from 'express'
import { Event, VerificationError } from 'hookseal'
import { verified } from 'hookseal/express'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

/**
 * Verifies requests whose header holds an ES256 JWT with the body's SHA-256 among its claims. `tolerance` is in seconds,
 * for both directions. jose fetches the keys when one is asked for that is not known, and not more often than every 30 s.
 */
export class JwtVerifier {
  #keys
  #header
  #claim
  #tolerance

  constructor(
    jwksUrl,
    { header = 'plaid-verification', claim = 'request_body_sha256', tolerance = 300 } = {},
  ) {
    this.#keys = createRemoteJWKSet(new URL(jwksUrl))
    this.#header = header
    this.#claim = claim
    this.#tolerance = tolerance
  }

  /** The event of a request. */
  async verify(body, headers) {
    const token = headers[this.#header]
    if (!token) throw new VerificationError('missing_header', `The request has no ${this.#header} header.`)
    const claims = await this.#claims(token)
    this.#check(body, claims)
    return Event.trusted(body, { type: typeOf(body), timestamp: claims.iat })
  }

  async #claims(token) {
    try {
      // The algorithm is ours to say: what the token claims is the oldest way to forge one.
      const options = { algorithms: ['ES256'], requiredClaims: ['iat', this.#claim] }
      return (await jwtVerify(token, this.#keys, options)).payload
    } catch (error) {
      // That the keys can not be fetched is no fault of the request.
      const isFetching = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'].includes(error.code)
      if (!(error instanceof errors.JOSEError) || isFetching) throw error
      throw new VerificationError('signature_mismatch', 'The token does not verify.')
    }
  }

  #check(body, claims) {
    const digest = createHash('sha256').update(body).digest()
    const claimed = Buffer.from(String(claims[this.#claim]), 'hex')
    if (claimed.length !== digest.length || !timingSafeEqual(claimed, digest)) {
      throw new VerificationError('signature_mismatch', 'The token is of another body.')
    }
    const age = Date.now() / 1000 - claims.iat
    if (age > this.#tolerance) throw new VerificationError('timestamp_too_old', 'The token is too old.')
    if (-age > this.#tolerance) {
      throw new VerificationError('timestamp_too_new', 'The token is from the future.')
    }
  }
}

function typeOf(body) {
  try {
    const { webhook_code: type } = JSON.parse(Buffer.from(body).toString())
    return typeof type === 'string' ? type : undefined
  } catch {
    return undefined
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { JWKS_URL, PORT = '8000' } = process.env
  const receive = verified(new JwtVerifier(JWKS_URL), (event, _request, response) => {
    console.log('accepted', event.type, event.data)
    response.sendStatus(200)
  })
  express().post('/hooks', receive).listen(Number(PORT), '127.0.0.1')
}

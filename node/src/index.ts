export { Client, type Attempt, type ClientOptions, type Delivery, type DeliverOptions } from './client.js'
export { Endpoint, type EndpointOptions } from './endpoint.js'
export {
  ConfigError,
  DeliveryError,
  HooksealError,
  StoreError,
  VerificationError,
  errors,
  type ErrorCode,
} from './errors.js'
export { Event } from './event.js'
export { type RequestHeaders } from './headers.js'
export { Provider, providers, type EventOptions, type EventType } from './provider.js'
export {
  RetryPolicy,
  type ExponentialOptions,
  type Next,
  type NextOptions,
  type RetryOptions,
} from './retry.js'
export { Secret } from './secret.js'
export { type Instant } from './time.js'
export { type Body } from './body.js'
export {
  Webhook,
  type SignOptions,
  type Tolerance,
  type VerifyOptions,
  type WebhookOptions,
} from './webhook.js'

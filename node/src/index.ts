export { Client, type Attempt, type ClientOptions, type Delivery, type DeliverOptions } from './client.js'
export { type Claim, Deduplicator, type DeduplicatorOptions, type Once } from './deduplicator.js'
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
export { Event, type TrustedFacts, type TypedEvent, type UnlistedEvent } from './event.js'
export {
  Explanation,
  findings,
  type Certainty,
  type Finding,
  type FindingCode,
  type Framework,
} from './explanation.js'
export { type HandshakeAnswer, type HandshakeOptions } from './handshake.js'
export { type RequestHeaders } from './headers.js'
export { Provider, providers, type EventOptions, type EventType, type SignatureForm } from './provider.js'
export { Inbox, type InboxReceiveOptions, type Prepared, type Receipt } from './inbox.js'
export {
  type EventDetail,
  type EventExportOptions,
  type EventFilter,
  type EventJobs,
  type EventListOptions,
  type EventStatus,
  type Events,
  type StoredEvent,
  type StoredTry,
} from './inbox/events.js'
export { Discard, RetryIn, type EventHandler, type Handling } from './inbox/handlers.js'
export { type EventNotice, type EventNoticeCallback, type EventNoticeKind } from './inbox/notices.js'
export { type EventRetention, type InboxOptions } from './inbox/options.js'
export { type InboxStats } from './inbox/stats.js'
export {
  RetryPolicy,
  type ExponentialOptions,
  type Next,
  type NextOptions,
  type RetryOptions,
} from './retry.js'
export { Secret } from './secret.js'
export { Sender, type ExportOptions, type WaitIdleOptions, type WaitOptions } from './sender.js'
export { type Patterns } from './sender/arguments.js'
export {
  type Deliveries,
  type DeliveryDetail,
  type DeliveryFilter,
  type DeliveryListOptions,
  type DeliveryStatus,
  type ResponseClass,
  type RetryFilter,
  type StoredAttempt,
  type StoredDelivery,
} from './sender/deliveries.js'
export {
  type CreatedEndpoint,
  type EndpointChanges,
  type EndpointListOptions,
  type EndpointSettings,
  type Endpoints,
  type NewEndpoint,
  type RotateOptions,
  type StoredEndpoint,
} from './sender/endpoints.js'
export { type Job, type Jobs } from './sender/jobs.js'
export {
  type Message,
  type MessageOptions,
  type Messages,
  type NewMessage,
  type SendOptions,
  type StoredMessage,
} from './sender/messages.js'
export { type Notice, type NoticeCallback, type NoticeKind } from './sender/notices.js'
export { type Retention, type SenderOptions } from './sender/options.js'
export { type Page, type PageOptions } from './sender/page.js'
export { type Stats, type Usage, type UsageOptions } from './sender/stats.js'
export { type TestOptions, type TestResult } from './sender/trial.js'
export { type Instant } from './time.js'
export {
  type Chosen,
  type ReceiveOptions,
  type Verifier,
  type VerifierOptions,
  type VerifierSource,
} from './receiver.js'
export { type Body } from './body.js'
export {
  Webhook,
  type EventOf,
  type ExplainOptions,
  type SignOptions,
  type Tolerance,
  type VerifyOptions,
  type WebhookOptions,
} from './webhook.js'

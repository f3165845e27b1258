extension HooksealError {
    /// The stable codes of all errors, the same in every language.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// A header that the provider always sends is absent or empty.
        case missingHeader = "missing_header"
        /// A header is not of the provider's form, is too long, or was sent twice with different values.
        case malformedHeader = "malformed_header"
        /// No signature matches: the body, the secret or the signature is not the sender's.
        case signatureMismatch = "signature_mismatch"
        /// The signature is right, but its timestamp is older than the tolerance: a replay, or a slow clock at the
        /// sender.
        case timestampTooOld = "timestamp_too_old"
        /// The signature is right, but its timestamp lies further in the future than the tolerance.
        case timestampTooNew = "timestamp_too_new"
        /// The timestamp is not of the provider's form.
        case malformedTimestamp = "malformed_timestamp"
        /// This event was received before.
        case duplicateEvent = "duplicate_event"
        /// This event is being handled already, and nobody knows yet whether that will succeed: come back later.
        case eventInProgress = "event_in_progress"
        /// The body is not the JSON that was asked for.
        case invalidPayload = "invalid_payload"
        /// The body of the request is larger than the receiver's limit.
        case requestTooLarge = "request_too_large"
        /// The secret is empty or is not a key of the kind the provider uses.
        case invalidSecret = "invalid_secret"
        /// No built-in provider has this name.
        case unknownProvider = "unknown_provider"
        /// A provider file does not describe a provider.
        case invalidProvider = "invalid_provider"
        /// An argument has the wrong type or a value that makes no sense.
        case invalidArgument = "invalid_argument"
        /// The url is not one that events may be delivered to.
        case invalidURL = "invalid_url"
        /// What was asked for contradicts what is stored: the same id with other content, or a change based on an
        /// old version.
        case conflict = "conflict"
        /// There is no such endpoint, delivery, message or job, or it has been removed.
        case notFound = "not_found"
        /// The client or sender was closed.
        case closed = "closed"
        /// The body is larger than the sender's limit.
        case payloadTooLarge = "payload_too_large"
        /// The provider has no event of this type, and the sender was told to be strict.
        case unknownEventType = "unknown_event_type"
        /// The host is, or resolves to, an address that events may not be delivered to.
        case blockedAddress = "blocked_address"
        /// The host's name could not be resolved.
        case dnsFailed = "dns_failed"
        /// No connection to the host could be made.
        case connectFailed = "connect_failed"
        /// The TLS handshake failed or the certificate is not trusted.
        case tlsFailed = "tls_failed"
        /// The attempt did not end within its time.
        case timeout = "timeout"
        /// The answer was not valid HTTP or ended early.
        case protocolError = "protocol_error"
        /// The delivery was canceled by the caller.
        case canceled = "canceled"
        /// The attempt was cut short and nobody knows how it ended; the event is sent again.
        case lost = "lost"
        /// The handler of an event failed.
        case handlerFailed = "handler_failed"
        /// No handler was registered for events of this type; the event was discarded, and can be retried.
        case noHandler = "no_handler"
        /// The handler of an event said that it is not to be handled.
        case discarded = "discarded"
        /// The store cannot be opened, read or written.
        case storeUnavailable = "store_unavailable"
        /// Somebody else held the store locked for too long.
        case storeLocked = "store_locked"
        /// The store can be read but not written.
        case storeReadOnly = "store_read_only"
        /// The store has no room left.
        case storeFull = "store_full"
        /// The store is damaged.
        case storeCorrupt = "store_corrupt"
        /// The store belongs to another program or to a newer version of Hookseal.
        case storeSchema = "store_schema"
        /// The lease of a claim ran out before the event was done, and somebody else has claimed the event since.
        case claimLost = "claim_lost"
    }
}

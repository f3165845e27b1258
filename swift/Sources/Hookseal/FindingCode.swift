extension Finding {
    /// The stable codes of what `explain` finds, the same in every language.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The body was parsed as JSON and written again, in another form than it was signed in.
        case bodyReserialized = "body_reserialized"
        /// White space at the end of the body was added or taken away.
        case bodyNewline = "body_newline"
        /// The line ends of the body were changed between LF and CRLF.
        case bodyLineEndings = "body_line_endings"
        /// A byte order mark at the start of the body was added or taken away.
        case bodyBOM = "body_bom"
        /// The body was decoded in one character set and encoded in another.
        case bodyCharset = "body_charset"
        /// The body has replacement characters: it was decoded as text although it was none, and cannot be restored.
        case bodyLossy = "body_lossy"
        /// The body is a JSON string that holds the JSON that was signed.
        case bodyDoubleEncoded = "body_double_encoded"
        /// The body is still in Base64.
        case bodyBase64 = "body_base64"
        /// The body is still compressed, and was signed before.
        case bodyCompressed = "body_compressed"
        /// The body was compressed when it was sent, and something has decompressed it.
        case bodyDecompressed = "body_decompressed"
        /// A form was decoded that was signed as it was, or the other way round.
        case bodyForm = "body_form"
        /// The body is empty: something has read it before.
        case bodyEmpty = "body_empty"
        /// The body does not have as many bytes as its content-length says.
        case bodyLength = "body_length"
        /// The body may have been changed in a way that cannot be undone.
        case bodyChanged = "body_changed"
        /// The secret is the right one, but is decoded in another way than the sender does.
        case secretEncoding = "secret_encoding"
        /// The secret has characters that are not part of it, or lacks some: quotes, white space, a name before it.
        case secretCharacters = "secret_characters"
        /// The request was signed with another of the secrets.
        case secretOther = "secret_other"
        /// The secret is a key of another kind than the one that requests are signed with.
        case secretKind = "secret_kind"
        /// The request is from the sender's test environment, which may have a secret of its own.
        case secretEnvironment = "secret_environment"
        /// The secret may be that of another endpoint, account or environment.
        case secretUnknown = "secret_unknown"
        /// A header that the provider sends is absent.
        case headerMissing = "header_missing"
        /// A header that is needed came under another name.
        case headerRenamed = "header_renamed"
        /// Several headers of one name were merged into one value.
        case headerMerged = "header_merged"
        /// A header came twice with different values.
        case headerDuplicated = "header_duplicated"
        /// A header is not of the provider's form.
        case headerMalformed = "header_malformed"
        /// The signature is right, but its prefix or field is not the one that the provider's file describes.
        case signatureForm = "signature_form"
        /// The signature is right, but is written in another encoding.
        case signatureEncoding = "signature_encoding"
        /// The signature was changed on the way: quoted, percent-encoded, or its plus signs turned to spaces.
        case signatureAltered = "signature_altered"
        /// The signature is too short or too long for the provider's algorithm.
        case signatureLength = "signature_length"
        /// The signature was made with another algorithm.
        case signatureAlgorithm = "signature_algorithm"
        /// The signature is right, but for other parts of the request than the provider's file says.
        case signedTemplate = "signed_template"
        /// The request is that of another provider.
        case wrongProvider = "wrong_provider"
        /// The provider sends unsigned requests to endpoints that have no secret.
        case unsignedDelivery = "unsigned_delivery"
        /// The request is no event but the provider's handshake, which wants an answer.
        case handshakeRequest = "handshake_request"
        /// The provider signs the url, and none was given.
        case urlMissing = "url_missing"
        /// The url that was signed has another scheme: http, https or a port.
        case urlScheme = "url_scheme"
        /// The url that was signed has another host.
        case urlHost = "url_host"
        /// The url that was signed has another path, or a slash more or less at its end.
        case urlPath = "url_path"
        /// The url that was signed has another query.
        case urlQuery = "url_query"
        /// The request was signed for another method.
        case methodDiffers = "method_differs"
        /// The timestamp is written in another unit than the provider's file says.
        case timestampUnit = "timestamp_unit"
        /// The timestamp is not written as the provider writes it.
        case timestampForm = "timestamp_form"
        /// The signature is right, but the request was signed too long ago.
        case timestampOld = "timestamp_old"
        /// The signature is right, but the request was signed far in the future.
        case timestampFuture = "timestamp_future"
        /// The timestamp is off by whole hours: a local time was taken for UTC, here or at the sender.
        case timestampTimezone = "timestamp_timezone"
        /// The signature is right, but one of the two clocks is wrong.
        case clockSkew = "clock_skew"
        /// The body is so large that its variations were not tried.
        case notExamined = "not_examined"
    }
}

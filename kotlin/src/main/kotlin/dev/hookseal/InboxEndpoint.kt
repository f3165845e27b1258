package dev.hookseal

/** What to answer to a request. */
public class Answer
internal constructor(
    /** The HTTP status. */
    public val status: Int,
    /** Every header of the response. */
    public val headers: List<Header>,
    /** The body of the response. */
    public val body: String,
)

/**
 * Receives a request, of any method, and says what to answer: 200 once its event is durable, the
 * answer to a vendor's handshake, or a refusal, with `Retry-After` where the vendor shall come
 * back.
 *
 * @param target the request's path and query
 * @param url the url that is registered with the provider, for those that sign it;
 *   `https://example.com` serves every path
 * @param verifyToken the token that was agreed on with the vendor for its handshake (Meta)
 * @param onRefused called with what a request was refused for, to log it
 * @throws ConfigException for a mistake of the application
 */
public suspend fun Inbox.answer(
    body: ByteArray,
    headers: List<Header>,
    method: String = "POST",
    target: String = "/",
    url: String? = null,
    verifyToken: String? = null,
    onRefused: (HooksealException) -> Unit = {},
): Answer =
    try {
        val called = url?.let { publicUrl(it, target) }
        val handshake = handshake(body, headers, method, called ?: target, verifyToken)
        if (handshake != null) Answer(handshake.status, handshake.headers, handshake.body)
        else {
            receive(body, headers, url = called, method = method)
            Answer(200, emptyList(), "")
        }
    } catch (error: HooksealException) {
        val refusal = error.refusal
        if (error is ConfigException && refusal.retryAfter == null) throw error
        onRefused(error)
        val type = Header("content-type", "application/json")
        Answer(refusal.status, refusal.headers + type, """{"code":"${error.code}"}""")
    }

private fun Inbox.handshake(
    body: ByteArray,
    headers: List<Header>,
    method: String,
    url: String,
    verifyToken: String?,
): HandshakeAnswer? {
    // A body that is too large is nobody's to read.
    if (body.size > maxBody) return null
    val answer = webhook.handshake(body, headers, method, url, verifyToken)
    // Who may be anybody gives no secret to an endpoint that has one.
    return answer?.takeIf { it.secret == null }
}

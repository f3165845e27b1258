package dev.hookseal

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import kotlinx.coroutines.future.await

/** The JVM's own client. It follows no redirects unless it is told to. */
internal class HttpClientTransport : Transport {
    private val client = HttpClient.newHttpClient()

    override suspend fun send(request: TransportRequest): TransportResponse {
        val builder =
            HttpRequest.newBuilder(request.url)
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.body))
        request.headers.forEach { builder.header(it.name, it.value) }
        builder.timeout(request.timeout)
        val response = client.sendAsync(builder.build(), BodyHandlers.ofInputStream()).await()
        val body = response.body().use { it.readNBytes(request.responseLimit + 1) }
        return TransportResponse(response.statusCode(), headersOf(response.headers().map()), body)
    }
}

import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Delivers by `URLSession`: with the platform's TLS, and on a phone with its radio's manners.
///
/// It follows no redirect, sends no cookie, caches nothing and cuts long answers. It takes no proxy of the system's
/// settings; on Linux, `URLSession` takes those of the environment all the same, unless that says `no_proxy=*`. What it
/// cannot do is to connect to the very addresses that were checked: `URLSession` looks the host's name up again. Where
/// whoever chooses the url is not to be trusted, let Hookseal make the requests, which is what it does without a transport.
public final class URLSessionTransport: Transport {
    private let session: URLSession
    private let exchanges = Exchanges()

    public init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.connectionProxyDictionary = [:]
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit {
        session.finishTasksAndInvalidate()
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        guard let url = URL(string: request.url) else {
            throw HooksealError(.protocolError, "URLSession cannot read the url.")
        }
        var outgoing = URLRequest(url: url, timeoutInterval: request.timeout / .seconds(1))
        outgoing.httpMethod = "POST"
        outgoing.httpBody = request.body
        for header in request.headers {
            outgoing.addValue(header.value, forHTTPHeaderField: header.name)
        }
        // What is compressed would come out larger than what was sent.
        outgoing.setValue("identity", forHTTPHeaderField: "accept-encoding")
        let task = session.dataTask(with: outgoing)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                exchanges.begin(task, Exchange(limit: request.responseLimit, continuation: continuation))
                task.resume()
                // What was canceled before it began has no end of its own.
                if Task.isCancelled { exchanges.cancel(task) }
            }
        } onCancel: {
            task.cancel()
        }
    }
}

/// One request on its way.
private struct Exchange {
    let limit: Int
    let continuation: CheckedContinuation<TransportResponse, any Error>
    var response: HTTPURLResponse?
    var body = Data()
}

/// The requests on their way, by the number of their task.
private final class Exchanges: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var open: [Int: Exchange] = [:]

    func begin(_ task: URLSessionTask, _ exchange: Exchange) {
        lock.withLock { open[task.taskIdentifier] = exchange }
    }

    func cancel(_ task: URLSessionTask) {
        end(task, URLError(.cancelled))
        task.cancel()
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        lock.withLock { open[dataTask.taskIdentifier]?.response = response as? HTTPURLResponse }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let number = dataTask.taskIdentifier
        let isFull = lock.withLock {
            guard let exchange = open[number] else { return false }
            // One byte more than is of use tells the core that it went on.
            open[number]?.body.append(data.prefix(exchange.limit + 1 - exchange.body.count))
            return exchange.body.count + data.count > exchange.limit
        }
        if isFull {
            end(dataTask, nil)
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        end(task, error)
    }

    private func end(_ task: URLSessionTask, _ error: (any Error)?) {
        guard let exchange = lock.withLock({ open.removeValue(forKey: task.taskIdentifier) }) else { return }
        let response = exchange.response ?? task.response as? HTTPURLResponse
        if let error {
            exchange.continuation.resume(throwing: explained(error))
        } else if let response {
            exchange.continuation.resume(returning: answer(response, exchange.body))
        } else {
            let silence = HooksealError(.protocolError, "URLSession ended without an answer.")
            exchange.continuation.resume(throwing: silence)
        }
    }
}

private func answer(_ response: HTTPURLResponse, _ body: Data) -> TransportResponse {
    let headers = response.allHeaderFields.compactMap { name, value -> Header? in
        guard let name = name as? String, let value = value as? String else { return nil }
        return Header(name, value)
    }
    return TransportResponse(status: response.statusCode, headers: headers, body: body)
}

/// Says why there is no answer, without the url, which may hold a token.
private func explained(_ error: any Error) -> HooksealError {
    switch (error as? URLError)?.code {
    case .timedOut: HooksealError(.timeout, "URLSession waited too long.")
    case .cancelled: HooksealError(.canceled, "The request was canceled.")
    case .cannotFindHost, .dnsLookupFailed: HooksealError(.dnsFailed, "URLSession could not resolve the host.")
    case .cannotConnectToHost, .notConnectedToInternet, .dataNotAllowed, .internationalRoamingOff:
        HooksealError(.connectFailed, "URLSession could not connect to the host.")
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
        .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
        .clientCertificateRequired, .appTransportSecurityRequiresSecureConnection:
        HooksealError(.tlsFailed, "URLSession could not make a secure connection to the host.")
    default: HooksealError(.protocolError, "URLSession got no complete answer.")
    }
}

import Foundation

/// An HTTP server on this machine: keeps what it gets, and answers what it is told to.
final class Receiver: @unchecked Sendable {
    struct Request: Sendable {
        let line: String
        let headers: [(name: String, value: String)]
        let body: Data

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name }?.value
        }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body = Data()
        /// Before the answer.
        var pause: Duration = .zero
        /// It is given when this is open.
        var gate: Gate?
    }

    let port: UInt16
    var url: String { "http://127.0.0.1:\(port)/hooks" }
    private let listener: Int32
    private let lock = NSLock()
    private var kept: [Request] = []
    private let answer: @Sendable (Request) -> Answer

    init(_ answer: @escaping @Sendable (Request) -> Answer = { _ in Answer() }) throws {
        self.answer = answer
        listener = socket(AF_INET, streamType, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> UInt16? in
                guard bind(listener, address, length) == 0, listen(listener, 128) == 0,
                    getsockname(listener, address, &length) == 0
                else { return nil }
                return pointer.pointee.sin_port.bigEndian
            }
        }
        guard let port else { throw POSIXError(.EADDRNOTAVAIL) }
        self.port = port
        Thread.detachNewThread { [self] in accepting() }
    }

    var requests: [Request] { lock.withLock { kept } }

    /// Waits until there are as many requests; false if that takes longer than a long time.
    func waitFor(_ count: Int) async throws -> Bool {
        for _ in 0..<1500 {
            if requests.count >= count { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        _ = systemClose(listener)
    }

    private func accepting() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            Thread.detachNewThread { [self] in
                serve(connection)
                _ = systemClose(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        guard let request = read(connection) else { return }
        lock.withLock { kept.append(request) }
        let answer = answer(request)
        answer.gate?.wait()
        if answer.pause > .zero { Thread.sleep(forTimeInterval: answer.pause / .seconds(1)) }
        var head = "HTTP/1.1 \(answer.status) Whatever\r\nconnection: close\r\ncontent-length: \(answer.body.count)\r\n"
        for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
        write(connection, Data((head + "\r\n").utf8) + answer.body)
    }
}

/// Holds up whoever waits, until it is opened.
final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false

    func open() {
        condition.withLock {
            isOpen = true
            condition.broadcast()
        }
    }

    fileprivate func wait() {
        condition.withLock {
            while !isOpen { condition.wait() }
        }
    }
}

private func read(_ connection: Int32) -> Receiver.Request? {
    var bytes = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        if let end = bytes.firstRange(of: Data("\r\n\r\n".utf8)) {
            let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            let lines = head.components(separatedBy: "\r\n")
            let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                return (String(line[..<colon]), value)
            }
            let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
            let body = bytes[end.upperBound...]
            if body.count >= length {
                return Receiver.Request(line: lines[0], headers: headers, body: Data(body.prefix(length)))
            }
        }
        let count = recv(connection, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        bytes.append(contentsOf: buffer[..<count])
    }
}

/// To one that hung up goes nothing.
private func write(_ connection: Int32, _ data: Data) {
    var rest = data[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, withoutSignal) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

#if canImport(Glibc)
    private let streamType = Int32(SOCK_STREAM.rawValue)
    private let withoutSignal = Int32(MSG_NOSIGNAL)
    private let systemClose = Glibc.close
#else
    private let streamType = SOCK_STREAM
    private let withoutSignal: Int32 = 0
    private let systemClose = Darwin.close
#endif

import Foundation
import Glibc
import Servers
import TestSupport

/// Takes connections and answers with whatever a test wants to be answered.
///
/// The first piece of input on a connection gets `greeting`, by default the proper replies to `CLIENT SETNAME` and
/// `PING`; every later piece gets `answer`.
final class ScriptedServer: Sendable {
    /// `unix:///path`, or `host:port` with `tcp`.
    let address: String
    private let listener: Int32
    private let greeting: [UInt8]
    private let closes: Bool
    private let answer: @Sendable (_ connection: Int) -> [UInt8]?

    /// - Parameters:
    ///   - closes: after the greeting.
    ///   - answer: the bytes to send for a piece of input, nil to close; told the connection's number from 1.
    init(
        greeting: String = "+OK\r\n+PONG\r\n", closes: Bool = false, tcp: Bool = false,
        _ answer: @escaping @Sendable (_ connection: Int) -> [UInt8]?
    ) throws {
        if tcp {
            let port: Int
            (listener, port) = try Scratch.listen()
            address = "127.0.0.1:\(port)"
        } else {
            let path = try Scratch.directory() + "/s"
            listener = try Scratch.listen(on: path)
            address = "unix://" + path
        }
        self.greeting = Array(greeting.utf8)
        self.closes = closes
        self.answer = answer
        Thread { [self] in serve() }.start()
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve() {
        var number = 0
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            number += 1
            let connection = number
            Thread { [self] in
                var input = [UInt8](repeating: 0, count: 65536)
                var next: [UInt8]? = greeting
                while recv(client, &input, input.count, 0) > 0, let bytes = next ?? answer(connection) {
                    _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                    next = nil
                    if closes { break }
                }
                close(client)
            }.start()
        }
        close(listener)
    }
}

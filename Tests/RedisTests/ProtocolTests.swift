import Testing

@testable import PackhorseRedis

/// The bytes of commands and replies, without a server.
@Suite struct ProtocolTests {
    @Test func aCommandIsAnArrayOfBulkStrings() {
        var command = RedisCommand("SET", arguments: 4)
        command.append("ké")
        command.append([0, 13, 10, 255])
        command.append(Int.min)
        command.append([UInt8]("span".utf8).span)
        let expected: [UInt8] =
            Array("*5\r\n$3\r\nSET\r\n$3\r\nké\r\n$4\r\n".utf8) + [0, 13, 10, 255]
            + Array("\r\n$20\r\n-9223372036854775808\r\n$4\r\nspan\r\n".utf8)
        #expect(command.bytes == expected)
        #expect(command.missing == 0)
    }

    @Test(arguments: [0, 1, 9, 10, -1, -10, 12345, 99, 100, Int.max])
    func numbers(_ number: Int) {
        var command = RedisCommand("X", arguments: 1)
        command.append(number)
        #expect(
            String(decoding: command.bytes, as: UTF8.self) == "*2\r\n$1\r\nX\r\n$\("\(number)".count)\r\n\(number)\r\n")
        #expect(RedisReply.bytes(Array("\(number)".utf8)).int == number)
        #expect(RedisReply.integer(number).int == number)
    }

    @Test(arguments: ["", "-", "1x", " 1", "+1", "9223372036854775808", "1.0"])
    func noNumbers(_ text: String) {
        #expect(RedisReply.bytes(Array(text.utf8)).int == nil)
    }

    @Test func conveniences() {
        #expect(RedisReply.bytes([79, 75]).string == "OK")
        #expect(RedisReply.null.string == nil)
        #expect(RedisReply.array([.null]).array == [.null])
        #expect(RedisReply.error("ERR").array == nil)
        #expect(RedisReply.null.int == nil)
    }

    static let replies = """
        +OK\r\n:-5\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n-ERR no\r\n*4\r\n:1\r\n*2\r\n$2\r\na\r\r\n*1\r\n*0\r\n$-1\r\n-E x\r\n+end\r\n
        """
    static let parsed: [RedisReply] = [
        .bytes([79, 75]), .integer(-5), .null, .null, .bytes([]), .array([]), .error("ERR no"),
        .array([
            .integer(1), .array([.bytes([97, 13]), .array([.array([])])]), .null, .error("E x"),
        ]), .bytes(Array("end".utf8)),
    ]

    @Test(arguments: 1...80)
    func repliesInPiecesOfAnySize(_ size: Int) throws {
        var reader = try ReplyReader()
        var replies: [RedisReply] = []
        var rest = Array(Self.replies.utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(size)).withUnsafeBytes { try reader.feed($0) }
            rest = rest.dropFirst(size)
            while let reply = try reader.next() { replies.append(reply) }
        }
        #expect(replies == Self.parsed)
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", "*1\r\nx", "\u{15}\u{3}\u{3}\0\u{2}"])
    func garbage(_ text: String) throws {
        var reader = try ReplyReader()
        try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
        #expect(throws: ReplyReader.Malformed.self) {
            while try reader.next() != nil {}
        }
    }

    @Test(
        arguments: [
            ("READONLY You can't write against a read only replica.", Trouble.demoted),
            ("ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write", .demoted),
            ("LOADING Redis is loading the dataset in memory", .notReady),
            ("MASTERDOWN Link with MASTER is down", .notReady),
            ("ERR READONLY", nil), ("WRONGTYPE Operation", nil), ("NOSCRIPT No matching script.", nil),
        ] as [(String, Trouble?)])
    func troubles(_ text: String, _ trouble: Trouble?) {
        #expect(Trouble(text) == trouble)
    }

    @Test func backoffDoublesUpToTwoSeconds() {
        var backoff = Backoff()
        #expect(backoff.next() == .zero)
        for longest in [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000] {
            let delay = backoff.next()
            #expect(delay <= .milliseconds(longest))
            #expect(delay >= .milliseconds(longest) / 2)
        }
        backoff.reset()
        #expect(backoff.next() == .zero)
    }

    @Test func pollWaitsAreRoundedUp() {
        #expect(Poll.milliseconds(.zero) == 0)
        #expect(Poll.milliseconds(.nanoseconds(1)) == 1)
        #expect(Poll.milliseconds(.milliseconds(1500)) == 1500)
        #expect(Poll.milliseconds(.seconds(Int.max)) == 86_400_000)
    }
}

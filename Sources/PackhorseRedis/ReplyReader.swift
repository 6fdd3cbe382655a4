internal import CHiredis

/// Turns the bytes of a connection into replies, with hiredis' parser.
///
/// The parser calls back for each value that it finds, and the Swift values are built in these callbacks, without a tree
/// of C structs in between.
struct ReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private let callbacks: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let builder = ReplyBuilder()

    /// What hiredis reports as malformed.
    struct Malformed: Error {
        let reason: String
    }

    init() throws(Malformed) {
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: Self.makeCallbacks())
        guard let reader = redisReaderCreateWithFunctions(callbacks) else {
            callbacks.deallocate()
            throw Malformed(reason: "no memory for a parser")
        }
        self.reader = reader
        reader.pointee.maxbuf = 1 << 20  // keep up to this much of an emptied buffer instead of 16 KiB
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit {
        redisReaderFree(reader)
        callbacks.deallocate()
    }

    /// Adds received bytes; they are copied.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(Malformed) {
        guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
        else { throw malformed }
    }

    /// The next complete reply; nil if more bytes are needed first.
    mutating func next() throws(Malformed) -> RedisReply? {
        var done: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &done) == REDIS_OK else { throw malformed }
        return done == nil ? nil : builder.take()
    }

    private var malformed: Malformed {
        Malformed(reason: String(cArray: reader.pointee.errstr))
    }

    /// The callbacks return the builder to report success; the values themselves stay in the builder.
    private static func makeCallbacks() -> redisReplyObjectFunctions {
        var callbacks = redisReplyObjectFunctions()
        callbacks.createString = { task, text, count in
            let bytes = UnsafeRawBufferPointer(start: text, count: Int(count))
            let isError = task?.pointee.type == REDIS_REPLY_ERROR
            return ReplyBuilder.of(task) {
                $0.add(isError ? .error(String(decoding: bytes, as: UTF8.self)) : .bytes([UInt8](bytes)))
            }
        }
        callbacks.createArray = { task, count in ReplyBuilder.of(task) { $0.open(Int(count)) } }
        callbacks.createInteger = { task, value in ReplyBuilder.of(task) { $0.add(.integer(Int(value))) } }
        callbacks.createNil = { task in ReplyBuilder.of(task) { $0.add(.null) } }
        callbacks.freeObject = { _ in }
        return callbacks
    }
}

/// Holds the arrays that are being filled, outermost first.
private final class ReplyBuilder {
    private var arrays: [(elements: [RedisReply], count: Int)] = []
    private var finished: RedisReply?

    static func of(
        _ task: UnsafePointer<redisReadTask>?, _ act: (ReplyBuilder) -> Void
    ) -> UnsafeMutableRawPointer? {
        guard let builder = task?.pointee.privdata else { return nil }
        act(Unmanaged<ReplyBuilder>.fromOpaque(builder).takeUnretainedValue())
        return builder
    }

    func open(_ count: Int) {
        guard count > 0 else { return add(.array([])) }
        var elements: [RedisReply] = []
        elements.reserveCapacity(min(count, 4096))  // the count can't be trusted before the elements have arrived
        arrays.append((elements, count))
    }

    func add(_ reply: RedisReply) {
        var reply = reply
        while let last = arrays.indices.last {
            arrays[last].elements.append(reply)
            guard arrays[last].elements.count == arrays[last].count else { return }
            reply = .array(arrays.removeLast().elements)
        }
        finished = reply
    }

    func take() -> RedisReply? {
        finished.take()
    }
}

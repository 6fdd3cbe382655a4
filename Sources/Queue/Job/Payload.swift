internal import COpenSSL

/// Arguments, results and kept steps: bytes that the queue does not look into, and what they are.
///
/// Most are JSON as it is. Any other form is written in front of the bytes (docs/wire.md), so that they can be encrypted,
/// compressed, kept elsewhere or of another protocol without a change to the queue.
public struct Payload: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The bytes, in their encoding.
    public var bytes: [UInt8]
    /// Nil for JSON as it is, which is what nearly all are.
    private var form: Form?

    private final class Form: Sendable, Equatable {
        let contentType: String
        let encoding: String

        init(_ contentType: String, _ encoding: String) {
            self.contentType = contentType
            self.encoding = encoding
        }

        static func == (one: Form, other: Form) -> Bool {
            one.contentType == other.contentType && one.encoding == other.encoding
        }
    }

    /// `application/json`: what the bytes are unless it is said.
    public static let json = "application/json"
    /// `identity`: nothing was done to the bytes.
    public static let identity = "identity"

    /// - Parameters:
    ///   - contentType: a media type such as `text/plain`: 1 to 128 printable ASCII characters without spaces.
    ///   - encoding: what was done to the bytes, such as `zstd`: likewise. Several are joined by `+`, the last one first.
    public init(_ bytes: [UInt8], contentType: String = Payload.json, encoding: String = Payload.identity) {
        self.bytes = bytes
        if contentType != Self.json || encoding != Self.identity { form = Form(contentType, encoding) }
    }

    /// JSON's `null`: the result of a job that returns nothing.
    public static let null = Payload(Array("null".utf8))

    /// JSON as it is.
    public init(arrayLiteral bytes: UInt8...) { self.init(bytes) }

    /// What the bytes are when their encoding is undone.
    public var contentType: String { form?.contentType ?? Self.json }
    /// What was done to the bytes.
    public var encoding: String { form?.encoding ?? Self.identity }
    /// Whether the bytes can be read as JSON as they stand.
    public var isPlainJSON: Bool { form == nil }

    /// In front of a payload that says its form: no JSON begins with it.
    private static let mark: UInt8 = 1

    /// What Redis keeps: the bytes, or `\u{1}<content type> <encoding>[ <more>…]\n` and the bytes.
    var stored: [UInt8] {
        guard form != nil || bytes.first == Self.mark else { return bytes }
        return [Self.mark] + Array("\(contentType) \(encoding)\n".utf8) + bytes
    }

    /// About how many bytes are kept.
    var size: Int { bytes.count + (form == nil ? 0 : 160) }

    /// Reads what Redis keeps. Words behind the encoding, which a later version may write, are passed over.
    init(stored: [UInt8]) {
        guard stored.first == Self.mark, let end = stored.firstIndex(of: UInt8(ascii: "\n")) else {
            self.init(stored)
            return
        }
        let words = String(decoding: stored[1..<end], as: UTF8.self).split(separator: " ")
        self.init(
            Array(stored[(end + 1)...]), contentType: words.first.map(String.init) ?? Self.json,
            encoding: words.count > 1 ? String(words[1]) : Self.identity)
    }

    /// - Throws: `QueueError.invalid` when the content type or the encoding has another form than it may have.
    func validate() throws(QueueError) {
        guard let form else { return }
        for (name, text) in [("content type", form.contentType), ("encoding", form.encoding)] {
            guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (33...126).contains($0) }) else {
                throw .invalid("\(name) of a payload: use 1 to 128 printable ASCII characters without spaces")
            }
        }
    }

    /// The first 16 bytes of their SHA-256 in hexadecimal: whether two requests are the same (FIPS 180-4).
    var digest: String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        bytes.withUnsafeBufferPointer { bytes in
            _ = digest.withUnsafeMutableBufferPointer { SHA256(bytes.baseAddress, bytes.count, $0.baseAddress) }
        }
        return digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

internal import COpenSSL

/// Arguments, results and stored steps: bytes that the queue does not read, and their format.
///
/// Most are plain JSON. Any other format is written before the bytes (docs/wire.md), so that they can be encrypted,
/// compressed, kept elsewhere or in another format without a change to the queue.
public struct Payload: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The encoded bytes.
    public var bytes: [UInt8]
    /// Nil for plain JSON, which nearly all payloads are.
    let form: Form?

    final class Form: Sendable, Equatable {
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

    /// `application/json`: the default content type.
    public static let json = "application/json"
    /// `identity`: the bytes are not encoded.
    public static let identity = "identity"

    /// - Parameters:
    ///   - contentType: a media type such as `text/plain`: 1 to 128 printable ASCII characters without spaces.
    ///   - encoding: how the bytes are encoded, such as `zstd`, in the same form. Several are joined by `+`, the last
    ///     one first.
    public init(_ bytes: [UInt8], contentType: String = Payload.json, encoding: String = Payload.identity) {
        self.bytes = bytes
        form = contentType == Self.json && encoding == Self.identity ? nil : Form(contentType, encoding)
    }

    init(_ bytes: [UInt8], in form: Form?) {
        self.bytes = bytes
        self.form = form
    }

    /// JSON's `null`: the result of a job that returns nothing.
    public static let null = Payload(Array("null".utf8))

    /// Plain JSON.
    public init(arrayLiteral bytes: UInt8...) { self.init(bytes) }

    /// The type of the bytes after decoding.
    public var contentType: String { form?.contentType ?? Self.json }
    /// How the bytes are encoded.
    public var encoding: String { form?.encoding ?? Self.identity }
    /// Whether the bytes can be read as JSON without decoding.
    public var isPlainJSON: Bool { form == nil }

    /// The first byte of a payload that has a format; no JSON begins with it.
    private static let mark: UInt8 = 1

    /// What Redis stores: the bytes, or `\u{1}<content type> <encoding>[ <more>…]\n` and the bytes.
    var stored: [UInt8] {
        guard form != nil || bytes.first == Self.mark else { return bytes }
        return [Self.mark] + Array("\(contentType) \(encoding)\n".utf8) + bytes
    }

    /// Approximately how many bytes are stored.
    var size: Int { bytes.count + (form == nil ? 0 : 160) }

    /// Reads what Redis stores. Words after the encoding, which a later version may write, are ignored.
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

    /// - Throws: `QueueError.invalid` if the content type or the encoding is malformed.
    func validate() throws(QueueError) {
        guard let form else { return }
        for (name, text) in [("content type", form.contentType), ("encoding", form.encoding)] {
            guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (33...126).contains($0) }) else {
                throw .invalid("\(name) of a payload: use 1 to 128 printable ASCII characters without spaces")
            }
        }
    }

    /// The first 16 bytes of the SHA-256 in hexadecimal (FIPS 180-4), to compare two requests.
    var digest: String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        bytes.withUnsafeBufferPointer { bytes in
            _ = digest.withUnsafeMutableBufferPointer { SHA256(bytes.baseAddress, bytes.count, $0.baseAddress) }
        }
        return digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

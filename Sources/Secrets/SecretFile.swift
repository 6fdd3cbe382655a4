internal import Glibc

/// Secrets that are given as files.
package enum SecretFile {
    /// Reads the text of a file without one newline at its end.
    ///
    /// - Throws: `UnreadableSecret` for a file that can't be read, is empty, is not UTF-8 or has more than 64 KiB.
    package static func read(_ path: String) throws(UnreadableSecret) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw .last
            }
            if count == 0 { break }
            bytes += piece[..<count]
            guard bytes.count <= 1 << 16 else { throw UnreadableSecret("it has more than 64 KiB") }
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw UnreadableSecret("it is empty") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw UnreadableSecret("it is not UTF-8") }
        return text
    }
}

/// Why a secret's file can't be read. Contains nothing from the file.
package struct UnreadableSecret: Error {
    /// In the words of the system, if there are any.
    package let reason: String

    init(_ reason: String) { self.reason = reason }

    /// The current `errno`.
    static var last: UnreadableSecret {
        UnreadableSecret(strerror(errno).map { String(cString: $0) } ?? "error \(errno)")
    }
}

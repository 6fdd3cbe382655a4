internal import Glibc

/// Why a file can't be used, in the system's words.
struct FileProblem: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// What `errno` says now.
    static var last: FileProblem { FileProblem(strerror(errno).map { String(cString: $0) } ?? "error \(errno)") }
}

/// A file's text without one newline at its end; at most 64 KiB of UTF-8, not empty.
func readSecret(_ path: String) throws(FileProblem) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .last }
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(file, &piece, piece.count)
        guard count >= 0 else {
            if errno == EINTR { continue }
            throw .last
        }
        if count == 0 { break }
        bytes += piece[..<count]
        guard bytes.count <= 1 << 16 else { throw FileProblem("it has more than 64 KiB") }
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard !bytes.isEmpty else { throw FileProblem("it is empty") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw FileProblem("it is not UTF-8") }
    return text
}

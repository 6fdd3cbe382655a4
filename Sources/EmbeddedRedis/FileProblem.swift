internal import Glibc

/// Why a file can't be used, in the system's words.
struct FileProblem: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// What `errno` says now.
    static var last: FileProblem { FileProblem(strerror(errno).map { String(cString: $0) } ?? "error \(errno)") }
}

internal import Glibc

/// Why a file can't be used, in the words of the system.
struct FileProblem: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// The current `errno`.
    static var last: FileProblem { FileProblem(strerror(errno).map { String(cString: $0) } ?? "error \(errno)") }
}

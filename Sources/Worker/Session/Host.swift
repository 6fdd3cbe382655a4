internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// What this process knows about its host and itself.
enum Host {
    /// The host name, without characters that are not allowed in worker names.
    static let name: String = {
        let name = ProcessInfo.processInfo.hostName.prefix(64)
        return String(name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "-" })
    }()

    /// Resident memory in bytes, 0 if the system doesn't report it.
    static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return pages * Int(getpagesize())
    }
}

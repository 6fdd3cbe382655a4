internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// What this process knows of itself.
enum Host {
    /// The host's name, without characters that the names of workers can't have.
    static let name: String = {
        let name = ProcessInfo.processInfo.hostName.prefix(64)
        return String(name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "-" })
    }()

    /// Resident memory in bytes, 0 if the system doesn't tell.
    static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return pages * Int(getpagesize())
    }
}

internal import Foundation
internal import Queue

/// The value of an option such as `--args`: JSON directly, in a file, or on standard input.
enum JobArguments {
    /// - Throws: `Failure.usage` if it can't be read, is larger than `limit` bytes, or is not JSON.
    static func read(_ option: String, of name: String = "--args", limit: Int) throws(Failure) -> [UInt8] {
        let (found, place) =
            switch option.first {
            case "-" where option == "-": (try read(.standardInput, "standard input", name, limit), "standard input")
            case "@": (try read(file: String(option.dropFirst()), name, limit), "the file")
            default: (Array(option.utf8), "the value")
            }
        guard found.count <= limit else { throw tooLarge(name, "\(found.count)", limit) }
        // Editors may put a byte order mark before UTF-8; it is not stored.
        let bytes = found.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(found.dropFirst(3)) : found
        do {
            try StrictJSON.check(bytes)
        } catch {
            throw .usage("\(name): \(place) is not valid JSON in UTF-8: \(error). Nothing was sent.")
        }
        return bytes
    }

    private static func read(file path: String, _ option: String, _ limit: Int) throws(Failure) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .usage("\(option): the file '\(path)' can't be opened. Name one that exists and is readable.")
        }
        return try read(file, "the file '\(path)'", option, limit)
    }

    /// Reads at most one byte beyond the limit.
    private static func read(
        _ file: FileHandle, _ name: String, _ option: String, _ limit: Int
    ) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while bytes.count <= limit, let more = try file.read(upToCount: limit + 1 - bytes.count), !more.isEmpty {
                bytes += more
            }
        } catch {
            throw .usage("\(option): \(name) can't be read: \(error.localizedDescription)")
        }
        guard bytes.count <= limit else { throw tooLarge(option, "more than \(limit)", limit) }
        return bytes
    }

    private static func tooLarge(_ option: String, _ bytes: String, _ limit: Int) -> Failure {
        .usage(
            "\(option) has \(bytes) bytes, the limit is \(limit); nothing was sent. Keep large data in a file or object "
                + "store and pass its name.")
    }
}

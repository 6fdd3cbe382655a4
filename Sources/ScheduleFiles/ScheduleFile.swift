internal import Foundation
public import Queue

/// The schedules of a YAML file.
///
/// ```yaml
/// schedules:
///   nightly-backup:
///     cron: "0 3 * * *"
///     zone: Europe/Vienna
///     type: backup.run
///     args: {target: all}
/// ```
/// The fields are those of `ScheduleSpec`; docs/schedules.md lists them.
public struct ScheduleFile: Sendable, Equatable {
    /// The file's name without its folder: what `Queue.syncSchedules` takes as the source.
    public let source: String
    /// In the order of the file.
    public let specs: [ScheduleSpec]

    /// The largest file, in bytes: 1 MiB.
    public static let sizeLimit = 1 << 20
    /// The maximum number of schedules in a file.
    public static let countLimit = 1000

    /// Reads a file.
    ///
    /// - Throws: `ScheduleFileError` with everything that is wrong with it.
    public init(path: String) throws(ScheduleFileError) {
        let source = URL(filePath: path).lastPathComponent
        func refuse(_ message: String) -> ScheduleFileError {
            ScheduleFileError(source: source, problems: [.init(line: nil, schedule: nil, message: message)])
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw refuse("The file '\(path)' can't be opened. Name one that exists and is readable.")
        }
        var bytes: [UInt8] = []
        do {
            while bytes.count <= Self.sizeLimit,
                let more = try file.read(upToCount: Self.sizeLimit + 1 - bytes.count), !more.isEmpty
            {
                bytes += more
            }
        } catch {
            throw refuse("The file '\(path)' can't be read: \(error.localizedDescription)")
        }
        guard bytes.count <= Self.sizeLimit else {
            throw refuse("The file has more than \(Self.sizeLimit) bytes, which is the limit.")
        }
        // Editors may put a byte order mark before UTF-8.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refuse("The file is not UTF-8. Save it in UTF-8.")
        }
        try self.init(text: text, name: source)
    }

    /// Reads the text of a file.
    ///
    /// - Parameter name: the file's name without its folder.
    /// - Throws: `ScheduleFileError` with everything that is wrong with it.
    public init(text: String, name: String) throws(ScheduleFileError) {
        var reader = ScheduleReader()
        reader.read(text)
        guard reader.problems.isEmpty else {
            // A stable order: problems of one line stay as they were found.
            let ordered = reader.problems.enumerated().sorted {
                ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset)
            }
            throw ScheduleFileError(source: name, problems: ordered.map(\.element))
        }
        source = name
        specs = reader.specs
    }
}

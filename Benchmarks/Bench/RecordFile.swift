import Glibc
import Servers

/// What a handler of Packhorse or of a peer writes when it starts: 24 bytes, three little-endian numbers.
struct Record: Sendable {
    let seq: Int
    /// When the job was handed to the client, and when its handler started (or was cancelled): CLOCK_MONOTONIC, ns.
    let sent, at: Int
}

/// A file to which handlers append records, each with one write.
struct RecordFile: Sendable {
    static let width = 24
    private let descriptor: Int32

    init(appendingTo path: String) throws {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw BenchError("cannot open \(path): \(String(cString: strerror(errno)))") }
    }

    func append(_ record: Record) {
        let fields = (record.seq.littleEndian, record.sent.littleEndian, record.at.littleEndian)
        let written = withUnsafeBytes(of: fields) { write(descriptor, $0.baseAddress, $0.count) }
        precondition(written == Self.width, "cannot write a record; is the disk full?")
    }

    /// The number of records in the file.
    static func count(_ path: String) -> Int {
        var about = stat()
        return stat(path, &about) == 0 ? about.st_size / width : 0
    }

    static func read(_ path: String) -> [Record] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var records: [Record] = []
        var fields = (0, 0, 0)
        while withUnsafeMutableBytes(of: &fields, { fread($0.baseAddress, width, 1, file) }) == 1 {
            records.append(
                Record(
                    seq: Int(littleEndian: fields.0), sent: Int(littleEndian: fields.1), at: Int(littleEndian: fields.2)
                ))
        }
        return records
    }

    /// Empties the file, or creates it.
    static func clear(_ path: String) {
        if let file = fopen(path, "wb") { fclose(file) }
    }
}

internal import Queue
public import Secrets

/// The kinds of values, each with its limits in words.
extension Setting where Value == Int {
    /// A whole number in `range`.
    public static func number(
        _ name: String, _ range: ClosedRange<Int>, default standard: Int, by readers: Readers = .worker,
        _ meaning: String
    ) -> Setting {
        Setting(
            name: name, meaning: meaning,
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)", readers: readers,
            fallback: .text("\(standard)")
        ) { text throws(Refusal) in
            guard let number = Int(text), range.contains(number) else { throw Refusal() }
            return number
        }
    }

    /// A number of bytes in `range`; `standard` in the form of a value: `256MiB`.
    public static func bytes(
        _ name: String, _ range: ClosedRange<Int>, default standard: String, by readers: Readers = .worker,
        _ meaning: String
    ) -> Setting {
        Setting(
            name: name, meaning: meaning,
            allowed: "bytes from \(ByteCount(range.lowerBound)) to \(ByteCount(range.upperBound)): a whole number, "
                + "alone or with KiB, MiB, GiB or TiB", readers: readers, fallback: .text(standard)
        ) { text throws(Refusal) in
            guard let bytes = ByteCount(text)?.bytes, range.contains(bytes) else { throw Refusal() }
            return bytes
        }
    }
}

extension Setting where Value == Int? {
    /// A port, 0 to 65,535, 0 for any free one; nil unless it is set.
    public static func optionalPort(_ name: String, by readers: Readers = .worker, _ meaning: String) -> Setting {
        Setting(
            name: name, meaning: meaning, allowed: "a port from 0 to 65535; 0 takes any free one", readers: readers,
            fallback: .value(nil, described: "off")
        ) { text throws(Refusal) in
            guard let port = UInt16(text) else { throw Refusal() }
            return Int(port)
        }
    }
}

extension Setting where Value == Bool {
    /// `true` or `false`; false unless it is set.
    public static func flag(_ name: String, by readers: Readers = .worker, _ meaning: String) -> Setting {
        Setting(
            name: name, meaning: meaning, allowed: "true or false", readers: readers, fallback: .text("false")
        ) { text throws(Refusal) in
            guard let flag = Bool(text) else { throw Refusal() }
            return flag
        }
    }
}

extension Setting where Value == Duration {
    /// A duration in `range`; `standard` in the form of a value: `30s`.
    public static func duration(
        _ name: String, _ range: ClosedRange<Duration>, default standard: String, by readers: Readers = .worker,
        _ meaning: String
    ) -> Setting {
        Setting(
            name: name, meaning: meaning,
            allowed: "a duration from \(range.lowerBound.text) to \(range.upperBound.text): a whole number with ms, "
                + "s, m, h or d", readers: readers, fallback: .text(standard)
        ) { text throws(Refusal) in
            guard let duration = Duration(text: text), range.contains(duration) else { throw Refusal() }
            return duration
        }
    }
}

extension Setting where Value == String {
    /// A path, which is not checked here.
    public static func path(_ name: String, default standard: String, by readers: Readers = .worker, _ meaning: String)
        -> Setting
    {
        Setting(
            name: name, meaning: meaning, allowed: "a path", readers: readers, fallback: .text(standard)
        ) { $0 }
    }

    /// A host name or an IP address.
    public static func host(_ name: String, default standard: String, by readers: Readers = .worker, _ meaning: String)
        -> Setting
    {
        Setting(
            name: name, meaning: meaning, allowed: "a host name or an IP address", readers: readers,
            fallback: .text(standard)
        ) { text throws(Refusal) in
            guard text.utf8.count <= 253, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") })
            else { throw Refusal() }
            return text
        }
    }
}

extension Setting where Value == Secret? {
    /// Printable ASCII with a length in `length`, never shown; nil unless it is set, directly or as a file.
    public static func secret(
        _ name: String, _ length: ClosedRange<Int>, by readers: Readers = .worker, _ meaning: String
    ) -> Setting {
        Setting(
            name: name, meaning: meaning,
            allowed: "\(length.lowerBound) to \(length.upperBound) printable ASCII characters without spaces",
            isSecret: true, readers: readers, fallback: .value(nil, described: "none"), shown: { _ in "***" }
        ) { text throws(Refusal) in
            guard length.contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                throw Refusal()
            }
            return Secret(text)
        }
    }
}

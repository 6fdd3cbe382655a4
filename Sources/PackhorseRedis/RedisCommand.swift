/// One command as the bytes that are sent to Redis (RESP: an array of bulk strings).
///
/// ```swift
/// var command = RedisCommand("SET", arguments: 2)
/// command.append("greeting")
/// command.append("hello")
/// ```
/// Everything is written into one buffer, so a command that fits into its `capacity` costs one allocation.
public struct RedisCommand: Sendable {
    private(set) var bytes: [UInt8] = []
    /// How many announced arguments have not been appended yet.
    private(set) var missing: Int

    /// Starts a command; exactly `arguments` appends must follow before it is sent.
    ///
    /// - Parameter capacity: how many bytes to reserve, including the lengths of the arguments.
    public init(_ name: StaticString, arguments: Int, capacity: Int = 64) {
        bytes.reserveCapacity(capacity)
        missing = arguments
        writeLine("*", arguments + 1)
        name.withUTF8Buffer { write(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a text as UTF-8. Appending more arguments than announced is a programming error, here and below.
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends bytes as they are.
    public mutating func append(_ argument: [UInt8]) {
        argument.withUnsafeBytes { append($0) }
    }

    /// Appends bytes as they are; they are copied before this returns.
    public mutating func append(_ argument: Span<UInt8>) {
        argument.withUnsafeBytes { append($0) }
    }

    /// Appends one argument made of two parts.
    public mutating func append(_ head: [UInt8], _ tail: [UInt8]) {
        tail.withUnsafeBytes { append(head, $0) }
    }

    /// The same; what `tail` points to is copied before this returns.
    public mutating func append(_ head: [UInt8], _ tail: UnsafeRawBufferPointer) {
        count()
        writeLine("$", head.count + tail.count)
        bytes.append(contentsOf: head)
        bytes.append(contentsOf: tail)
        endLine()
    }

    /// Appends a number as decimal digits.
    public mutating func append(_ number: Int) {
        count()
        let magnitude = number.magnitude
        var digits = 1
        var rest = magnitude / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        writeLine("$", digits + (number < 0 ? 1 : 0))
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        write(magnitude)
        endLine()
    }

    /// Appends the bytes that `argument` points to; they are copied before this returns.
    public mutating func append(_ argument: UnsafeRawBufferPointer) {
        count()
        write(argument)
    }

    /// The complete command, once all announced arguments have been appended.
    var finished: [UInt8] {
        precondition(missing == 0, "a command lacks \(missing) of its announced arguments")
        return bytes
    }

    private mutating func count() {
        missing -= 1
        precondition(missing >= 0, "more arguments appended than the command announced")
    }

    private mutating func write(_ argument: UnsafeRawBufferPointer) {
        writeLine("$", argument.count)
        bytes.append(contentsOf: argument)
        endLine()
    }

    private mutating func writeLine(_ type: Unicode.Scalar, _ number: Int) {
        bytes.append(UInt8(ascii: type))
        write(number.magnitude)
        endLine()
    }

    private mutating func write(_ number: UInt) {
        func digit(_ value: UInt) -> UInt8 { UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value) }
        // Lengths are nearly always below a thousand. Constant divisors compile to a multiplication, others to a division.
        switch number {
        case 0..<10: bytes.append(digit(number))
        case 10..<100:
            bytes.append(digit(number / 10))
            bytes.append(digit(number % 10))
        case 100..<1000:
            bytes.append(digit(number / 100))
            bytes.append(digit(number / 10 % 10))
            bytes.append(digit(number % 10))
        default:
            write(number / 1000)
            bytes.append(digit(number / 100 % 10))
            bytes.append(digit(number / 10 % 10))
            bytes.append(digit(number % 10))
        }
    }

    private mutating func endLine() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }
}

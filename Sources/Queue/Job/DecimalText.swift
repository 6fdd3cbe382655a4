/// The only reader of plain decimal numbers in stored data, requests and arguments.
package enum DecimalText {
    /// 1 to 18 digits and nothing else; nil for any other text.
    package static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...18).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// A number followed by one of the units, such as `250ms`.
    ///
    /// - Returns: their product; nil for another unit, or if it does not fit.
    package static func quantity(_ text: String, _ units: [(name: String, size: Int)]) -> Int? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let number = number(Array(digits)[...]),
            let unit = units.first(where: { $0.name == text[digits.endIndex...] })
        else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: unit.size)
        return overflows ? nil : product
    }
}

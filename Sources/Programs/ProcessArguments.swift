internal import Glibc

/// The arguments of the process, byte for byte. Swift repairs what is not UTF-8 (each wrong byte becomes U+FFFD), so
/// two different arguments could become equal. Such a process must end before it does anything.
package enum ProcessArguments {
    /// Checks all arguments, and the variables with these names.
    ///
    /// - Throws: `NotUTF8` for the first that is not UTF-8.
    package static func requireUTF8(variables names: [String]) throws(NotUTF8) {
        for i in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[i] else { continue }
            let text = String(cString: argument)
            if String(validatingCString: argument) == nil { throw NotUTF8(name: "argument \(i)", repaired: text) }
        }
        var place = environ
        while let entry = place.pointee {
            place += 1
            guard String(validatingCString: entry) == nil else { continue }
            let name = String(String(cString: entry).prefix { $0 != "=" })
            // The value may be secret.
            if names.contains(name) { throw NotUTF8(name: name, repaired: nil) }
        }
    }
}

/// An argument or a variable that is not UTF-8.
package struct NotUTF8: Error, CustomStringConvertible {
    /// `argument 3`, or the name of the variable.
    let name: String
    /// With U+FFFD for each wrong byte; nil if it may be secret.
    let repaired: String?

    package var description: String {
        "\(name) is not UTF-8\(repaired.map { ": '\($0.prefix(200))'" } ?? ""). Give it in UTF-8."
    }
}

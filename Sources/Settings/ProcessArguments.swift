internal import Foundation
internal import Glibc

/// What the process was given, byte for byte. Swift repairs what is no UTF-8 (each wrong byte becomes U+FFFD), so that two
/// different arguments would become one: such a process is to end before it does anything.
public enum ProcessArguments {
    /// Looks at all arguments, and at the variables that the settings read.
    ///
    /// - Throws: `SettingsError.notUTF8` for the first that is no UTF-8.
    public static func requireUTF8() throws(SettingsError) {
        for i in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[i] else { continue }
            let text = String(cString: argument)
            if String(validatingCString: argument) == nil { throw .notUTF8(name: "argument \(i)", repaired: text) }
        }
        let names = Set(SettingsTable.rows.flatMap { [$0.name, $0.name + "_FILE"] })
        var place = environ
        while let entry = place.pointee {
            place += 1
            guard String(validatingCString: entry) == nil else { continue }
            let name = String(String(cString: entry).prefix { $0 != "=" })
            // The value may be secret.
            if names.contains(name) { throw .notUTF8(name: name, repaired: nil) }
        }
    }
}

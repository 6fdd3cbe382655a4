/// A program to run as a child process: its inputs and its limits.
///
/// Its environment is the one given here, without anything from this process. Its standard input is empty. It leads its
/// own process group: Ctrl-C at a terminal does not reach it, and when it is killed (time, output, cancellation), the
/// processes that it has started die with it. Processes that a program leaves running when it ends by itself are not
/// handled.
public struct ChildProcess: Sendable {
    /// A name without `/`, searched in the directories of `PATH` in `environment`, or in `PATH` of this process if
    /// there is none.
    public var program: String
    /// Every user of the machine can read them while it runs: no secrets.
    public var arguments: [String]
    /// All variables that it has, in addition to `secrets`.
    public var environment: [String: String]
    /// Variables of its environment whose values must not be shown: they are removed from its standard error wherever
    /// they occur exactly.
    public var secrets: [String: String]
    /// The working directory.
    public var directory: String
    /// How much it may use.
    public var limits: ChildLimits

    /// Takes the fields as they are; `run` reports what is wrong with them.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String: String], secrets: [String: String] = [:],
        directory: String, limits: ChildLimits
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.secrets = secrets
        self.directory = directory
        self.limits = limits
    }
}

/// Its descriptions do not contain its secrets.
extension ChildProcess: CustomStringConvertible, CustomReflectable {
    public var description: String { "child process \(program)" }
    public var customMirror: Mirror { Mirror(self, children: ["program": program, "directory": directory]) }
}

/// The output of a program that ended with exit code 0.
public struct ChildOutput: Sendable, Equatable {
    /// All of its standard output.
    public var bytes: [UInt8]
    /// The beginning of its standard error without white space at its ends, with secrets removed.
    public var errors: String
}

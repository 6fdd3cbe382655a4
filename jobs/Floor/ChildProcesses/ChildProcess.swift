/// A program to run as a child process: what it is given, and how much it may use.
///
/// It sees the environment that is given here and nothing of ours. Its standard input is empty. It leads a process group
/// of its own: Ctrl-C at a terminal does not reach it, and when it is killed (time, output, cancellation), what it has
/// started dies with it. What a program leaves running when it ends by itself is not looked after.
public struct ChildProcess: Sendable {
    /// A name without `/`, looked for in the directories of `PATH` in `environment`, or in our own `PATH` without one.
    public var program: String
    /// Everybody on the machine can read them while it runs: no secrets.
    public var arguments: [String]
    /// All variables it has, besides `secrets`.
    public var environment: [String: String]
    /// Variables of its environment whose values must not be seen: they are taken out of what it wrote to standard
    /// error, where they stand there letter for letter.
    public var secrets: [String: String]
    /// Where it starts.
    public var directory: String
    /// How much it may use.
    public var limits: ChildLimits

    /// Takes the fields as they are; `run` finds out what is wrong with them.
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

/// Its secrets are not in its texts.
extension ChildProcess: CustomStringConvertible, CustomReflectable {
    public var description: String { "child process \(program)" }
    public var customMirror: Mirror { Mirror(self, children: ["program": program, "directory": directory]) }
}

/// What a program that ended with exit code 0 wrote.
public struct ChildOutput: Sendable, Equatable {
    /// All of its standard output.
    public var bytes: [UInt8]
    /// The start of its standard error without white space at its ends, secrets taken out.
    public var errors: String
}

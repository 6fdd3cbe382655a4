internal import ArgumentParser
internal import Enqueue
internal import Programs
internal import Queue
internal import Settings

/// The settings of a queue, which can be changed while its workers run.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows and changes the settings of a queue; its workers see a change within a second.",
        discussion: "Example: enqueue config set ocr retainMs 7d",
        subcommands: [ConfigList.self, ConfigGet.self, ConfigSet.self])
}

struct ConfigList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists all settings of a queue.",
        discussion: """
            With --json it prints one object of names and values.

            Example: enqueue config list ocr
            """)

    @Argument(help: "The queue's name.")
    var queue: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let name = try QueueName(queue)
        try await Session.run { session in
            let config = try await session.enqueue.queue(name).config()
            if output.json { return Output.line(config.json) }
            var table = Table("setting", "value", "", "meaning")
            for setting in QueueSetting.allCases {
                table.row(setting.rawValue, config.text(of: setting), config.origin(of: setting), setting.meaning)
            }
            table.lines.forEach(Output.line)
        }
    }
}

struct ConfigGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Prints one setting of a queue as a whole number: milliseconds, bytes or a count.",
        discussion: "Example: enqueue config get ocr retainMs")

    @Argument(help: "The queue's name.")
    var queue: String

    @Argument(help: "The setting's name.")
    var setting: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (name, setting) = (try QueueName(queue), try QueueSetting(name: setting))
        try await Session.run { session in
            let value = try await session.enqueue.queue(name).config()[setting]
            if output.json { Output.json([setting.rawValue: value]) } else { Output.line("\(value)") }
        }
    }
}

struct ConfigSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Changes one setting of a queue.",
        discussion: """
            The value is a whole number; a time can have the suffix ms, s, m, h or d, bytes KiB, MiB, GiB or TiB.

            Example: enqueue config set ocr retainBytes 1GiB
            """)

    @Argument(help: "The queue's name.")
    var queue: String

    @Argument(help: "The setting's name.")
    var setting: String

    @Argument(help: "Its new value.")
    var value: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (name, setting) = (try QueueName(queue), try QueueSetting(name: setting))
        var changes = QueueConfig()
        try changes.set(setting, to: try setting.number(value))
        let wanted = changes
        try await Session.run { session in
            let target = session.enqueue.queue(name)
            // A queue may be configured before its first job; it is listed from then on.
            try await target.register()
            let config = try await target.configure(wanted)
            if output.json { return Output.line(config.json) }
            Output.line("\(setting.rawValue) of \(name) is \(config.text(of: setting))")
        }
    }
}

extension QueueSetting {
    /// Parses a value in its form on the command line.
    fileprivate func number(_ text: String) throws(QueueError) -> Int {
        let number =
            Int(text)
            ?? (unit == .milliseconds
                ? Duration(text: text)?.milliseconds : unit == .bytes ? ByteCount(text)?.bytes : nil)
        guard let number else {
            throw .field(FieldError(.wrongValue, rawValue, found: text, allowed: allowed))
        }
        return number
    }
}

extension QueueConfig {
    /// A value in its form on the command line.
    fileprivate func text(of setting: QueueSetting) -> String {
        switch setting.unit {
        case .milliseconds: Duration.milliseconds(self[setting]).text
        case .bytes: "\(ByteCount(self[setting]))"
        case .number: "\(self[setting])"
        }
    }

    fileprivate func origin(of setting: QueueSetting) -> String { values[setting] == nil ? "default" : "set" }
}

internal import ArgumentParser
internal import Queue

/// The queue that a command is about, and how it prints.
struct QueueTarget: ParsableArguments {
    @Option(help: "The queue.", transform: Read.queue)
    var queue = QueueName.default

    @OptionGroup var output: OutputOptions
}

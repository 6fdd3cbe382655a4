import Documents
import Probes
import Settings
import Worker
import WorkerCommand

// Every job type that the executable `worker` knows, and the settings that only these jobs read. Your own go here, or into
// an executable of your own that calls `WorkerMain.run` in the same way.
await WorkerMain.run(settings: DocumentSettings.rows) { settings in
    Probes.handlers
    try DocumentJobs(
        models: settings[.models], store: settings[.home] + "/documents.sqlite", root: settings[.documents]
    ).handlers
}

import Documents
import Probes
import Settings
import Worker
import WorkerCommand

// Every job type that the executable `worker` knows, and the settings that only these jobs read. Add your own here, or
// write your own executable that calls `WorkerMain.run` in the same way.
await WorkerMain.run(settings: DocumentSettings.rows) { settings in
    Probes.handlers
    try DocumentJobs(
        models: settings[.models], store: settings[.home] + "/documents.sqlite", root: settings[.documents]
    ).handlers
}

import Probes
import Worker
import WorkerCommand

await WorkerMain.run {
    Probes.handlers
}

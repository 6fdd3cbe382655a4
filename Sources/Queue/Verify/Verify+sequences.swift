internal import PackhorseRedis

extension Queue {
    /// Each sequence has a head that has not ended, or was halted by a job that is dead or forgotten; and `heads` is the
    /// inverse of `sequences`.
    func sequenceFindings() async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        let sequences = try await pairs("HSCAN", "sequences"), heads = try await pairs("HSCAN", "heads")
        func note(_ job: String, _ detail: String) {
            found.append(VerifyFinding(.orphan, id: JobID(key: job.utf8).text, detail))
        }
        for (key, job) in sequences where heads[job] != key {
            note(job, "it has its turn in the sequence \(key), and heads does not say so")
        }
        for (job, key) in heads where sequences[key] != job {
            note(job, "heads says that it has its turn in the sequence \(key), which it has not")
        }
        for (key, job) in sequences {
            if try await ask("HEXISTS", "job:" + job.dropFirst(base.utf8.count + 4), "r").int == 1 {
                note(job, "it has ended, and the sequence \(key) still waits for it")
            }
        }
        return found
    }
}

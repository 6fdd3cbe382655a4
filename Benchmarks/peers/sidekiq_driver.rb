# Sidekiq for comparison: client (`bulk N`, `one N`, `rate N PER_SECOND`; prints seconds) and worker (`sidekiq -r`).
require "sidekiq"

REDIS = { url: ENV.fetch("BENCH_REDIS") }.freeze
Sidekiq.configure_client { |config| config.redis = REDIS }
Sidekiq.configure_server { |config| config.redis = REDIS }
Sidekiq.logger.level = Logger::WARN

def monotonic(unit = :nanosecond) = Process.clock_gettime(Process::CLOCK_MONOTONIC, unit)

class Noop
  include Sidekiq::Worker

  RECORD = ENV["BENCH_RECORD"] && File.open(ENV["BENCH_RECORD"], "ab").tap { |file| file.sync = true }

  def self.payload(seq) = { "seq" => seq, "t" => monotonic, "pad" => "x" * 52 }

  def perform(payload)
    RECORD.syswrite([payload["seq"], payload["t"], monotonic].pack("Q<3"))
  end
end

if $PROGRAM_NAME == __FILE__
  mode, count, rate = ARGV[0], ARGV[1].to_i, ARGV[2].to_i
  Sidekiq.redis(&:ping) # connecting is not measured
  start = monotonic(:float_second)
  case mode
  when "bulk"
    (0...count).each_slice(1000) { |seqs| Noop.perform_bulk(seqs.map { |seq| [Noop.payload(seq)] }) }
  when "one"
    count.times { |seq| Noop.perform_async(Noop.payload(seq)) }
  when "rate"
    count.times do |seq|
      pause = start + seq.fdiv(rate) - monotonic(:float_second)
      sleep(pause) if pause.positive?
      Noop.perform_async(Noop.payload(seq))
    end
  else
    abort "unknown mode #{mode}"
  end
  puts monotonic(:float_second) - start
end

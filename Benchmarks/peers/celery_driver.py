"""Celery for comparison: client (`bulk N`, `one N`, `rate N PER_SECOND`; prints seconds) and worker (`celery -A`)."""
import os
import struct
import sys
import time

from celery import Celery

app = Celery("celery_driver", broker=os.environ["BENCH_REDIS"])
app.conf.update(
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_prefetch_multiplier=4,
    broker_connection_retry_on_startup=True,
)

record = None


@app.task(name="noop")
def noop(payload):
    global record
    now = time.monotonic_ns()
    if record is None:
        record = os.open(os.environ["BENCH_RECORD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(record, struct.pack("<QQQ", payload["seq"], payload["t"], now))


def make(seq):
    return {"seq": seq, "t": time.monotonic_ns(), "pad": "x" * 52}


def main(mode, count, rate=0):
    with app.producer_or_acquire() as producer:
        producer.connection.ensure_connection()  # connecting is not measured
        start = time.perf_counter()
        for seq in range(count):
            if mode == "rate":
                pause = start + seq / rate - time.perf_counter()
                if pause > 0:
                    time.sleep(pause)
            if mode == "bulk":  # Celery has no bulk call: reusing one producer is the fastest way
                noop.apply_async((make(seq),), producer=producer)
            else:
                noop.delay(make(seq))
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

"""Adds a job and waits for its result: python3 enqueue_and_poll.py TYPE ['{"some": "args"}']

Exits with 0 if the job succeeded, otherwise with 1. PACKHORSE_URL and PACKHORSE_API_TOKEN set the server and the token.
"""
import json, os, sys, urllib.request, uuid

URL = os.environ.get("PACKHORSE_URL", "http://127.0.0.1:8000")


def call(path, body=None, **headers):
    if token := os.environ.get("PACKHORSE_API_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=90) as answer:
        return json.load(answer)


job = {"type": sys.argv[1], "args": json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}")}
job = call("/v1/jobs", job, **{"Idempotency-Key": str(uuid.uuid4())})
while job["finishedAt"] is None:
    job = call(f"/v1/jobs/{job['id']}?wait=30")  # answered as soon as the job ends
print(json.dumps(job["result"] if job["state"] == "succeeded" else job["error"]))
sys.exit(job["state"] != "succeeded")

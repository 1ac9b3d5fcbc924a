# A job runner in Python's manner: logfmt, tracebacks, and an end that its restart policy has to mend.
function log_line(level, message, fields) {
    printf "ts=%sZ level=%s logger=worker.jobs msg=\"%s\"%s\n", stamp("%Y-%m-%dT%H:%M:%S", 6), level, message, fields
}

function traceback(id) {
    log_line("error", "job failed", sprintf(" job_id=%s attempt=%d", id, 1 + dice(3)))
    complain("Traceback (most recent call last):\n" \
        "  File \"/app/worker/runner.py\", line 118, in run\n    result = job.handler(**job.arguments)\n" \
        "  File \"/app/worker/jobs/thumbnails.py\", line 54, in render\n    image = Image.open(BytesIO(payload))\n" \
        "  File \"/usr/local/lib/python3.13/site-packages/PIL/Image.py\", line 3580, in open\n    raise UnidentifiedImageError(msg)\n" \
        "PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object at 0x7f" hex(10) ">")
}

# Eats memory until the kernel ends it; where nobody limits memory it ends itself.
function run_out_of_memory(    heap) {
    log_line("warning", "memory is short", " rss_bytes=" 29000000 + dice(4000000) " limit_bytes=33554432")
    fflush()
    heap = "0123456789abcdef"
    while (length(heap) < 64 * 1024 * 1024) heap = heap heap
    exit 137
}

BEGIN {
    log_line("info", "worker started", " queue=default concurrency=4 pid=1")
    life = 40 + dice(80)
    for (born = now(); now() - born < life;) {
        id = hex(12)
        log_line("info", "job started", " job_id=" id " kind=" pick("render_thumbnail|send_mail|sync_stock|render_thumbnail"))
        pause(1.2)
        if (rand() < 0.06) traceback(id)
        else log_line("info", "job done", sprintf(" job_id=%s duration=%.3fs", id, 0.1 + rand() * 2))
    }
    if (rand() < 0.4) run_out_of_memory()
    log_line("critical", "lost the connection to the broker", " host=cache port=6379")
    complain("redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.")
    exit 1
}

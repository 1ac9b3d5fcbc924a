# A Node program that believes it has a colour terminal.
function log_line(colour, level, message) {
    print "\033[90m[" stamp("%Y-%m-%d %H:%M:%S") "]\033[39m \033[" colour "m" level "\033[39m " message
}

BEGIN {
    log_line(36, "INFO", "Ghost is running in production...")
    log_line(36, "INFO", "Your site is now available on \033[4mhttps://blog.example/\033[24m")
    log_line(36, "INFO", "Ghost booted in 2." dice(900) "s")
    while (1) {
        if (rand() < 0.06) {
            log_line(31, "ERROR", "\"GET /ghost/api/admin/site/\" \033[33m500\033[39m " dice(90) "ms")
            print "\n\033[31mEMAIL_FAILED\033[39m: \033[1mCould not send the newsletter to 3 of 418 members\033[22m\n" \
                "    at BatchSendingService.sendBatch (/var/lib/ghost/core/server/services/email-service/batch-sending-service.js:386:15)\n" \
                "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)\n"
        } else if (rand() < 0.1) log_line(33, "WARN", "Image " hex(6) ".png is 6.2 MB; consider a smaller one")
        else log_line(36, "INFO", "\"GET " pick("/|/rss/|/about/|/2026/measuring-bread/|/tag/notes/|/assets/built/screen.css") "\" \033[32m200\033[39m " 3 + dice(80) "ms")
        pause(2.5)
    }
}

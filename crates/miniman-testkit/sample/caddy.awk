# Caddy: JSON with the time as a number.
function entry(level, logger, message, fields) {
    printf "{\"level\":\"%s\",\"ts\":%.3f,\"logger\":\"%s\",\"msg\":\"%s\"%s}\n", level, now(), logger, message, fields
}

BEGIN {
    entry("info", "admin", "admin endpoint started", ",\"address\":\"localhost:2019\",\"enforce_origin\":false")
    entry("info", "tls", "cleaning storage unit", ",\"storage\":\"FileStorage:/data/caddy\"")
    while (1) {
        if (rand() < 0.03) entry("warn", "tls.renew", "certificate expires soon", ",\"identifiers\":[\"blog.example\"],\"remaining\":\"" 20 + dice(9) "d\"")
        else entry("info", "http.log.access", "handled request", sprintf(",\"request\":{\"remote_ip\":\"198.51.100.%d\",\"method\":\"GET\",\"host\":\"blog.example\",\"uri\":\"%s\"},\"duration\":%.6f,\"size\":%d,\"status\":%s", \
            dice(254) + 1, pick("/|/rss/|/about/|/robots.txt|/wp-login.php"), rand() / 9, dice(30000), pick("200|200|200|304|404")))
        pause(2)
    }
}

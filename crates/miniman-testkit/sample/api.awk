# A JSON logger: one object a line, errors with their stack in a field.
function entry(level, message, fields) {
    printf "{\"time\":\"%sZ\",\"level\":\"%s\",\"msg\":\"%s\",\"service\":\"api\",\"trace_id\":\"%s\"%s}\n", \
        stamp("%Y-%m-%dT%H:%M:%S", 3), level, message, hex(32), fields
}

function request(    ms, status) {
    ms = 2 + dice(40) + (rand() < 0.05 ? dice(1800) : 0)
    status = pick("200|200|200|200|200|201|204|404|422")
    entry("info", "request completed", sprintf(",\"method\":\"%s\",\"path\":\"%s\",\"status\":%d,\"duration_ms\":%d,\"user_id\":%d", \
        pick("GET|GET|GET|POST|PUT"), pick("/orders|/orders/" dice(9000) "|/products|/basket|/me"), status, ms, 1000 + dice(400)))
    if (ms > 900)
        entry("warn", "slow request", sprintf(",\"duration_ms\":%d,\"threshold_ms\":900,\"query\":\"select * from orders where user_id = $1\"", ms))
}

function failure() {
    entry("error", "payment provider answered 503", \
        ",\"error\":{\"type\":\"UpstreamError\",\"message\":\"payments: circuit breaker is open\",\"stack\":\"UpstreamError: payments: circuit breaker is open\\n" \
        "    at PaymentClient.charge (/app/dist/payments/client.js:88:13)\\n    at async OrderService.place (/app/dist/orders/service.js:141:22)\\n" \
        "    at async /app/dist/http/orders.js:37:19\"},\"order_id\":" 70000 + dice(9000) ",\"retry_in_ms\":" 250 * (1 + dice(8)))
}

BEGIN {
    entry("info", "configuration read", ",\"file\":\"/etc/shop/api.json\",\"version\":\"2.4.1\"")
    entry("info", "connected to database", ",\"host\":\"db\",\"pool\":{\"size\":10,\"idle\":10}")
    entry("info", "listening", ",\"address\":\"0.0.0.0:8080\"")
    while (1) {
        if (rand() < 0.02) failure()
        else if (rand() < 0.15) entry("debug", "cache lookup", sprintf(",\"key\":\"product:%d\",\"hit\":%s", dice(4000), pick("true|true|false")))
        else request()
        pause(0.6)
    }
}

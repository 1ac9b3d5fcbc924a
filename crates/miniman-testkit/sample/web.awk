# nginx: access log in the combined format, errors on stderr.
function client() { return pick("203.0.113.|198.51.100.|192.0.2.") dice(254) + 1 }

function path() {
    return pick("/|/|/products|/products/" dice(4000) "|/cart|/checkout|/api/orders|/api/products?page=" dice(40) \
        "|/static/app." hex(8) ".js|/static/site.css|/images/" dice(900) ".webp|/favicon.ico")
}

function access(    p, status, size) {
    p = path()
    status = pick("200|200|200|200|200|200|200|200|304|304|301|404")
    if (rand() < 0.01) status = 502
    size = status == 304 ? 0 : 180 + dice(48000)
    printf "%s - - [%s +0000] \"%s %s HTTP/1.1\" %s %d \"%s\" \"%s\" %.3f\n", client(), stamp("%d/%b/%Y:%H:%M:%S"), \
        p ~ /cart|checkout/ ? "POST" : "GET", p, status, size, pick("-|https://shop.example/|https://shop.example/products"), \
        pick("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0|" \
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148|" \
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36|curl/8.15.0|Googlebot/2.1"), \
        rand() * rand() * 0.9
    if (status == 502)
        complain(stamp("%Y/%m/%d %H:%M:%S") " [error] 29#29: *" 1000 + dice(90000) \
            " connect() failed (111: Connection refused) while connecting to upstream, client: " client() \
            ", server: shop.example, request: \"GET " p " HTTP/1.1\", upstream: \"http://172.20.0.5:8080" p "\", host: \"shop.example\"")
}

BEGIN {
    complain(stamp("%Y/%m/%d %H:%M:%S") " [notice] 1#1: using the \"epoll\" event method")
    complain(stamp("%Y/%m/%d %H:%M:%S") " [notice] 1#1: nginx/1.29.2")
    complain(stamp("%Y/%m/%d %H:%M:%S") " [notice] 1#1: start worker processes")
    while (1) {
        # Now and then a crawler comes by.
        for (burst = rand() < 0.02 ? 20 + dice(60) : 1; burst > 0; burst--) access()
        pause(0.8)
    }
}

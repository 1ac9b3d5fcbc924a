# PostgreSQL: everything on stderr, ERROR followed by DETAIL and STATEMENT.
function log_line(pid, level, message) { complain(stamp("%Y-%m-%d %H:%M:%S", 3) " UTC [" pid "] " level ":  " message) }

function checkpoint() {
    log_line(27, "LOG", "checkpoint starting: time")
    pause(1)
    log_line(27, "LOG", "checkpoint complete: wrote " 20 + dice(900) " buffers (1.2%); 0 WAL file(s) added, 0 removed, 1 recycled; " \
        "write=" 4 + dice(20) ".106 s, sync=0.008 s, total=" 25 + dice(5) ".139 s; sync files=" dice(60) ", longest=0.004 s")
}

BEGIN {
    log_line(1, "LOG", "starting PostgreSQL 17.6 (Debian 17.6-1.pgdg12+1) on x86_64-pc-linux-gnu")
    log_line(1, "LOG", "listening on IPv4 address \"0.0.0.0\", port 5432")
    log_line(29, "LOG", "database system was shut down at " strftime("%Y-%m-%d %H:%M:%S", int(now()) - 40, 1) " UTC")
    log_line(1, "LOG", "database system is ready to accept connections")
    while (1) {
        pid = 60 + dice(40)
        turn = rand()
        if (turn < 0.15) {
            log_line(pid, "ERROR", "duplicate key value violates unique constraint \"orders_reference_key\"")
            log_line(pid, "DETAIL", "Key (reference)=(" toupper(hex(8)) ") already exists.")
            log_line(pid, "STATEMENT", "INSERT INTO orders (reference, user_id, total)\n\t\tVALUES ($1, $2, $3)")
        } else if (turn < 0.3) checkpoint()
        else log_line(pid, "LOG", "duration: " 200 + dice(2200) "." dice(999) " ms  execute <unnamed>: SELECT p.id, p.name, s.amount FROM products p JOIN stock s ON s.product_id = p.id WHERE p.category = $1")
        pause(6)
    }
}

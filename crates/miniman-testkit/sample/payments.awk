# A JVM service: columns, thread names, and stack traces of many lines.
function log_line(level, thread, logger, message) {
    printf "%s %5s 1 --- [%15s] %-40s : %s\n", stamp("%Y-%m-%dT%H:%M:%S", 3) "Z", level, thread, logger, message
}

function trace(    id) {
    id = "ch_" hex(16)
    log_line("ERROR", "io-8080-exec-" 1 + dice(9), "e.s.p.web.ChargeController", "charge " id " was not settled")
    print "example.shop.payments.SettlementException: settlement of " id " timed out after 5000 ms"
    print "\tat example.shop.payments.SettlementService.settle(SettlementService.java:142)"
    print "\tat example.shop.payments.web.ChargeController.charge(ChargeController.java:67)"
    print "\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)"
    print "\tat java.base/java.lang.reflect.Method.invoke(Method.java:580)"
    print "\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:903)"
    print "\tat org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:138)"
    print "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)"
    print "\tat java.base/java.lang.Thread.run(Thread.java:1583)"
    print "Caused by: java.net.SocketTimeoutException: Read timed out"
    print "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)"
    print "\t... 41 common frames omitted"
}

BEGIN {
    log_line("INFO", "main", "e.shop.payments.PaymentsApplication", "Starting PaymentsApplication v1.9.0 using Java 21.0.8")
    log_line("INFO", "main", "o.s.b.w.embedded.tomcat.TomcatWebServer", "Tomcat started on port 8080 (http) with context path '/'")
    log_line("INFO", "main", "e.shop.payments.PaymentsApplication", "Started PaymentsApplication in 3.4" dice(99) " seconds")
    while (1) {
        if (rand() < 0.04) trace()
        else if (rand() < 0.1) log_line("WARN", "scheduling-1", "e.s.p.settlement.RetryQueue", 1 + dice(9) " settlements wait for a retry")
        else log_line("INFO", "io-8080-exec-" 1 + dice(9), "e.s.p.web.ChargeController", "charge ch_" hex(16) " settled in " 20 + dice(400) " ms")
        pause(2)
    }
}

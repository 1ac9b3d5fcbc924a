# Valkey, as Redis before it: role and level as single characters.
function log_line(mark, message) { print "1:M " stamp("%d %b %Y %H:%M:%S", 3) " " mark " " message }

BEGIN {
    log_line("*", "oO0OoO0OoO0Oo Valkey is starting oO0OoO0OoO0Oo")
    log_line("#", "WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition.")
    log_line("*", "Ready to accept connections tcp")
    while (1) {
        pause(12)
        log_line("*", 10 + dice(90) " changes in 300 seconds. Saving...")
        log_line("*", "Background saving started by pid " 20 + saves++)
        pause(0.5)
        log_line("*", "DB saved on disk")
        log_line("*", "Background saving terminated with success")
    }
}

# What the sample programs share: a clock finer than a second, pauses and dice.
BEGIN {
    srand()
    # busybox awk counts whole seconds; the uptime has hundredths and costs no process to read.
    clock_base = systime() - uptime()
    # Containers that start together must not write in step.
    srand(uptime() * 100 + systime() + length(ENVIRON["HOSTNAME"]) + hash(ENVIRON["HOSTNAME"]))
}

function uptime(    up) {
    getline up < "/proc/uptime"
    close("/proc/uptime")
    split(up, up_fields, " ")
    return up_fields[1] + 0
}

function hash(text,    i, sum) {
    for (i = 1; i <= length(text); i++) sum = (sum * 31 + index("0123456789abcdef", substr(text, i, 1))) % 65521
    return sum
}

function now() { return clock_base + uptime() }

# stamp("%Y-%m-%dT%H:%M:%S", 3) gives …:07.123; what the clock cannot know of the fraction is diced.
function stamp(format, digits,    at, text) {
    at = now()
    text = strftime(format, int(at), 1)
    if (digits) text = text "." substr(sprintf("%02d%04d", (at - int(at)) * 100, dice(10000)), 1, digits)
    return text
}

function dice(n) { return int(rand() * n) }
function pick(list,    words, n) { n = split(list, words, "|"); return words[1 + dice(n)] }
function hex(digits,    text) { while (length(text) < digits) text = text sprintf("%x", dice(16)); return text }

# The mean is what counts: real programs are never regular.
function pause(mean) {
    fflush()
    system("sleep " sprintf("%.2f", mean * (0.2 + 1.6 * rand())))
}

function complain(text) { print text > "/dev/stderr"; fflush("/dev/stderr") }

# A terminal program: a progress line that it rewrites with carriage returns.
BEGIN {
    while (1) {
        file = "2026/" pick("garden|harbour|bread|mountains") "-" dice(900) ".raw"
        for (done = 0; done < 100; done += 7 + dice(20)) {
            printf "\r%s: %3d%% of 48.6 MiB, %d.%d MiB/s", file, done, 8 + dice(9), dice(9)
            pause(0.7)
        }
        printf "\r\033[32m%s: 100%% copied\033[0m                              \n", file
        pause(4)
    }
}

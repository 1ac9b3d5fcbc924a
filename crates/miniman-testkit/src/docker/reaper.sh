# Removes a private daemon, everything it started and its directory ($1), as soon as standard input ends:
# closed by `Drop`, or by the kernel when the process that started the daemon died in whatever way.
# It is the only clean-up there is, so the way that matters after a kill is the one used every time.
dir=$1
trap '' HUP INT TERM
while read -r _; do :; done

# Prints the running processes named $1 (a name is cut after 15 bytes) that have the directory on their command line.
started_here() {
    for proc in /proc/[0-9]*; do
        read -r comm <"$proc/comm" || continue
        [ "$comm" = "$1" ] || continue
        tr '\0' '\n' <"$proc/cmdline" | grep -qF "$dir/" && echo "${proc#/proc/}"
    done 2>/dev/null
}

# Prints the processes whose parent is $1. (Not every kernel has /proc/<pid>/task/<tid>/children.)
children_of() {
    grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null | cut -d / -f 3
}

# Kills the given processes and waits until they are gone, or nobody but their parent sees them any more.
end() {
    kill -KILL "$@" 2>/dev/null
    tries=0
    for pid in "$@"; do
        while [ $tries -lt 250 ] && grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$pid/status"; do
            tries=$((tries + 1))
            sleep 0.02
        done
    done
}

# First those who start others; then, with nobody left to start more, shims and the containers below them.
end $(started_here dockerd) $(started_here containerd)
for shim in $(started_here containerd-shim); do
    end $(children_of "$shim") "$shim"
done

# A shim's socket lies outside of the directory, under a hashed name.
for address in "$dir"/exec/containerd/daemon/io.containerd.runtime.v2.task/*/*/address; do
    [ -f "$address" ] && rm -f "$(sed 's,^unix://,,' "$address")"
done 2>/dev/null

cut -d ' ' -f 5 /proc/self/mountinfo | grep -F "$dir/" | sort -r | while read -r mount; do
    umount -l "$mount"
done 2>/dev/null

for container in "$dir"/data/containers/*/; do
    # Without a container the pattern stands for itself, and would match every group of this machine.
    [ -d "$container" ] || continue
    id=${container%/}
    find /sys/fs/cgroup -depth -type d -name "${id##*/}" -exec rmdir {} \;
done 2>/dev/null

rm -rf "$dir"

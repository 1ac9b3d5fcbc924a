# Process 1 of a sample container: runs /sample/$1.awk until it ends or the container is stopped.
trap 'kill "$app"; echo "received SIGTERM, shutting down"; exit 0' TERM INT
awk -f /sample/common.awk -f "/sample/$1.awk" &
app=$!
wait "$app"

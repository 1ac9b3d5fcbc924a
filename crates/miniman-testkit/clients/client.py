"""The official python-socketio client, driven by lines of JSON: commands on stdin, what happens on stdout.

Arguments: URL, then one JSON object with `auth`, `headers` and `transports`.
Commands: {"emit": name, "args": [...]}, the same with "ack": true, {"autoack": true} to acknowledge every log_batch,
{"disconnect": true}. Output as of client.mjs beside this.
"""

import json
import sys
import threading

import socketio

URL = sys.argv[1]
OPTIONS = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}

client = socketio.Client(reconnection=OPTIONS.get("reconnection", False))
lock = threading.Lock()
autoack = False


def say(**what):
    with lock:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


@client.event
def connect():
    say(connect=client.sid, transport=client.transport())


@client.event
def connect_error(data):
    message = data.get("message") if isinstance(data, dict) else data
    say(connect_error=message, data=data.get("data") if isinstance(data, dict) else None)


@client.event
def disconnect(reason):
    say(disconnect=reason)


@client.on("*")
def any_event(event, *args):
    say(event=event, args=list(args))
    if autoack and event == "log_batch":
        client.emit("log_ack", {"subscription": args[0]["subscription"], "cursor": args[0]["last"]})


def payload(command):
    args = command.get("args", [])
    return args[0] if len(args) == 1 else tuple(args)


def obey(command):
    global autoack
    if "emit" in command:
        name = command["emit"]
        callback = (lambda *args: say(ack=name, args=list(args))) if command.get("ack") else None
        client.emit(name, payload(command), callback=callback)
    elif "autoack" in command:
        autoack = command["autoack"]
    elif command.get("disconnect"):
        client.disconnect()


def main():
    try:
        client.connect(
            URL,
            headers=OPTIONS.get("headers", {}),
            auth=OPTIONS.get("auth"),
            transports=OPTIONS.get("transports"),
        )
    except socketio.exceptions.ConnectionError as error:
        say(failed=str(error))
        return
    for line in sys.stdin:
        obey(json.loads(line))
    client.disconnect()


main()

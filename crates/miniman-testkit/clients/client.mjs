// The official socket.io-client, driven by lines of JSON: commands on stdin, what happens on stdout.
//
// Arguments: URL, then one JSON object of options for `io()`, with `headers` for its `extraHeaders`.
// Commands: {"emit": name, "args": [...]}, the same with "ack": true, {"reading": false|true} to stop and go on
// reading the connection (WebSocket only), {"autoack": true} to acknowledge every log_batch, {"disconnect": true}.
// Output: {"connect": sid, "transport": name}, {"connect_error": message}, {"disconnect": reason},
// {"upgrade": transport}, {"event": name, "args": [...]}, {"ack": name, "args": [...]}.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const [url, options = '{}'] = process.argv.slice(2);
const { headers, ...rest } = JSON.parse(options);
const socket = io(url, { extraHeaders: headers, ...rest });
let autoack = false;

// Not process.stdout, which keeps what a flood of events says in memory until the flood is over.
function say(what) {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

socket.on('connect', () => {
  const engine = socket.io.engine;
  say({ connect: socket.id, transport: engine.transport.name });
  engine.on('upgrade', (transport) => say({ upgrade: transport.name }));
});
socket.on('connect_error', (error) => say({ connect_error: error.message, data: error.data ?? null }));
socket.on('disconnect', (reason) => {
  say({ disconnect: reason });
});
socket.onAny((event, ...args) => {
  say({ event, args });
  if (autoack && event === 'log_batch') {
    socket.emit('log_ack', { subscription: args[0].subscription, cursor: args[0].last });
  }
});

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.emit !== undefined && command.ack) {
    socket.emit(command.emit, ...(command.args ?? []), (...args) => say({ ack: command.emit, args }));
  } else if (command.emit !== undefined) {
    socket.emit(command.emit, ...(command.args ?? []));
  } else if (command.reading !== undefined) {
    const { ws } = socket.io.engine.transport;
    if (command.reading) ws.resume();
    else ws.pause();
  } else if (command.autoack !== undefined) {
    autoack = command.autoack;
  } else if (command.disconnect) {
    socket.disconnect();
  }
}
socket.disconnect();

// Writes src/lib/protocol/schema.ts from the server's OpenAPI document: the file named as argument, or what the
// server's own `openapi` example prints.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import openapi, { astToString } from 'openapi-typescript';

const target = new URL('../src/lib/protocol/schema.ts', import.meta.url);
const [file] = process.argv.slice(2);
const json = file
  ? readFileSync(file, 'utf8')
  : execFileSync('cargo', ['run', '-q', '-p', 'miniman-server', '--example', 'openapi'], { encoding: 'utf8' });

const head = '// Written by `npm run protocol` from the server’s OpenAPI document; never edit it by hand.\n\n';
writeFileSync(target, head + astToString(await openapi(JSON.parse(json))));

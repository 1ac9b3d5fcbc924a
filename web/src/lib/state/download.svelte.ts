/**
 * One download: read as it comes, counted, and given to the browser as a file when it is whole. What does not fit into
 * that is left to the browser alone, which shows its own progress.
 */
import { ApiError, type DownloadQuery, downloadPath, openDownload } from '$lib/transport/api';
import type { LogView } from './log-view.svelte';
import { session } from './session.svelte';

/** What is gathered here at most. Blobs of this size lie on disk, not in the tab's memory. */
export const BYTES_MAX = 500_000_000;
/** Chunks become one blob when there is so much of them: only these are in the tab's memory. */
const GATHER_BYTES = 8 << 20;
const NEWLINE = 10;

export type DownloadPhase = 'idle' | 'running' | 'done' | 'failed' | 'cancelled' | 'too-large';

export type DownloadOptions = Pick<DownloadQuery, 'format' | 'timestamps' | 'compress'>;

/** Where exactly what a view is of can be had. */
export function pathOf(view: LogView, options: DownloadOptions): string {
  return downloadPath(view.selectors, { ...view.query, ...options });
}

export class Download {
  phase = $state<DownloadPhase>('idle');
  bytes = $state(0);
  lines = $state(0);
  failure = $state('');
  name = $state('');
  #abort: AbortController | null = null;

  /** Reads `path` and saves it. `countLines`: what comes is lines. */
  async run(path: string, countLines: boolean): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    Object.assign(this, { phase: 'running', bytes: 0, lines: 0, failure: '', name: '' });
    try {
      const { name, body } = await openDownload(path, abort.signal);
      this.name = name;
      const file = await this.#gather(body, countLines);
      if (abort.signal.aborted) return;
      if (file === null) {
        this.phase = 'too-large';
        abort.abort();
        return;
      }
      save(file, name);
      this.phase = 'done';
    } catch (error) {
      if (abort.signal.aborted) return;
      session.noticed(error);
      this.phase = 'failed';
      this.failure = error instanceof ApiError ? error.message : 'it broke off before its end';
    }
  }

  cancel(): void {
    if (this.phase !== 'running') return;
    this.#abort?.abort();
    this.phase = 'cancelled';
  }

  /** The whole file; null when it is larger than what is gathered here. */
  async #gather(body: ReadableStream<Uint8Array<ArrayBuffer>>, countLines: boolean): Promise<Blob | null> {
    const parts: Blob[] = [];
    let chunks: Uint8Array<ArrayBuffer>[] = [];
    let gathered = 0;
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Blob([...parts, ...chunks]);
      this.bytes += value.length;
      if (this.bytes > BYTES_MAX) return null;
      if (countLines) this.lines += linesIn(value);
      chunks.push(value);
      gathered += value.length;
      if (gathered < GATHER_BYTES) continue;
      parts.push(new Blob(chunks));
      chunks = [];
      gathered = 0;
    }
  }
}

function linesIn(chunk: Uint8Array): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has the file by then; it keeps what it saves.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

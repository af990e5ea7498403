// The feed of changes: one stream per browser. The tab that holds the lock reads it and tells the
// others, since six open streams would leave a seventh tab without a connection on HTTP/1.1.
import { asRefusal } from './errors';
import { post } from './call';
import type { Operations } from './types.gen';

/** A change that the server tells of. */
export type FeedEvent = Operations['events.stream']['answer'];

/** How fresh what is shown is. */
export type Standing =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'lost'; since: number }
  | { kind: 'signed-out' };

type Message = { event: FeedEvent; cursor: string | undefined } | { standing: Standing; cursor: string | undefined } | { gap: true } | { ask: true };

/** A beat comes every 15 s; a stream that is silent for longer is dead. */
const SILENCE_MS = 18_000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000, 15_000];
/** Who waited longer for the stream than this took it over from another tab. */
const SOON_MS = 1000;
const CHANNEL = 'worksmith-feed';

export interface Listener {
  event(event: FeedEvent): void;
  standing(standing: Standing): void;
  /** Changes may have been missed: everything that is shown has to be asked for again. */
  gap(): void;
}

/** Listens to the feed until the signal ends it. */
export function listen(to: Listener, signal: AbortSignal): { retry(): void } {
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : null;
  const reader = new Reader(
    (message) => { deliver(to, message); channel?.postMessage(message); },
    signal,
  );
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if ('ask' in data) { if (reader.isReading) channel.postMessage({ standing: reader.standing, cursor: reader.cursor }); }
      else if (!reader.isReading) {
        // So that this tab can go on where the other one ended.
        if ('cursor' in data && data.cursor !== undefined) reader.cursor = data.cursor;
        deliver(to, data);
      }
    };
    channel.postMessage({ ask: true });
    signal.addEventListener('abort', () => channel.close());
  }
  // Plain HTTP from another machine has no locks: then each tab reads for itself.
  if (channel && navigator.locks) {
    const begun = Date.now();
    const held = navigator.locks.request(CHANNEL, { signal }, () => {
      // What came between the other tab's end and now, nobody told this one.
      if (reader.cursor === undefined && Date.now() - begun > SOON_MS) deliver(to, { gap: true });
      return reader.read();
    });
    held.catch(() => { /* The signal ended the wait. */ });
  } else {
    void reader.read();
  }
  return { retry: () => reader.retry() };
}

function deliver(to: Listener, message: Message): void {
  if ('event' in message) to.event(message.event);
  else if ('standing' in message) to.standing(message.standing);
  else if ('gap' in message) to.gap();
}

class Reader {
  standing: Standing = { kind: 'connecting' };
  isReading = false;
  cursor: string | undefined;
  #wake: (() => void) | undefined;

  constructor(private readonly tell: (message: Message) => void, private readonly signal: AbortSignal) {}

  retry(): void {
    this.#wake?.();
  }

  async read(): Promise<void> {
    this.isReading = true;
    let tries = 0;
    while (!this.signal.aborted) {
      try {
        await this.#stream(() => { tries = 0; });
      } catch (error) {
        if (this.signal.aborted) return;
        const refusal = asRefusal(error);
        if (refusal.isSignedOut) return this.#stand({ kind: 'signed-out' });
        if (refusal.status === 400 && this.cursor !== undefined) {
          // The server knows this cursor no longer.
          this.cursor = undefined;
          this.tell({ gap: true });
        }
      }
      if (tries > 0 && this.standing.kind !== 'lost') this.#stand({ kind: 'lost', since: Date.now() });
      const wait = RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)] ?? 0;
      await new Promise<void>((done) => {
        this.#wake = done;
        setTimeout(done, wait);
      });
    }
  }

  #stand(standing: Standing): void {
    this.standing = standing;
    this.tell({ standing, cursor: this.cursor });
  }

  async #stream(onOpen: () => void): Promise<void> {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    this.signal.addEventListener('abort', end);
    let silence = setTimeout(end, SILENCE_MS);
    try {
      const body = this.cursor === undefined ? { from: 'now' } : { cursor: this.cursor };
      const response = await post('/events.stream', body, {}, ended.signal);
      const parts = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      if (!parts) return;
      onOpen();
      this.#stand({ kind: 'live' });
      const parser = new Parser();
      for (;;) {
        const { value, done } = await parts.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE_MS);
        for (const { id, data } of parser.push(value)) {
          if (id) this.cursor = id;
          if (data) this.tell({ event: JSON.parse(data) as FeedEvent, cursor: this.cursor });
        }
      }
    } finally {
      clearTimeout(silence);
      this.signal.removeEventListener('abort', end);
      ended.abort();
    }
  }
}

/** Reads `text/event-stream` as far as this server writes it. */
export class Parser {
  #rest = '';
  #id = '';
  #data: string[] = [];

  /** The messages that this text completes; a beat is one without data. */
  push(text: string): Array<{ id: string; data: string }> {
    const messages = [];
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line.startsWith('id:')) this.#id = line.slice(3).trim();
      else if (line.startsWith('data:')) this.#data.push(line.slice(5).replace(/^ /, ''));
      else if (line === '' && (this.#id || this.#data.length > 0)) {
        messages.push({ id: this.#id, data: this.#data.join('\n') });
        this.#id = '';
        this.#data = [];
      }
    }
    return messages;
  }
}

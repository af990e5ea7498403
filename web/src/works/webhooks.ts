// Webhooks in words: what they can be told of, how a delivery went, and the code of a receiver.
import type { Webhook, WebhookDelivery, WebhookDeliveryAttempt, WebhookEventType } from '../api/types.gen';
import { span } from '../text/format';
import { displayId } from './references';

export interface Topic {
  name: string;
  events: ReadonlyArray<{ type: WebhookEventType; verb: string }>;
}

const VERBS = ['created', 'updated', 'deleted'] as const;
const topic = (name: string, stem: string, verbs: readonly string[] = VERBS): Topic => ({
  name, events: verbs.map((verb) => ({ type: `${stem}_${verb}` as WebhookEventType, verb: verb.replace('member_', 'member ') })),
});

/** What this server tells of. */
export const TOPICS: readonly Topic[] = [
  topic('Works', 'work'), topic('Comments and changes', 'timeline_entry'), topic('SLAs of works', 'sla_tracker'), topic('Links', 'link', ['created', 'deleted']),
  topic('Parts', 'part'), topic('Customers', 'account'), topic('Workspaces', 'rev_org'), topic('Contacts', 'rev_user'), topic('Tags', 'tag'),
  topic('Files', 'artifact'), topic('Members', 'dev_user'), topic('Groups', 'group', [...VERBS, 'member_added', 'member_removed']), topic('Webhooks', 'webhook'),
];

/** What is usual to begin with. */
export const USUAL: readonly WebhookEventType[] = ['work_created', 'work_updated', 'work_deleted', 'timeline_entry_created'];

const ALL = TOPICS.flatMap(({ events }) => events.map(({ type }) => type));

/** What a webhook is told of, in few words. */
export function subjects({ event_types: types }: Pick<Webhook, 'event_types'>): string {
  const has = new Set<string>(types);
  if (ALL.every((type) => has.has(type))) return 'everything';
  const said = TOPICS.flatMap(({ name, events }) => {
    const those = events.filter(({ type }) => has.has(type));
    if (those.length === 0) return [];
    return those.length === events.length ? [name.toLowerCase()] : [`${name.toLowerCase()} ${those.map(({ verb }) => verb).join(', ')}`];
  });
  return said.join('; ') || 'nothing yet';
}

/** The last piece of the id, which addresses hold. */
export const shortId = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** What an event is about, from the id of the object: `…issue/12` is ISS-12, as is what was said there. */
export function about(object = ''): string {
  const [work] = /^.*:(?:issue|ticket|task|opportunity)\/\d+/.exec(object) ?? [];
  if (work) return displayId(work) ?? work;
  const [, kind = '', name = ''] = /:([a-z_]+)\/([^/:]+)$/.exec(object) ?? [];
  return `${kind.replaceAll('_', ' ')} ${name}`.trim();
}

export const STATES: Record<Webhook['status'], string> = { active: 'active', inactive: 'paused', unverified: 'not verified' };

export const lastAttempt = ({ attempts }: Pick<WebhookDelivery, 'attempts'>): WebhookDeliveryAttempt | undefined => attempts.at(-1);

/** How an attempt went: what the receiver answered, or why there is no answer. */
export const outcome = ({ response_status: status, error }: Pick<WebhookDeliveryAttempt, 'response_status' | 'error'>): string =>
  (status !== undefined ? String(status) : error ?? 'no answer');

export interface State {
  text: string;
  heat: '' | 'warm' | 'hot';
}

/** Where a delivery stands. */
export function state({ status, attempts, next_attempt_date: next }: Pick<WebhookDelivery, 'status' | 'attempts' | 'next_attempt_date'>, now: number): State {
  if (status === 'delivered') return { text: 'delivered', heat: '' };
  if (status === 'failed') return { text: 'given up', heat: 'hot' };
  if (attempts.length === 0) return { text: 'on its way', heat: '' };
  const wait = next ? Date.parse(next) - now : 0;
  return { text: wait > 0 ? `again in ${wait < 60_000 ? `${Math.ceil(wait / 1000)} s` : span(wait)}` : 'trying again', heat: 'warm' };
}

/** The newest attempt that failed, if nothing was delivered since. */
export function lastFailure(deliveries: readonly WebhookDelivery[]): WebhookDeliveryAttempt | undefined {
  const attempts = deliveries.flatMap(({ attempts: those }) => those).sort((a, b) => Date.parse(b.date) - Date.parse(a.date));
  const [last] = attempts;
  return last && last.error !== undefined ? last : undefined;
}

/** JSON as people read it; anything else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export const LANGUAGES = ['Node.js', 'Python'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A receiver that proves itself and checks signatures. */
export function receiver(language: Language): string {
  return language === 'Python' ? PYTHON : NODE;
}

const NODE = `import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = process.env.WEBHOOK_SECRET;

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);

  const wanted = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(request.headers['x-devrev-signature'] ?? '', 'hex');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return response.writeHead(401).end();
  }

  const event = JSON.parse(body);
  if (event.type === 'verify') {
    return response.end(JSON.stringify({ challenge: event.challenge }));
  }
  console.log(event.type, event.id); // the same id is the same event
  response.end();
}).listen(3000);
`;

const PYTHON = `import hashlib, hmac, json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = os.environ["WEBHOOK_SECRET"].encode()

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        wanted = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        given = self.headers.get("X-DevRev-Signature", "")
        if not hmac.compare_digest(given, wanted):
            return self.send_error(401)

        event = json.loads(body)
        answer = {"challenge": event["challenge"]} if event["type"] == "verify" else {}
        print(event["type"], event["id"])  # the same id is the same event
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

HTTPServer(("", 3000), Receiver).serve_forever()
`;

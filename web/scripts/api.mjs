// Makes src/api/types.gen.ts from the description of the API: the request and the answer of each
// operation that the UI calls, and all types that they name. With --check it only says whether the
// file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';

const DESCRIPTION = new URL('../../crates/http/openapi.json', import.meta.url);
const FILE = new URL('../src/api/types.gen.ts', import.meta.url);
const WIDTH = 120;

/** The operations that the UI calls. */
const CALLED = [
  'accounts.create', 'accounts.get', 'accounts.list', 'accounts.update', 'artifacts.locate', 'artifacts.prepare',
  'auth-tokens.create', 'auth-tokens.delete', 'auth-tokens.list', 'dev-orgs.get', 'dev-users.activate',
  'dev-users.create', 'dev-users.deactivate', 'dev-users.list', 'dev-users.self', 'events.stream',
  'groups.list', 'links.create', 'links.delete', 'links.list', 'links.replace', 'metric-definitions.list',
  'notifications.count', 'notifications.get', 'notifications.list', 'notifications.update',
  'org-schedule-fragments.create', 'org-schedule-fragments.get', 'org-schedule-fragments.transition',
  'org-schedules.create', 'org-schedules.evaluate', 'org-schedules.get', 'org-schedules.list',
  'org-schedules.set-future', 'org-schedules.transition', 'org-schedules.update', 'parts.create', 'parts.delete',
  'parts.list', 'parts.update', 'preferences.get', 'preferences.update', 'reactions.update', 'rev-orgs.create',
  'rev-orgs.list', 'rev-users.create', 'rev-users.list', 'search.core',
  'schemas.aggregated.get', 'schemas.custom.list', 'schemas.custom.set', 'schemas.subtypes.list',
  'service-accounts.create', 'sla-trackers.explain', 'sla-trackers.get', 'sla-trackers.list', 'slas.assign', 'slas.create', 'slas.list',
  'slas.transition', 'slas.update', 'stage-diagrams.get', 'stage-diagrams.update', 'stages.custom.create',
  'stages.custom.list', 'states.custom.list', 'subscribers.get', 'subscribers.list', 'subscribers.update', 'sys-users.list', 'tags.create', 'tags.list', 'timeline-entries.create',
  'timeline-entries.delete', 'timeline-entries.get', 'timeline-entries.list', 'timeline-entries.update',
  'vistas.create', 'vistas.delete', 'vistas.get', 'vistas.groups.create', 'vistas.groups.get', 'vistas.groups.list',
  'vistas.groups.update', 'vistas.list', 'webhooks.create', 'webhooks.delete', 'webhooks.deliveries.get',
  'webhooks.deliveries.list', 'webhooks.deliveries.redeliver', 'webhooks.list', 'webhooks.update',
  'works.count', 'works.create', 'works.delete', 'works.get', 'works.list',
  'works.update',
];

const document = JSON.parse(readFileSync(DESCRIPTION, 'utf8'));
const schemas = document.components.schemas;
const used = new Set();

const pascal = (name) => name.replace(/(^|[-_.])(\w)/g, (_, __, letter) => letter.toUpperCase());
const member = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function reference(path) {
  const name = path.split('/').at(-1);
  used.add(name);
  return pascal(name);
}

function type(schema) {
  if (schema === true || schema === undefined) return 'unknown';
  if (schema.$ref) return reference(schema.$ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const kinds = schema.discriminator?.mapping;
  if (kinds) {
    const { propertyName } = schema.discriminator;
    const choices = Object.entries(kinds).map(
      ([value, path]) => `({ ${member(propertyName)}: ${JSON.stringify(value)} } & ${reference(path)})`);
    return choices.join(' | ');
  }
  for (const choice of ['oneOf', 'anyOf']) {
    if (schema[choice]) return [...new Set(schema[choice].map(type))].join(' | ');
  }
  const types = [schema.type ?? (schema.properties ? 'object' : undefined)].flat();
  return types.map((kind) => plain(kind, schema)).join(' | ');
}

function plain(kind, schema) {
  switch (kind) {
    case 'string': case 'boolean': case 'null': return kind;
    case 'integer': case 'number': return 'number';
    case 'array': {
      const item = type(schema.items);
      return /[ |]/.test(item) && !item.startsWith('{') ? `Array<${item}>` : `${item}[]`;
    }
    case 'object': return object(schema);
    default: return 'unknown';
  }
}

function object(schema) {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, value]) => `${member(name)}${required.has(name) ? '' : '?'}: ${type(value)}`);
  if (members.length === 0) return 'Record<string, unknown>';
  const text = `{ ${members.join('; ')} }`;
  return schema.additionalProperties === true ? `${text} & Record<string, unknown>` : text;
}

/** Breaks the members of a long type, so that changes can be reviewed. */
function wrapped(text) {
  if (text.length <= WIDTH) return text;
  let depth = 0, out = '', quote = false;
  for (const letter of text) {
    if (letter === '"') quote = !quote;
    if (quote) { out += letter; continue; }
    if (letter === '}') { depth--; out = `${out.trimEnd()}\n${'  '.repeat(depth)}`; }
    out += letter;
    if (letter === '{') depth++;
    if (letter === '{' || letter === ';') out = `${out}\n${'  '.repeat(depth)}`;
  }
  return out.replace(/(\n(?:  )*) (?=\S)/g, '$1').replace(/\n +(?=\n)/g, '');
}

const operations = CALLED.map((name) => {
  const operation = document.paths[`/${name}`]?.post;
  if (!operation) throw new Error(`the description has no operation ${name}`);
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1];
  const content = success?.content ?? {};
  const answer = (content['application/json'] ?? content['text/event-stream'])?.schema;
  return `  '${name}': { body: ${body ? type(body) : '{}'}; answer: ${answer ? type(answer) : 'unknown'} };`;
});
const errors = type({ $ref: '#/components/schemas/ErrorType' });
const lines = new Map();
for (const name of used) {
  // What a type names is added while the set is walked.
  const text = type(schemas[name]);
  lines.set(name, `export type ${pascal(name)} = ${wrapped(text)};`);
}
const types = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
const made = `// Made from the description of the API by \`npm run api\`; not to be changed by hand.

/** What each operation takes and answers. */
export interface Operations {
${operations.join('\n')}
}

/** What errors are called. */
export type ErrorName = ${errors};

${types.join('\n')}
`;

if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') !== made) {
    console.error('src/api/types.gen.ts is not what the description of the API says: npm run api');
    process.exit(1);
  }
} else {
  writeFileSync(FILE, made);
}

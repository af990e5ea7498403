// Assertions about whole objects, refusals, GET twins and pages.
import assert from 'node:assert/strict';

class Optional {
  constructor(expected) { this.expected = expected; }
}

/** The member may be absent; when it is there it must be this. */
export const optional = (expected) => new Optional(expected);

/** Every member may be absent. */
export const maybe = (members) => Object.fromEntries(
  Object.entries(members).map(([name, expected]) => [name, optional(expected)]),
);

export function timestamp(value) {
  assert.match(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
}

export function text(value) {
  assert.equal(typeof value, 'string');
  assert.notEqual(value, '');
}

export const don = (tail, service = 'core') =>
  new RegExp(`^don:${service}:[a-z0-9-]+:devo/[0-9A-Za-z]+:${tail}/[0-9A-Za-z]+$`);

function isPlainObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `actual` has the members of `expected` and no others. An expectation is a value, a RegExp, a
 * function that asserts, or optional(..); `undefined` says that the member must be absent.
 */
export function exact(actual, expected, path = 'object') {
  if (typeof expected === 'function') {
    try {
      expected(actual);
    } catch (error) {
      error.message = `${path}: ${error.message}`;
      throw error;
    }
  } else if (expected instanceof RegExp) {
    assert.match(String(actual), expected, `${path} is ${actual}`);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path} is no list but ${JSON.stringify(actual)}`);
    assert.equal(actual.length, expected.length, `${path} has ${JSON.stringify(actual)}`);
    expected.forEach((item, index) => exact(actual[index], item, `${path}[${index}]`));
  } else if (isPlainObject(expected)) {
    exactMembers(actual, expected, path);
  } else {
    assert.equal(actual, expected, `${path} is ${JSON.stringify(actual)}`);
  }
}

function exactMembers(actual, expected, path) {
  assert.ok(isPlainObject(actual), `${path} is no object but ${JSON.stringify(actual)}`);
  for (const [name, wanted] of Object.entries(expected)) {
    if (wanted === undefined) continue;
    const isOptional = wanted instanceof Optional;
    if (!(name in actual)) assert.ok(isOptional, `${path}.${name} is absent`);
    else exact(actual[name], isOptional ? wanted.expected : wanted, `${path}.${name}`);
  }
  const surplus = Object.keys(actual).filter((name) => expected[name] === undefined);
  assert.deepEqual(surplus, [], `${path} has members that nobody asked for`);
}

/** The one member of an answer that has this status and nothing else in it. */
export function answer(response, status, member) {
  assert.equal(response.status, status);
  assert.deepEqual(Object.keys(response.data), [member]);
  return response.data[member];
}

export const created = (response, member) => answer(response, 201, member);
export const found = (response, member) => answer(response, 200, member);

/** 200 with `{}`: deletes, merges, membership changes. */
export function done(response) {
  assert.equal(response.status, 200);
  assert.deepEqual(response.data, {});
}

// What each error type may carry beside type, message and detail.
const ERROR_EXTRAS = {
  value_not_permitted: ['allowed_values', 'pattern', 'reason'],
  unexpected_id_type: ['allowed_types'],
  customization_validation_error: ['field_name', 'reason'],
};

/** The call is refused with this status and body; answers the body. */
export async function refused(promise, status, expected) {
  const error = await promise.then(
    (response) => assert.fail(`not refused: ${response.status} ${JSON.stringify(response.data)}`),
    (reason) => reason,
  );
  if (!error.response) throw error;
  const body = error.response.data;
  assert.equal(error.response.status, status, JSON.stringify(body));
  const extras = Object.fromEntries(
    (ERROR_EXTRAS[body.type] ?? []).map((name) => [name, optional(() => {})]),
  );
  exact(body, { message: text, detail: optional(text), ...extras, ...expected }, 'error');
  return body;
}

export const notFound = (promise) => refused(promise, 404, { type: 'not_found' });

/** After a delete: the object is gone for both reads and for a second delete. */
export async function gone(sdk, family, id) {
  await notFound(sdk[`${family}Get`]({ id }));
  await notFound(sdk[`${family}GetPost`]({ id }));
  await notFound(sdk[`${family}Delete`]({ id }));
}

/** `{'stage.name': x}` is how the GET twin spells `{stage: {name: x}}`. */
export function nested(query) {
  const body = {};
  for (const [path, value] of Object.entries(query)) {
    const names = path.split('.');
    const last = names.pop();
    let place = body;
    for (const name of names) {
      place[name] ??= {};
      place = place[name];
    }
    place[last] = value;
  }
  return body;
}

function withoutCursors({ cursor, next_cursor: next, prev_cursor: previous, ...rest }) {
  const has = { cursor: Boolean(cursor), next: Boolean(next), previous: Boolean(previous) };
  return { ...rest, has };
}

/** Asks by GET and by POST, holds both to the same answer, and answers it. */
export async function twins(sdk, method, query, body = nested(query)) {
  const byGet = await sdk[method](query);
  const byPost = await sdk[`${method}Post`](body);
  assert.equal(byGet.status, 200);
  assert.equal(byPost.status, 200);
  assert.deepEqual(withoutCursors(byGet.data), withoutCursors(byPost.data));
  return byGet.data;
}

/** An object reads the same by GET and POST, by its id and, if it has one, by its display id. */
export async function reads(sdk, family, member, object) {
  for (const id of [object.id, object.display_id].filter(Boolean)) {
    assert.deepEqual(await twins(sdk, `${family}Get`, { id }), { [member]: object });
  }
}

export const ids = (objects) => objects.map(({ id }) => id);
export const sorted = (values) => [...values].sort();

/** The filter finds exactly these objects, in whatever order, by GET and by POST. */
export async function finds(sdk, method, member, query, objects, body = undefined) {
  const data = await twins(sdk, method, query, body);
  assert.deepEqual(sorted(ids(data[member])), sorted(ids(objects)), JSON.stringify(query));
}

const chunks = (values, size) =>
  values.length === 0 ? [] : [values.slice(0, size), ...chunks(values.slice(size), size)];

/**
 * Walks the pages of two to the end, back to the start, and back from the end; by GET and by POST.
 * `expected` are the identities of all matches in the requested order.
 */
export async function pagesBothWays(sdk, method, member, query, expected, identity = (o) => o.id) {
  assert.ok(expected.length >= 5, 'pages need something to page through');
  for (const [call, base] of [[method, query], [`${method}Post`, nested(query)]]) {
    const page = async (place) => {
      const { status, data } = await sdk[call]({ ...base, limit: 2, ...place });
      assert.equal(status, 200);
      return { ...data, seen: data[member].map(identity) };
    };
    const forward = chunks(expected, 2);
    let at = await page({});
    assert.ok(!('prev_cursor' in at), `${call}: nothing lies before the first page`);
    for (const [index, want] of forward.entries()) {
      if (index > 0) at = await page({ cursor: at.next_cursor, mode: 'after' });
      assert.deepEqual(at.seen, want, `${call}: page ${index} forward`);
      assert.equal('next_cursor' in at, index < forward.length - 1, `${call}: next of ${index}`);
    }
    for (const [index, want] of forward.slice(0, -1).reverse().entries()) {
      at = await page({ cursor: at.prev_cursor, mode: 'before' });
      assert.deepEqual(at.seen, want, `${call}: page ${index} backward`);
    }
    assert.ok(!('prev_cursor' in at), `${call}: back at the first page`);
    assert.ok('next_cursor' in at, `${call}: the way forward is open again`);

    at = await page({ mode: 'before' });
    assert.deepEqual(at.seen, expected.slice(-2), `${call}: before no cursor lies the last page`);
    assert.ok(!('next_cursor' in at), `${call}: nothing lies after the last page`);
    at = await page({ cursor: at.prev_cursor, mode: 'before' });
    assert.deepEqual(at.seen, expected.slice(-4, -2), `${call}: the page before the last one`);
  }
}

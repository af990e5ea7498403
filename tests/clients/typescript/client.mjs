// The SDK's two clients, set up as its documentation says. Only response interceptors are added:
// they hold every answer of the whole suite to the rules that have no exception.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { betaSDK, client, publicSDK } from '@devrev/typescript-sdk';
import utilModule from '@devrev/typescript-sdk/dist/snap-ins/beta-devrev-sdk-util.js';

export { betaSDK, publicSDK };

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see README.md for how to run this suite`);
  return value;
}

export const endpoint = setting('WORKSMITH_URL').replace(/\/+$/, '');
const adminToken = setting('WORKSMITH_TOKEN');

/** Clients read `member in object`, so what is not set is absent. An enum's value may be null. */
function assertNoNulls(value, path) {
  assert.notEqual(value, null, `${path} is null: what is not set must be absent`);
  if (typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) {
    if (name === 'custom_fields' || (name === 'value' && member === null)) continue;
    assertNoNulls(member, `${path}.${name}`);
  }
}

function checkResponse(response) {
  const { config, data, headers, status } = response;
  const call = `${config.method.toUpperCase()} ${config.url} (${status})`;
  assert.ok(headers['x-request-id'], `${call}: x-request-id`);
  if (status === 204) {
    assert.equal(data, '', `${call}: there is a body`);
    return response;
  }
  assert.match(headers['content-type'] ?? '', /^application\/json\b/, `${call}: content type`);
  assert.equal(headers.etag, undefined, `${call}: an ETag misleads caching clients`);
  assert.equal(typeof data, 'object', `${call}: body is ${JSON.stringify(data)}`);
  assertNoNulls(data, call);
  return response;
}

function watched(sdk) {
  sdk.instance.interceptors.response.use(checkResponse, (error) => {
    if (error.response) {
      checkResponse(error.response);
      error.message += ` for ${error.config.url}: ${JSON.stringify(error.response.data)}`;
    }
    throw error;
  });
  return sdk;
}

export const publicClient = (token = adminToken) => watched(client.setup({ endpoint, token }));
export const betaClient = (token = adminToken) => watched(client.setupBeta({ endpoint, token }));

export const pub = publicClient();
export const beta = betaClient();
export const bothClients = [['public', pub], ['beta', beta]];

/** The SDK's own upload, download and paging helper. */
export const sdkUtil = new utilModule.BetaSdkUtil(beta);

/** A call that the SDK has no method for, sent through the SDK's own machinery. */
export function post(sdk, path, body) {
  return sdk.request({
    path, method: 'POST', body, secure: true, type: betaSDK.ContentType.Json, format: 'json',
  });
}

const run = randomBytes(4).toString('hex');
let counter = 0;

/** A name that no other test, file or run uses; later names sort after earlier ones. */
export function unique(label) {
  counter += 1;
  return `${label} ${run} ${String(counter).padStart(4, '0')}`;
}

/** The same for places where blanks are unwelcome: mail addresses, domains, references. */
export const slug = (label) => unique(label).replaceAll(' ', '-').toLowerCase();

/** A positive int32 that no other test is likely to use, for ordinals that must be unique. */
export const ordinal = () => randomBytes(4).readUInt32BE() % 2_000_000_000 + 10_000;

/** Creation dates have milliseconds: objects made after a tick sort after those made before. */
export const tick = () => new Promise((resolve) => { setTimeout(resolve, 3); });

// Files: prepared, uploaded as the SDK does it and as a browser does it, located and downloaded.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mock, test } from 'node:test';
import { beta, betaSDK, bothClients, endpoint, pub, sdkUtil } from './client.mjs';
import {
  done, exact, found, ids, notFound, optional, reads, refused, text, timestamp, twins,
} from './expect.mjs';
import {
  artifact, authored, contact, customer, numbered, product, self, shadowUser, work, workspace,
} from './fixtures.mjs';

async function prepare(sdk, request) {
  const { status, data } = await sdk.artifactsPrepare(request);
  assert.equal(status, 200);
  exact(data, { id: text, url: new RegExp(`^${endpoint.replaceAll('.', '\\.')}/`),
    form_data: (pairs) => pairs.forEach((pair) => exact(pair, { key: text, value: text })) });
  return data;
}

/** What a browser does with a prepared upload: every pair as a field, in order, then the file. */
async function upload({ url, form_data: pairs }, bytes, fileName = 'blob') {
  const form = new FormData();
  for (const { key, value } of pairs) form.append(key, value);
  form.append('file', new Blob([bytes]), fileName);
  return (await fetch(url, { method: 'POST', body: form })).status;
}

/** Each answer has an address of its own, so the twins agree in what it leads to. */
async function locate(sdk, query) {
  const places = [];
  for (const call of ['artifactsLocate', 'artifactsLocatePost']) {
    const { status, data } = await sdk[call](query);
    assert.equal(status, 200);
    exact(data, { url: text, expires_at: timestamp });
    assert.ok(Date.parse(data.expires_at) > Date.now(), 'the address is good for a while');
    places.push(new URL(data.url));
  }
  const [byGet, byPost] = places;
  assert.equal(byGet.origin + byGet.pathname, byPost.origin + byPost.pathname);
  return byGet.href;
}

async function download(sdk, query) {
  const response = await fetch(await locate(sdk, query));
  assert.equal(response.status, 200);
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

const wholeArtifact = (object, file) => ({
  ...numbered(object, 'artifact', 'ARTIFACT'), ...authored(), file,
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client prepares, uploads by form, and downloads the same bytes`, async () => {
    const bytes = randomBytes(70_000);
    const prepared = await prepare(sdk, {
      file_name: 'Größe – trace.bin', file_type: 'application/octet-stream',
      configuration_set: betaSDK.ArtifactConfigurationSet.Work,
    });
    const file = { name: 'Größe – trace.bin', type: 'application/octet-stream' };
    const before = await artifact(sdk, prepared.id);
    exact(before, wholeArtifact(before, file));

    assert.equal(await upload(prepared, bytes, '../../etc/passwd'), 204);
    const after = await artifact(sdk, prepared.id);
    exact(after, wholeArtifact(after, { ...file, size: bytes.length }));
    for (const id of [prepared.id, after.display_id]) {
      const { response, bytes: got } = await download(sdk, { id });
      assert.ok(got.equals(bytes), 'the same bytes come back');
      assert.match(response.headers.get('content-type'), /^application\/octet-stream/);
    }
  });
}

test("the SDK's helper uploads and downloads a text", async () => {
  const file = Buffer.from('line one\nline two — ünï\n');
  const id = await sdkUtil.uploadFileToArtifact({
    file_name: 'notes.txt', file_type: 'text/plain', file,
  });
  text(id);
  const { file: kept } = await artifact(beta, id);
  exact(kept, { name: 'notes.txt', type: 'text/plain', size: file.length });
  assert.equal(await sdkUtil.getFileContentFromArtifact(id), file.toString());
});

test("the SDK's helper reports a file that nobody has", async () => {
  const lines = mock.method(console, 'error', () => {});
  try {
    assert.equal(await sdkUtil.getFileContentFromArtifact('ARTIFACT-999999'), undefined);
    assert.match(lines.mock.calls.at(-1).arguments[0], /^Error Type: not_found$/m);
  } finally {
    lines.mock.restore();
  }
});

test('get reads the same by GET and POST, locate answers before any upload', async () => {
  const { id } = await prepare(pub, { file_name: 'PATH_TO_ARTIFACT' });
  const data = await twins(pub, 'artifactsGet', { id });
  exact(data.artifact.file, { name: 'PATH_TO_ARTIFACT', type: optional(text) });
  assert.deepEqual((await twins(pub, 'artifactsGet', { id: data.artifact.display_id })), data);
  text(await locate(pub, { id }));
});

test('an upload address works once, and a located address cannot be altered', async () => {
  const prepared = await prepare(beta, { file_name: 'once.txt', file_type: 'text/plain' });
  assert.equal(await upload(prepared, 'first'), 204);
  const second = await upload(prepared, 'second');
  assert.ok(second >= 400 && second < 500, `a second upload answers ${second}`);
  const url = await locate(beta, { id: prepared.id });
  assert.equal(await (await fetch(url)).text(), 'first');
  const altered = await fetch(url.slice(0, -6));
  assert.ok(altered.status >= 400 && altered.status < 500, `altered: ${altered.status}`);
});

test('a hostile file comes back as bytes, not as a page of this server', async () => {
  const prepared = await prepare(pub, { file_name: 'x.html', file_type: 'text/html' });
  assert.equal(await upload(prepared, '<script>alert(1)</script>'), 204);
  const { response } = await download(pub, { id: prepared.id });
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.match(response.headers.get('content-disposition') ?? '', /^attachment/);
});

test('a new version replaces the bytes, the old one stays readable until deleted', async () => {
  const prepared = await prepare(beta, { file_name: 'v.txt', file_type: 'text/plain' });
  assert.equal(await upload(prepared, 'old'), 204);
  const old = (await beta.artifactsGet({ id: prepared.id })).data.version;
  exact(old, {
    version: text, timestamp, modified_by: optional(({ id }) => assert.equal(id, self.id)),
  });

  const { status, data: next } = await beta.artifactsVersionsPrepare({ id: prepared.id });
  assert.equal(status, 200);
  exact(next, { id: optional(prepared.id), url: text, form_data: () => {} });
  assert.equal(await upload(next, 'brand new'), 204);
  const now = (await beta.artifactsGet({ id: prepared.id })).data;
  assert.equal(now.artifact.file.size, 9);
  assert.notEqual(now.version.version, old.version);
  assert.equal((await download(beta, { id: prepared.id })).bytes.toString(), 'brand new');

  const past = { id: prepared.id, version: old.version };
  assert.equal((await twins(beta, 'artifactsGet', past)).artifact.file.size, 3);
  assert.equal((await download(beta, past)).bytes.toString(), 'old');
  done(await beta.artifactsHardDeleteVersion(past));
  await notFound(beta.artifactsGet(past));
  assert.equal((await download(beta, { id: prepared.id })).bytes.toString(), 'brand new');
});

test('an artifact has one parent for ever', async () => {
  const place = await product();
  const first = await work('issue', place);
  const second = await work('ticket', place);
  const files = [];
  for (const name of ['a.txt', 'b.txt', 'c.txt']) {
    files.push((await prepare(beta, { file_name: name, file_type: 'text/plain' })).id);
  }
  const update = async (patch) =>
    found(await beta.worksUpdate({ id: first.id, artifacts: patch }), 'work');

  exact(ids((await update({ set: files.slice(0, 2) })).artifacts), files.slice(0, 2));
  exact(ids((await update({ add: [files[1], files[2]] })).artifacts), files);
  const { artifacts } = await twins(pub, 'artifactsList', { parent_id: first.id });
  exact(ids(artifacts).sort(), [...files].sort());
  for (const file of artifacts) assert.deepEqual(file, await artifact(pub, file.id));

  exact(ids((await update({ remove: [files[0], files[1]] })).artifacts), [files[2]]);
  for (const file of [files[0], files[2]]) {
    for (const call of [
      () => beta.worksUpdate({ id: second.id, title: 'stolen', artifacts: { add: [file] } }),
      () => pub.worksCreate({
        type: 'issue', title: 'stolen', applies_to_part: place.id, owned_by: [self.id],
        artifacts: [file],
      }),
    ]) {
      await refused(call(), 400, {
        type: 'artifact_already_attached_to_a_parent', existing_parent: first.id, is_same: false,
      });
    }
  }
  await reads(pub, 'works', 'work', second);
});

test('customers, their contacts and users hold artifacts in the same way', async () => {
  const file = async () => (await prepare(beta, { file_name: 'f', file_type: 'image/png' })).id;
  const [files, picture] = [[await file(), await file(), await file()], await file()];
  const { account } = await customer({ artifacts: [files[0]] });
  const branch = await workspace(account, { artifacts: [files[1]] });
  const person = await contact({ rev_org: branch.id, artifacts: [files[2]] });
  const user = await shadowUser();
  found(await beta.devUsersUpdate({ id: user.id, display_picture: picture }), 'dev_user');
  for (const [index, holder] of [account, branch, person].entries()) {
    exact(ids(holder.artifacts), [files[index]]);
    const { artifacts } = await twins(pub, 'artifactsList', { parent_id: holder.id });
    exact(ids(artifacts), [files[index]]);
  }
  const stranger = await customer();
  const held = [[files[0], account], [files[1], branch], [files[2], person], [picture, user]];
  for (const [taken, parent] of held) {
    const patch = { id: stranger.account.id, artifacts: { set: [taken] } };
    await refused(beta.accountsUpdate(patch), 400, {
      type: 'artifact_already_attached_to_a_parent', existing_parent: parent.id, is_same: false,
    });
  }
});

test('an artifact that nobody has is not found, a file without a name not prepared', async () => {
  for (const call of ['artifactsGet', 'artifactsGetPost', 'artifactsLocate']) {
    await notFound(beta[call]({ id: 'ARTIFACT-999999' }));
  }
  await notFound(beta.artifactsVersionsPrepare({ id: 'ARTIFACT-999999' }));
  await refused(beta.artifactsPrepare({ file_type: 'text/plain' }), 400, {
    type: 'missing_required_field', field_name: 'file_name',
  });
});

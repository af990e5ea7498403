// The product tree: all four kinds of part, who is under whom, and the lists over them.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, betaSDK, bothClients, pub, tick, unique } from './client.mjs';
import {
  created, done, exact, finds, found, gone, ids, notFound, optional, pagesBothWays, reads,
  refused, timestamp, twins,
} from './expect.mjs';
import {
  artifact, authored, numbered, part, product, self, shadowUser, stage, tag, tagSummary,
  userSummary,
} from './fixtures.mjs';

let colleague;
let label;

before(async () => {
  colleague = await shadowUser();
  label = await tag({ allowed_values: ['core'] });
});

const wholePart = (object, type, prefix) => ({
  ...numbered(object, type, prefix),
  ...authored(),
  type,
  name: object.name,
  owned_by: [userSummary(self)],
  stock_schema_fragment: optional(/stock_sf/),
});

const startStage = (name, state) => {
  const { name: _, display_name: __, ...rest } = stage(name, state);
  return { ...rest, name: optional(name), display_name: optional(/./) };
};

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates every kind of part under its parent`, async () => {
    const upload = (await sdk.artifactsPrepare({ file_name: 'plan.md' })).data;
    const request = {
      type: betaSDK.PartType.Product,
      name: unique('Product'),
      description: 'What we sell',
      owned_by: [self.id, colleague.display_id],
      artifacts: [upload.id],
      tags: [{ id: label.id, value: 'core' }],
    };
    const root = created(await sdk.partsCreate(request), 'part');
    const file = await artifact(sdk, upload.id);
    exact(root, {
      ...wholePart(root, 'product', 'PROD'),
      name: request.name,
      description: 'What we sell',
      owned_by: [userSummary(self), userSummary(colleague)],
      artifacts: [{ id: file.id, display_id: file.display_id, file: {
        name: 'plan.md', type: optional(/./),
      } }],
      tags: [{ tag: tagSummary(label), value: 'core' }],
    });
    await reads(sdk, 'parts', 'part', root);

    const capability = await part('capability', root);
    exact(capability, wholePart(capability, 'capability', 'CAPL'));
    const feature = await part('feature', capability);
    exact(feature, wholePart(feature, 'feature', 'FEAT'));
    const enhancement = await part('enhancement', feature, {
      target_start_date: '2031-01-01T00:00:00Z', target_close_date: '2031-06-01T00:00:00Z',
    });
    exact(enhancement, {
      ...wholePart(enhancement, 'enhancement', 'ENH'),
      target_start_date: '2031-01-01T00:00:00.000Z',
      target_close_date: '2031-06-01T00:00:00.000Z',
      stage_v2: startStage('ideation', 'open'),
      state_v2: optional('open'),
    });
    await reads(sdk, 'parts', 'part', enhancement);
  });
}

test('a part is updated by its display id; what is not named stays', async () => {
  const root = await product({ description: 'old', tags: [{ id: label.id }] });
  await tick();
  const name = unique('renamed');
  const updated = found(await pub.partsUpdate({
    id: root.display_id,
    type: betaSDK.PartType.Product,
    name,
    owned_by: { set: [colleague.display_id] },
    tags: { set: [] },
  }), 'part');
  exact(updated, {
    ...wholePart(root, 'product', 'PROD'), name, description: 'old',
    owned_by: [userSummary(colleague)], created_date: root.created_date,
  });
  assert.ok(updated.modified_date > root.modified_date);
  const again = found(await beta.partsUpdate({ id: root.id, description: 'new' }), 'part');
  exact([again.description, again.name], ['new', name]);
  await reads(beta, 'parts', 'part', again);
});

test('an enhancement moves through its stages and forgets its dates on null', async () => {
  const enhancement = await part('enhancement', await product(), {
    target_start_date: '2031-01-01T00:00:00Z', target_close_date: '2031-06-01T00:00:00Z',
  });
  const diagram = found(await beta.stageDiagramsGet({ leaf_type: 'enhancement' }),
    'stage_diagram');
  const stageId = (name) => diagram.stages.find((node) => node.stage.name === name).stage.id;
  const moved = found(await beta.partsUpdate({
    id: enhancement.id, type: betaSDK.PartType.Enhancement, stage_v2: stageId('in_development'),
    target_close_date: null, target_start_date: null, release_notes: 'Faster',
  }), 'part');
  exact(moved, {
    ...wholePart(enhancement, 'enhancement', 'ENH'),
    stage_v2: startStage('in_development', 'in_progress'),
    state_v2: optional('in_progress'),
    actual_start_date: timestamp,
    release_notes: optional('Faster'),
  });
  const shipped = found(await beta.partsUpdate({
    id: enhancement.id, stage_v2: stageId('general_availability'),
  }), 'part');
  exact(shipped.stage_v2.state.name, 'closed');
  timestamp(shipped.actual_close_date);
});

describe('parts are refused', () => {
  const request = (members) => ({
    type: 'feature', name: unique('part'), owned_by: [self.id], ...members,
  });

  test('without a parent, unless they are products', async () => {
    await refused(pub.partsCreate(request()), 400, {
      type: 'missing_required_field', field_name: 'parent_part',
    });
  });

  test('under a parent of the wrong kind', async () => {
    const root = await product();
    await refused(pub.partsCreate(request({ parent_part: [root.id] })), 400, {
      type: /^(unexpected_id_type|bad_request)$/, field_name: optional('parent_part'),
      value: optional(root.id),
    });
  });

  test('with no owner', async () => {
    const root = await product();
    await refused(pub.partsUpdate({ id: root.id, type: 'product', owned_by: { set: [] } }), 400, {
      type: 'value_not_permitted', field_name: 'owned_by',
    });
    await reads(pub, 'parts', 'part', root);
  });
});

describe('parts.list', () => {
  let root;
  let tree;

  before(async () => {
    root = await product();
    const capability = await part('capability', root, { tags: [{ id: label.id }] });
    const feature = await part('feature', capability, { owned_by: [colleague.id] });
    const below = await part('feature', feature);
    const enhancement = await part('enhancement', root, {
      target_close_date: '2031-06-01T00:00:00Z',
    });
    tree = { capability, feature, below, enhancement };
  });

  const under = (level) => ({
    'parent_part.parts': [root.id], ...(level ? { 'parent_part.level': level } : {}),
  });

  const filters = [
    ['all descendants', () => under(), ['capability', 'feature', 'below', 'enhancement']],
    ['direct children', () => under(1), ['capability', 'enhancement']],
    ['children of several parts', () => ({
      'parent_part.parts': [root.display_id, tree.feature.display_id], 'parent_part.level': 1,
    }), ['capability', 'enhancement', 'below']],
    ['one kind', () => ({ ...under(), type: [betaSDK.PartType.Feature] }), ['feature', 'below']],
    ['several kinds', () => ({ ...under(), type: ['capability', 'enhancement'] }),
      ['capability', 'enhancement']],
    ['one name', () => ({ name: [tree.below.name] }), ['below']],
    ['several names', () => ({ name: [tree.below.name, tree.capability.name] }),
      ['below', 'capability']],
    ['an owner', () => ({ ...under(), owned_by: [colleague.display_id] }), ['feature']],
    ['a tag', () => ({ ...under(), tags: [label.id] }), ['capability']],
    ['authors', () => ({ ...under(), created_by: [self.id], modified_by: [colleague.id] }), []],
    ['the date of an enhancement', () => ({
      ...under(), type: ['enhancement'],
      'enhancement.target_close_date.after': '2031-06-01T00:00:00Z',
      'enhancement.target_close_date.before': '2031-06-01T02:00:00+02:00',
    }), ['enhancement']],
  ];
  for (const [name, query, expected] of filters) {
    test(`finds by ${name}`, async () => {
      for (const [, sdk] of bothClients) {
        await finds(sdk, 'partsList', 'parts', query(), expected.map((key) => tree[key]));
      }
    });
  }

  test('takes typed dates and one kind as a text', async () => {
    const { data } = await beta.partsListPost({
      parent_part: { parts: [root.id] }, type: 'capability',
      created_date_v2: { type: 'preset', preset_type: 'last_n_days', days: 1 },
    });
    exact(ids(data.parts), [tree.capability.id]);
  });

  test('lists whole parts', async () => {
    const { parts } = await twins(pub, 'partsList', under());
    for (const listed of parts) {
      assert.deepEqual(listed, found(await pub.partsGet({ id: listed.id }), 'part'));
    }
  });
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client pages through parts in both directions`, async () => {
    const root = await product();
    const children = [];
    for (let index = 0; index < 5; index += 1) children.push(await part('capability', root));
    const query = { 'parent_part.parts': [root.id], sort_by: ['name:asc'] };
    await pagesBothWays(sdk, 'partsList', 'parts', query, ids(children));
  });

  test(`the ${name} client deletes parts from the leaves up`, async () => {
    const root = await product();
    const child = await part('capability', root);
    await refused(sdk.partsDelete({ id: root.id }), 400, { type: 'bad_request' });
    done(await sdk.partsDelete({ id: child.id }));
    done(await sdk.partsDelete({ id: root.display_id }));
    await gone(sdk, 'parts', child.id);
    await gone(sdk, 'parts', root.id);
    await notFound(sdk.partsUpdate({ id: root.id, type: 'product', name: 'too late' }));
  });
}

// Links between works, parts and customers; merging tickets; the tree of parts as links.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, betaSDK, bothClients, pub } from './client.mjs';
import {
  created, don, done, exact, finds, found, gone, ids, notFound, optional, pagesBothWays, refused,
  twins,
} from './expect.mjs';
import { authored, part, partSummary, product, self, userSummary, work } from './fixtures.mjs';

const { LinkType } = betaSDK;

let place;

before(async () => {
  place = await product();
});

const issue = (members) => work('issue', place, members);
const ticket = (members) => work('ticket', place, members);

const workEnd = (object) => ({
  type: object.type,
  id: object.id,
  display_id: object.display_id,
  title: object.title,
  owned_by: [userSummary(self)],
  stage: { name: object.stage.name },
  state_display_name: optional(/./),
  priority: object.priority,
  priority_v2: object.priority_v2 && optional(object.priority_v2),
  severity: object.severity,
});

const wholeLink = (link, link_type, source, target) => ({
  id: don('link'), ...authored(), link_type, source, target,
});

const link = async (link_type, source, target, sdk = beta) =>
  created(await sdk.linksCreate({ link_type, source: source.id, target: target.id }), 'link');

for (const [name, sdk] of bothClients) {
  test(`the ${name} client links issues, and reads, lists and deletes the link`, async () => {
    const [one, other] = [await issue(), await issue()];
    const request = {
      link_type: LinkType.IsDependentOn, source: one.display_id, target: other.id,
    };
    const made = created(await sdk.linksCreate(request), 'link');
    exact(made, wholeLink(made, 'is_dependent_on', workEnd(one), workEnd(other)));
    assert.deepEqual(await twins(sdk, 'linksGet', { id: made.id }), { link: made });
    for (const object of [one, other]) {
      assert.deepEqual(await twins(sdk, 'linksList', { object: object.id }), { links: [made] });
    }
    await refused(sdk.linksCreate(request), 409, { type: 'conflict' });
    done(await sdk.linksDelete({ id: made.id }));
    await gone(sdk, 'links', made.id);
    assert.deepEqual(await twins(sdk, 'linksList', { object: one.id }), { links: [] });
  });

  test(`the ${name} client pages through links in both directions`, async () => {
    const hub = await issue();
    const made = [];
    for (let index = 0; index < 5; index += 1) {
      const other = await issue();
      const [source, target] = index % 2 === 0 ? [hub, other] : [other, hub];
      made.push(await link(LinkType.IsRelatedTo, source, target));
    }
    const query = { object: hub.id };
    await pagesBothWays(sdk, 'linksList', 'links', query, ids(made).reverse());
  });

  test(`the ${name} client replaces one end of a link`, async () => {
    const [one, other, third] = [await issue(), await issue(), await issue()];
    const made = await link(LinkType.IsParentOf, one, other);
    const request = {
      id: made.id, link_type: LinkType.IsParentOf, source: third.id, target: other.id,
    };
    const replaced = created(await sdk.linksReplace(request), 'link');
    exact(replaced, {
      ...wholeLink(replaced, 'is_parent_of', workEnd(third), workEnd(other)), id: made.id,
    });
    await finds(sdk, 'linksList', 'links', { object: one.id }, []);
    await finds(sdk, 'linksList', 'links', { object: third.id }, [replaced]);
  });
}

test('links are filtered by direction, type and the other end', async () => {
  const [hub, other, customers] = [await issue(), await issue(), await ticket()];
  const related = await link(LinkType.IsRelatedTo, hub, other);
  const child = await link(LinkType.IsParentOf, hub, other);
  const depends = await link(LinkType.IsDependentOn, customers, hub);
  const object = hub.id;
  for (const [filter, expected] of [
    [{}, [related, child, depends]],
    [{ direction: 'is_source' }, [related, child]],
    [{ direction: 'is_target' }, [depends]],
    [{ link_type: ['is_related_to', 'is_dependent_on'] }, [related, depends]],
    [{ types: ['is_parent_of'] }, [child]],
    [{ object_types: ['ticket'] }, [depends]],
    [{ object_types: ['issue'], link_type: ['is_parent_of'] }, [child]],
  ]) {
    await finds(beta, 'linksList', 'links', { object, ...filter }, expected);
  }
});

describe('a link is refused', () => {
  test('that joins what its type does not join, so that a program tries another', async () => {
    const [source, target] = [await ticket(), await issue()];
    const related = { link_type: LinkType.IsRelatedTo, source: source.id, target: target.id };
    await refused(pub.linksCreate(related), 400, { type: 'bad_request' });
    await link(LinkType.IsDependentOn, source, target, pub);
  });

  test('of an object with itself, or with nothing', async () => {
    const one = await issue();
    const request = { link_type: LinkType.IsRelatedTo, source: one.id, target: one.id };
    await refused(pub.linksCreate(request), 400, { type: 'bad_request' });
    const nothing = { ...request, target: one.id.replace(/\d+$/, '999999') };
    await refused(pub.linksCreate(nothing), 400, { type: 'invalid_id', field_name: 'target' });
    await refused(pub.linksList({}), 400, {
      type: 'missing_required_field', field_name: 'object',
    });
    const id = one.id.replace(/issue\/\d+$/, 'link/Ab12Cd34');
    await notFound(pub.linksGet({ id }));
  });

  test('that gives a child a second parent', async () => {
    const [one, other, child] = [await issue(), await issue(), await issue()];
    await link(LinkType.IsParentOf, one, child);
    const second = { link_type: LinkType.IsParentOf, source: other.id, target: child.id };
    await refused(pub.linksCreate(second), 400, { type: 'bad_request' });
  });
});

test('a ticket is merged into another one, and only once', async () => {
  const [secondary, primary, other] = [await ticket(), await ticket(), await ticket()];
  const made = await link(LinkType.IsMergedInto, secondary, primary);
  assert.equal(made.source.stage.name, 'canceled');
  const merged = found(await pub.worksGet({ id: secondary.id }), 'work');
  assert.equal(merged.stage.name, 'canceled');
  const again = {
    link_type: LinkType.IsMergedInto, source: secondary.id, target: other.id,
  };
  await refused(beta.linksCreate(again), 400, {
    type: 'merge_works_error',
    errors: [{
      work: secondary.id,
      details: /merged/,
      subtype: 'already_merged',
      already_merged: { merged_into: primary.id },
    }],
  });
});

test('the tree of parts and what issues are developed with read as links', async () => {
  const [root, second] = [await product(), await product()];
  const capability = await part('capability', root);
  const data = await twins(beta, 'linksList', { object: capability.id, direction: 'is_source' });
  assert.equal(data.links.length, 1);
  const [parent] = data.links;
  exact(parent, wholeLink(parent, 'is_part_of', partSummary(capability), partSummary(root)));
  assert.deepEqual(await twins(beta, 'linksGet', { id: parent.id }), { link: parent });
  const moved = created(await beta.linksReplace({
    id: parent.id, link_type: LinkType.IsPartOf, source: capability.id, target: second.id,
  }), 'link');
  assert.equal(moved.target.id, second.id);
  await finds(beta, 'partsList', 'parts', { 'parent_part.parts': [second.id] }, [capability]);
  await refused(beta.linksDelete({ id: parent.id }), 400, { type: 'bad_request' });

  const developed = await issue({ developed_with: [capability.id] });
  const query = { object: developed.id, link_type: ['developed_with'] };
  const { links } = await twins(beta, 'linksList', query);
  const ends = [workEnd(developed), partSummary(capability)];
  exact(links, [wholeLink(links[0], 'developed_with', ...ends)]);
  done(await beta.linksDelete({ id: links[0].id }));
  const left = found(await beta.worksGet({ id: developed.id }), 'work');
  assert.deepEqual(left.developed_with ?? [], []);
});

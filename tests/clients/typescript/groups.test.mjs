// Teams and queues, and who is in them.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, betaSDK, bothClients, pub, tick, unique } from './client.mjs';
import {
  created, done, don, exact, finds, found, ids, notFound, optional, pagesBothWays, refused,
  twins,
} from './expect.mjs';
import {
  authored, contact, contactSummary, customer, group, groupSummary, product, self, shadowUser,
  userSummary, workspaceSummary,
} from './fixtures.mjs';

let colleague;

before(async () => { colleague = await shadowUser(); });

const wholeGroup = (team) => ({
  id: don('group', 'identity'),
  display_id: optional(/./),
  ...authored(),
  name: team.name,
  description: 'Answers first',
  is_default: false,
  member_type: 'dev_user',
  type: optional('static'),
});

const readsAlike = async (sdk, team) => {
  assert.deepEqual(await twins(sdk, 'groupsGet', { id: team.id }), { group: team });
};

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates a group with every field`, async () => {
    const request = {
      name: unique('Support'),
      description: 'Tier 1',
      type: betaSDK.GroupType.Static,
      member_type: betaSDK.GroupMemberType.RevUser,
      owner: colleague.display_id,
    };
    const team = created(await sdk.groupsCreate(request), 'group');
    exact(team, {
      ...wholeGroup(team),
      name: request.name,
      description: 'Tier 1',
      member_type: 'rev_user',
      owner: userSummary(colleague),
    });
    await readsAlike(sdk, team);
  });
}

test('a group needs a name of its own, and no description', async () => {
  const team = created(await pub.groupsCreate({ name: unique('Group') }), 'group');
  exact(team, { ...wholeGroup(team), description: undefined });
  await refused(pub.groupsCreate({ name: team.name, description: 'again' }), 400, {
    type: 'value_not_permitted', field_name: 'name',
  });
  await refused(pub.groupsCreate({ description: 'nameless' }), 400, {
    type: 'missing_required_field', field_name: 'name',
  });
  await notFound(pub.groupsGet({ id: team.id.replace(/[^/]+$/, '999999') }));
});

test('an update changes what it names, and null takes the owner away', async () => {
  const team = await group({ owner: self.id });
  exact(team.owner, userSummary(self));
  await tick();
  const name = unique('Renamed');
  const updated = found(await beta.groupsUpdate({ id: team.id, name, owner: null }), 'group');
  exact(updated, {
    ...wholeGroup(team), name, owner: undefined, created_date: team.created_date,
  });
  assert.ok(updated.modified_date > team.modified_date);
  await readsAlike(pub, updated);
  assert.deepEqual(found(await pub.groupsUpdate({ id: team.id }), 'group'), updated);
});

describe('members', () => {
  test('are added and removed, twice without effect, listed and counted', async () => {
    const team = await group();
    const inner = await group();
    for (const member of [colleague.display_id, self.id, self.id, inner.id]) {
      done(await beta.groupMembersAdd({ group: team.id, member }));
    }
    const summaries = [
      userSummary(colleague), userSummary(self), { type: 'group', ...groupSummary(inner) },
    ];
    const { members } = await twins(beta, 'groupMembersList', { group: team.id });
    for (const summary of summaries) {
      const found_ = members.filter(({ member }) => member.id === summary.id);
      exact(found_, [{ member: summary }]);
    }
    assert.equal(members.length, summaries.length);
    exact(await twins(beta, 'groupMembersCount', { group: team.id }), {
      count: 3, has_more: false,
    });

    for (const member of [colleague.id, inner.id, inner.id]) {
      done(await pub.groupMembersRemove({ group: team.id, member }));
    }
    exact(await twins(pub, 'groupMembersList', { group: team.id }), {
      members: [{ member: userSummary(self) }],
    });
  });

  test('may be contacts, with the workspace that they stand for', async () => {
    const { workspace } = await customer();
    const person = await contact({ rev_org: workspace.id });
    const team = await group({ member_type: 'rev_user' });
    done(await beta.groupMembersAdd({
      group: team.id, member: person.id, member_rev_org: workspace.id,
    }));
    const { type: _, ...summary } = workspaceSummary(workspace);
    exact(await twins(beta, 'groupMembersList', { group: team.id }), {
      members: [{
        member: contactSummary(person),
        member_rev_org: { type: optional('rev_org'), ...summary },
      }],
    });
  });

  test('of the wrong kind are refused', async () => {
    const team = await group();
    const place = await product();
    const person = await contact();
    for (const member of [place.id, person.id]) {
      await refused(pub.groupMembersAdd({ group: team.id, member }), 400, {
        type: 'unexpected_id_type', field_name: 'member', value: member,
      });
    }
    exact(await twins(beta, 'groupMembersCount', { group: team.id }), {
      count: 0, has_more: false,
    });
  });

  test('are paged in both directions', async () => {
    const team = await group();
    for (let index = 0; index < 5; index += 1) {
      const { id } = await shadowUser();
      done(await beta.groupMembersAdd({ group: team.id, member: id }));
    }
    const { members } = await twins(beta, 'groupMembersList', { group: team.id });
    const identity = ({ member }) => member.id;
    for (const [, sdk] of bothClients) {
      await pagesBothWays(sdk, 'groupMembersList', 'members', { group: team.id },
        members.map(identity), identity);
    }
  });
});

describe('groups.list', () => {
  const made = {};

  before(async () => {
    made.first = await group();
    await tick();
    made.second = await group({ member_type: 'rev_user' });
  });

  const mine = () => ({ name: [made.first.name, made.second.name] });
  const filters = [
    ['one name', () => ({ name: [made.first.name] }), ['first']],
    ['several names', mine, ['first', 'second']],
    ['members', () => ({ ...mine(), member_type: ['rev_user'] }), ['second']],
    ['type', () => ({ ...mine(), group_type: ['static', 'dynamic'] }), ['first', 'second']],
    ['default', () => ({ ...mine(), is_default: true }), []],
    ['author', () => ({ ...mine(), created_by: [colleague.id] }), []],
  ];
  for (const [name, query, expected] of filters) {
    test(`finds by ${name}`, async () => {
      for (const [, sdk] of bothClients) {
        await finds(sdk, 'groupsList', 'groups', query(), expected.map((key) => made[key]));
      }
    });
  }

  test('gives whole groups, newest first', async () => {
    assert.deepEqual(await twins(pub, 'groupsList', mine()), {
      groups: [made.second, made.first],
    });
  });

  test('is paged in both directions', async () => {
    const paged = [];
    for (let index = 0; index < 5; index += 1) paged.push(await group());
    const query = { name: paged.map(({ name }) => name), sort_by: ['name:asc'] };
    for (const [, sdk] of bothClients) {
      await pagesBothWays(sdk, 'groupsList', 'groups', query, ids(paged));
    }
  });
});

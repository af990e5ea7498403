// Objects that tests lean on, made through the SDK, and the summaries they appear as elsewhere.
import { beta, betaSDK, post, slug, unique } from './client.mjs';
import { created, don, exact, found, maybe, optional, text, timestamp } from './expect.mjs';

/** The dev user whom the token belongs to. */
export const self = found(await beta.devUsersSelf(), 'dev_user');

export async function shadowUser(members = {}) {
  const email = `${slug('dev')}@example.org`;
  const request = { email, state: betaSDK.DevUsersCreateRequestStateEnumValue.Shadow, ...members };
  return created(await beta.devUsersCreate(request), 'dev_user');
}

export async function part(type, parent, members = {}) {
  const parents = parent ? { parent_part: [parent.id] } : {};
  const request = { type, name: unique(type), owned_by: [self.id], ...parents, ...members };
  return created(await beta.partsCreate(request), 'part');
}

export const product = (members) => part('product', undefined, members);

export async function tag(members = {}) {
  return created(await beta.tagsCreate({ name: unique('tag'), ...members }), 'tag');
}

/** An account and the workspace that comes with it. */
export async function customer(members = {}) {
  const request = { display_name: unique('Account'), ...members };
  const { status, data } = await beta.accountsCreate(request);
  exact(status, 201);
  exact(Object.keys(data).sort(), ['account', 'default_rev_org']);
  return { account: data.account, workspace: data.default_rev_org };
}

export async function workspace(account, members = {}) {
  const request = { account: account.id, display_name: unique('Workspace'), ...members };
  return created(await beta.revOrgsCreate(request), 'rev_org');
}

export async function contact(members = {}) {
  const request = { display_name: unique('Contact'), email: `${slug('rev')}@example.org` };
  return created(await beta.revUsersCreate({ ...request, ...members }), 'rev_user');
}

export async function group(members = {}) {
  const request = { name: unique('Group'), description: 'Answers first', ...members };
  return created(await beta.groupsCreate(request), 'group');
}

export async function work(type, place, members = {}) {
  const request = { type, title: unique(type), applies_to_part: place.id, owned_by: [self.id] };
  return created(await beta.worksCreate({ ...request, ...members }), 'work');
}

/** No published operation makes a sprint board or a sprint: both calls are Worksmith's own. */
export async function sprintBoard(members = {}) {
  const request = { type: 'grouped', filter_type: 'works', flavor: 'sprint_board' };
  const name = unique('Board');
  return created(await beta.vistasCreate({ ...request, name, ...members }), 'vista');
}

export async function sprint(board, members = {}) {
  const request = {
    parent_id: board.id,
    name: unique('Sprint'),
    start_date: '2031-01-06T00:00:00.000Z',
    end_date: '2031-01-20T00:00:00.000Z',
    ...members,
  };
  return created(await post(beta, '/vistas.groups.create', request), 'vista_group');
}

/** The artifact, besides which the answer has for the Python SDK what it reads at the top level. */
export async function artifact(sdk, id) {
  const { status, data } = await sdk.artifactsGet({ id });
  const { file } = data.artifact;
  exact(status, 200);
  exact(data, {
    artifact: () => {},
    version: optional(() => {}),
    ...maybe({ file_name: file.name, file_type: file.type ?? '', file_size: file.size ?? text }),
  });
  return data.artifact;
}

function pick(object, names) {
  const present = names.filter((name) => name in object);
  return Object.fromEntries(present.map((name) => [name, object[name]]));
}

const USER_MEMBERS = [
  'id', 'display_id', 'display_name', 'full_name', 'email', 'state', 'display_picture',
];

export const userSummary = (user, type = 'dev_user') => ({ type, ...pick(user, USER_MEMBERS) });

export const contactSummary = (user) => ({
  ...userSummary(user, 'rev_user'), ...pick(user, ['external_ref', 'rev_org']),
});

export const partSummary = (object) => pick(object, [
  'type', 'id', 'display_id', 'name', 'owned_by',
]);

export const tagSummary = (object) => pick(object, ['id', 'display_id', 'name', 'style_new']);
export const groupSummary = (object) => pick(object, ['id', 'display_id', 'name', 'member_type']);
export const accountSummary = (object) => pick(object, ['id', 'display_id', 'display_name']);
export const workspaceSummary = (object) => ({ type: 'rev_org', ...accountSummary(object) });
export const sprintSummary = (object) => pick(object, [
  'type', 'id', 'name', 'start_date', 'end_date', 'state',
]);
export const enumValue = (id, label) => ({ id, label, ordinal: id });

/** What the server adds to every object that the caller creates. */
export const authored = () => ({
  created_by: userSummary(self),
  created_date: timestamp,
  modified_by: userSummary(self),
  modified_date: timestamp,
});

/** Identity members of an object with numbered ids: both spellings carry the same number. */
export function numbered(object, tail, prefix, service = 'core') {
  exact(object.id, don(tail, service), 'id');
  return { id: object.id, display_id: `${prefix}-${object.id.split('/').pop()}` };
}

/** A stage as it stands on a work: its own name, its custom stage, and the state it belongs to. */
export function stage(name, state) {
  return {
    name,
    display_name: optional(/./),
    ordinal: optional(/^\d+$/),
    stage: {
      id: don('custom_stage'), display_id: optional(/./), name, display_name: optional(/./),
    },
    state: {
      id: don('custom_state'), display_id: optional(/./), name: state,
      is_final: state === 'closed',
    },
  };
}

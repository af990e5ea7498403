// Saved views. A sprint board is a grouped vista, its columns are the sprints that issues are in.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, betaSDK, bothClients, pub, tick, unique } from './client.mjs';
import {
  done, exact, finds, found, gone, ids, maybe, optional, pagesBothWays, reads, twins,
} from './expect.mjs';
import {
  authored, numbered, product, self, sprint, sprintBoard, sprintSummary, work,
} from './fixtures.mjs';

const wholeBoard = (board) => ({
  ...numbered(board, 'vista', 'VISTA'),
  ...authored(),
  type: 'grouped',
  name: board.name,
  filter_type: 'works',
  flavor: 'sprint_board',
  is_default: optional(false),
});

const wholeSprint = (item, board) => ({
  id: new RegExp(`^${board.id}:vista_group_item/\\d+$`),
  ...maybe(authored()),
  object_type: 'works',
  type: 'curated',
  name: item.name,
  start_date: '2031-01-06T00:00:00.000Z',
  end_date: '2031-01-20T00:00:00.000Z',
  state: 'planned',
  parent: {
    type: 'grouped', id: board.id, display_id: board.display_id, name: board.name,
    flavor: 'sprint_board',
  },
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client reads a sprint board and its sprints`, async () => {
    const board = await sprintBoard();
    exact(board, wholeBoard(board));
    await reads(sdk, 'vistas', 'vista', board);
    const item = await sprint(board);
    exact(item, wholeSprint(item, board));
    assert.deepEqual(await twins(sdk, 'vistasGroupsGet', { id: item.id }), { vista_group: item });
  });

  test(`the ${name} client deletes a board, and its sprints go with it`, async () => {
    const board = await sprintBoard();
    const item = await sprint(board);
    const kept = await sprint(await sprintBoard());
    const issue = await work('issue', await product(), { sprint: item.id });
    const other = await work('issue', await product(), { sprint: kept.id });
    done(await sdk.vistasDelete({ id: board.id }));
    await gone(sdk, 'vistas', board.id);
    await gone(sdk, 'vistasGroups', item.id);
    assert.ok(!('sprint' in found(await sdk.worksGet({ id: issue.id }), 'work')));
    exact(found(await sdk.worksGet({ id: other.id }), 'work').sprint, sprintSummary(kept));
  });

  test(`the ${name} client deletes one sprint`, async () => {
    const board = await sprintBoard();
    const [item, kept] = [await sprint(board), await sprint(board)];
    done(await sdk.vistasGroupsDelete({ id: item.id }));
    await gone(sdk, 'vistasGroups', item.id);
    await finds(sdk, 'vistasGroupsList', 'vista_group', { parent_id: [board.id] }, [kept]);
  });
}

describe('vistas.list', () => {
  let boards;

  before(async () => {
    boards = [];
    for (let index = 0; index < 5; index += 1) {
      boards.push(await sprintBoard());
      await tick();
    }
  });

  test('finds by type, flavour and author', async () => {
    for (const [, sdk] of bothClients) {
      const { vistas } = await twins(sdk, 'vistasList', {
        type: [betaSDK.VistaType.Grouped], created_by: [self.id], limit: 100,
        flavor: [betaSDK.GroupedVistaFlavor.SprintBoard, betaSDK.GroupedVistaFlavor.Nnl],
      });
      for (const board of boards) {
        assert.deepEqual(vistas.find(({ id }) => id === board.id), board);
      }
      const { vistas: curated } = await twins(sdk, 'vistasList', {
        type: [betaSDK.VistaType.Curated], created_by: [self.id],
      });
      const mine = ids(curated).filter((id) => ids(boards).includes(id));
      exact(mine, []);
    }
  });

  test('goes forward and back', async () => {
    const query = { type: ['grouped'], created_by: [self.id], limit: 2 };
    const first = (await pub.vistasList(query)).data;
    const second = (await pub.vistasList({ ...query, cursor: first.next_cursor })).data;
    const back = (await pub.vistasList({
      ...query, cursor: second.prev_cursor, mode: 'before',
    })).data;
    exact([first.vistas.length, second.vistas.length], [2, 2]);
    assert.deepEqual(ids(back.vistas), ids(first.vistas));
  });
});

describe('vistas.groups.list', () => {
  let board;
  const made = {};

  before(async () => {
    board = await sprintBoard();
    made.past = await sprint(board, {
      state: 'completed', start_date: '2030-01-01T00:00:00.000Z',
      end_date: '2030-01-15T00:00:00.000Z',
    });
    made.now = await sprint(board, { state: 'active' });
    made.next = await sprint(board);
  });

  const here = () => ({ parent_id: [board.id] });
  const filters = [
    ['board', here, ['past', 'now', 'next']],
    ['one state', () => ({ ...here(), state: [betaSDK.VistaGroupItemState.Active] }), ['now']],
    ['several states', () => ({ ...here(), state: ['active', 'planned'] }), ['now', 'next']],
    ['kind of object', () => ({ ...here(), group_object_type: ['work', 'part'] }),
      ['past', 'now', 'next']],
    ['another kind of object', () => ({ ...here(), group_object_type: ['conversation'] }), []],
    ['type', () => ({ ...here(), type: ['curated'] }), ['past', 'now', 'next']],
    ['author', () => ({ ...here(), created_by: [self.id] }), ['past', 'now', 'next']],
  ];
  for (const [name, query, expected] of filters) {
    test(`finds by ${name}`, async () => {
      for (const [, sdk] of bothClients) {
        await finds(sdk, 'vistasGroupsList', 'vista_group', query(),
          expected.map((key) => made[key]));
      }
    });
  }

  test('finds by date through POST', async () => {
    const range = (after, before_) => ({ type: 'range', after, before: before_ });
    const started = { start_date: range(made.now.start_date, made.now.start_date) };
    const ended = { end_date: range('2030-01-15T00:00:00Z', '2030-01-15T00:00:00Z') };
    const { data: first } = await pub.vistasGroupsListPost({ ...here(), ...started });
    exact(ids(first.vista_group).sort(), ids([made.now, made.next]).sort());
    const { data: second } = await pub.vistasGroupsListPost({ ...here(), ...ended });
    exact(ids(second.vista_group), [made.past.id]);
  });

  test('gives whole sprints', async () => {
    const { vista_group: items } = await twins(beta, 'vistasGroupsList', here());
    for (const item of items) {
      assert.deepEqual(item, found(await pub.vistasGroupsGet({ id: item.id }), 'vista_group'));
    }
  });

  test('is paged in both directions', async () => {
    const long = await sprintBoard();
    for (let index = 0; index < 5; index += 1) await sprint(long);
    const query = { parent_id: [long.id] };
    const { vista_group: items } = await twins(beta, 'vistasGroupsList', query);
    assert.equal(items.length, 5);
    for (const [, sdk] of bothClients) {
      await pagesBothWays(sdk, 'vistasGroupsList', 'vista_group', query, ids(items));
    }
  });
});

test('an issue shows the sprint that it is put into', async () => {
  const item = await sprint(await sprintBoard(), { state: 'active' });
  const issue = await work('issue', await product());
  const planned = found(await pub.worksUpdate({
    id: issue.id, type: 'issue', sprint: item.id,
  }), 'work');
  exact(planned.sprint, {
    type: 'curated', id: item.id, name: item.name, start_date: item.start_date,
    end_date: item.end_date, state: 'active',
  });
});

test('two boards may have sprints of the same name', async () => {
  const name = unique('Sprint');
  const [one, two] = [
    await sprint(await sprintBoard(), { name }), await sprint(await sprintBoard(), { name }),
  ];
  exact([one.name, two.name], [name, name]);
  assert.notEqual(one.id, two.id);
});

// States, stages and stage diagrams: the stock ones, and those that an org defines.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, bothClients, ordinal, pub, tick, unique } from './client.mjs';
import {
  created, don, exact, finds, found, ids, notFound, optional, refused, twins,
} from './expect.mjs';
import { authored } from './fixtures.mjs';

const stock = {
  issue: {
    start: 'triage',
    open: ['triage', 'backlog', 'prioritized'],
    in_progress: ['in_development', 'in_review', 'in_testing', 'in_deployment'],
    closed: ['completed', 'wont_fix', 'duplicate'],
  },
  ticket: {
    start: 'queued',
    open: ['queued'],
    in_progress: [
      'work_in_progress', 'awaiting_product_assist', 'awaiting_development', 'in_development',
      'awaiting_customer_response',
    ],
    closed: ['resolved', 'canceled', 'accepted'],
  },
  task: { start: 'open', open: ['open'], in_progress: ['in_development'], closed: ['resolved'] },
  opportunity: {
    start: 'qualification',
    open: ['qualification'],
    in_progress: ['validation', 'negotiation', 'contract', 'stalled'],
    closed: ['closed_won', 'closed_lost'],
  },
  enhancement: {
    start: 'ideation',
    open: ['ideation', 'prioritized'],
    in_progress: ['ux_design', 'in_development', 'in_testing', 'limited_availability'],
    closed: ['general_availability', 'deprioritized', 'wont_do', 'deprecated'],
  },
};

/** Lists here answer the next page's cursor under two names and know no way back. */
async function pagesForward(sdk, method, query, expected) {
  const seen = [];
  let place = {};
  do {
    const { data } = await sdk[method]({ ...query, limit: 2, ...place });
    assert.ok(data.result.length <= 2);
    assert.equal(data.cursor, data.next_cursor, 'both names carry the cursor');
    seen.push(...ids(data.result));
    place = { cursor: data.cursor };
  } while (place.cursor && seen.length < 100);
  assert.deepEqual(seen, expected);
}

const stateSummary = ({ id, display_id, name, is_final }) => ({
  id, display_id: optional(display_id), name, is_final,
});

const newState = async (sdk, members) => created(await sdk.customStatesCreate({
  name: unique('state'), ordinal: ordinal(), ...members,
}), 'custom_state');

const newStage = async (sdk, members) => created(await sdk.customStagesCreate({
  name: unique('Needs RCA'), ordinal: ordinal(), state: 'open', ...members,
}), 'custom_stage');

describe('states.custom', () => {
  test('the three stock states are there', async () => {
    const names = ['open', 'in_progress', 'closed'];
    const { result } = await twins(pub, 'customStatesList', { name: names });
    exact(result.map(({ name }) => name).sort(), [...names].sort());
    for (const state of result) exact(state.is_final ?? false, state.name === 'closed');
    await finds(pub, 'customStatesList', 'result', { name: names, is_final: true },
      result.filter(({ name }) => name === 'closed'));
  });

  for (const [name, sdk] of bothClients) {
    test(`are created, read, updated and listed by the ${name} client`, async () => {
      const request = { name: unique('parked'), ordinal: ordinal(), is_final: true };
      const state = created(await sdk.customStatesCreate(request), 'custom_state');
      exact(state, {
        id: don('custom_state'), display_id: optional(/./), ...authored(), ...request,
      });
      assert.deepEqual(await twins(sdk, 'customStatesGet', { id: state.id }), {
        custom_state: state,
      });

      await tick();
      const patch = { name: unique('renamed'), ordinal: ordinal() };
      const updated = found(await sdk.customStatesUpdate({ id: state.id, ...patch }),
        'custom_state');
      exact(updated, {
        id: state.id, display_id: optional(/./), ...authored(), ...request, ...patch,
        created_date: state.created_date,
      });
      const other = await newState(sdk);
      await finds(sdk, 'customStatesList', 'result', { name: [patch.name] }, [updated]);
      await finds(sdk, 'customStatesList', 'result',
        { ordinal: [patch.ordinal, other.ordinal] }, [updated, other]);
    });
  }

  test('an ordinal is taken once', async () => {
    const state = await newState(pub);
    await refused(pub.customStatesCreate({ name: unique('late'), ordinal: state.ordinal }), 409, {
      type: 'conflict',
    });
    await notFound(pub.customStatesGet({ id: state.id.replace(/\d+$/, '999999') }));
  });

  test('are paged forward', async () => {
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push(await newState(beta));
    const query = { name: made.map(({ name }) => name), sort_by: ['name:asc'] };
    await pagesForward(beta, 'customStatesList', query, ids(made));
    await pagesForward(pub, 'customStatesListPost', query, ids(made));
  });
});

describe('stages.custom', () => {
  let states;

  before(async () => {
    const { result } = await twins(pub, 'customStatesList', {
      name: ['open', 'in_progress', 'closed'],
    });
    states = Object.fromEntries(result.map((state) => [state.name, state]));
  });

  for (const [name, sdk] of bothClients) {
    test(`are created, read, updated and listed by the ${name} client`, async () => {
      const request = { name: unique('Needs RCA'), ordinal: ordinal() };
      const stage = created(await sdk.customStagesCreate({
        ...request, state: states.in_progress.id,
      }), 'custom_stage');
      const whole = {
        id: don('custom_stage'), display_id: optional(/./), ...authored(), ...request,
        display_name: optional(/./),
        state: stateSummary(states.in_progress),
      };
      exact(stage, whole);
      assert.deepEqual(await twins(sdk, 'customStagesGet', { id: stage.id }), {
        custom_stage: stage,
      });

      await tick();
      const patch = { name: unique('Has RCA'), ordinal: ordinal() };
      const updated = found(await sdk.customStagesUpdate({
        id: stage.id, ...patch, state_id: states.closed.id,
      }), 'custom_stage');
      exact(updated, {
        ...whole, ...patch, state: stateSummary(states.closed), created_date: stage.created_date,
      });
      const other = await newStage(sdk);
      exact(other.state, stateSummary(states.open));
      await finds(sdk, 'customStagesList', 'result', { name: [patch.name] }, [updated]);
      await finds(sdk, 'customStagesList', 'result',
        { name: [patch.name, other.name] }, [updated, other]);
      await finds(sdk, 'customStagesList', 'result',
        { ordinal: [patch.ordinal, other.ordinal] }, [updated, other]);
    });
  }

  test('need a state that exists', async () => {
    const request = { name: unique('nowhere'), ordinal: ordinal() };
    await refused(pub.customStagesCreate(request), 400, {
      type: 'missing_required_field', field_name: 'state',
    });
    await refused(pub.customStagesCreate({ ...request, state: 'no such state' }), 400, {
      type: 'invalid_id', field_name: 'state',
    });
    const absent = states.open.id.replace(/state\/.*/, 'stage/999999');
    await notFound(pub.customStagesGet({ id: absent }));
  });

  test('are paged forward', async () => {
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push(await newStage(beta));
    const query = { name: made.map(({ name }) => name), sort_by: ['name:asc'] };
    await pagesForward(beta, 'customStagesList', query, ids(made));
    await pagesForward(pub, 'customStagesListPost', query, ids(made));
  });
});

describe('stage-diagrams', () => {
  for (const [leafType, expected] of Object.entries(stock)) {
    test(`every stage of a ${leafType} is in its stock diagram`, async () => {
      const { stage_diagram: diagram } = await twins(pub, 'stageDiagramsGet', {
        leaf_type: leafType,
      });
      exact([diagram.leaf_type, diagram.is_default], [leafType, true]);
      const names = diagram.stages.map((node) => node.stage.name);
      const all = [...expected.open, ...expected.in_progress, ...expected.closed];
      exact([...names].sort(), [...all].sort());
      const starts = diagram.stages.filter((node) => node.is_start);
      exact(starts.map((node) => node.stage.name), [expected.start]);
      for (const state of ['open', 'in_progress', 'closed']) {
        const name = expected[state][0];
        const node = diagram.stages.find((each) => each.stage.name === name);
        const stage = found(await pub.customStagesGet({ id: node.stage.id }), 'custom_stage');
        exact([stage.name, stage.state.name], [name, state]);
        const targets = node.transitions.map((edge) => edge.target_stage.name);
        for (const target of [...expected.open, ...expected.in_progress]) {
          assert.ok(target === name || targets.includes(target), `${name} may go to ${target}`);
        }
      }
      assert.deepEqual(await twins(beta, 'stageDiagramsGet', { id: diagram.id }), {
        stage_diagram: diagram,
      });
    });
  }

  test('are defined, read, listed and redefined by the org', async () => {
    const [first, second, third] = [
      await newStage(beta), await newStage(beta, { state: 'in_progress' }),
      await newStage(beta, { state: 'closed' }),
    ];
    const summary = ({ id, display_id, name }) => ({
      id, display_id: optional(display_id), name, display_name: optional(/./),
    });
    const edge = (target) => ({ target_stage: summary(target), ui: optional({}) });
    const request = {
      leaf_type: 'issue',
      name: unique('bug_transitions'),
      stages: [
        { stage_id: first.id, is_start: true, transitions: [{ target_stage_id: second.id }] },
        { stage_id: second.id, transitions: [
          { target_stage_id: first.id }, { target_stage_id: third.id },
        ] },
        { stage_id: third.id },
      ],
    };
    const diagram = created(await beta.stageDiagramsCreate(request), 'stage_diagram');
    const node = (stage, isStart, targets) => ({
      stage: summary(stage),
      is_start: isStart ? true : optional(false),
      is_deprecated: optional(false),
      transitions: targets.length ? targets.map(edge) : optional([]),
    });
    const whole = {
      id: don('stage_diagram'), display_id: optional(/./), ...authored(),
      leaf_type: 'issue', name: request.name,
      is_default: optional(false), is_custom_leaf_type: optional(false),
      stages: [node(first, true, [second]), node(second, false, [first, third]),
        node(third, false, [])],
    };
    exact(diagram, whole);
    assert.deepEqual(await twins(pub, 'stageDiagramsGet', { id: diagram.id }), {
      stage_diagram: diagram,
    });
    await finds(pub, 'stageDiagramsList', 'result', { name: [request.name] }, [diagram]);

    await tick();
    const name = unique('renamed');
    const updated = found(await pub.stageDiagramsUpdate({
      id: diagram.id, name, stages: [{ stage_id: third.id, is_start: true }],
    }), 'stage_diagram');
    exact(updated, {
      ...whole, name, stages: [node(third, true, [])], created_date: diagram.created_date,
    });
    const { result } = await twins(pub, 'stageDiagramsList', { leaf_type: ['issue', 'ticket'] });
    exact([...new Set(result.map((each) => each.leaf_type))].sort(), ['issue', 'ticket']);
    await finds(pub, 'stageDiagramsList', 'result',
      { leaf_type: ['issue'], name: [name, unique('nobody')] }, [updated]);
  });

  test('that contradict themselves are refused', async () => {
    const stage = await newStage(pub);
    const base = { leaf_type: 'issue', name: unique('bad'), stages: [
      { stage_id: stage.id, is_start: true },
    ] };
    await refused(pub.stageDiagramsCreate({ ...base, is_default: true }), 409, {
      type: 'conflict',
    });
    const anything = { type: /./, field_name: optional(/./), reason: optional(/./) };
    await refused(pub.stageDiagramsCreate({
      ...base, stages: [{ stage_id: stage.id }],
    }), 400, anything);
    const absent = stage.id.replace(/\d+$/, '999999');
    await refused(pub.stageDiagramsCreate({
      ...base, stages: [{ stage_id: absent, is_start: true }],
    }), 400, anything);
    const diagram = created(await pub.stageDiagramsCreate(base), 'stage_diagram');
    for (const fixed of [{ is_default: true }, { leaf_type: 'ticket' }]) {
      await refused(pub.stageDiagramsUpdate({ id: diagram.id, ...fixed }), 400, {
        type: 'invalid_field', field_name: Object.keys(fixed)[0],
      });
    }
    await notFound(pub.stageDiagramsGet({ id: diagram.id.replace(/\d+$/, '999999') }));
  });
});

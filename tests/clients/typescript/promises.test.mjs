// Business hours, SLAs and what becomes of them; custom fields, subtypes and custom objects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beta, pub, unique } from './client.mjs';
import { created, done, found, notFound } from './expect.mjs';
import { product, work } from './fixtures.mjs';

const publish = (id) => ({ id, status: 'published' });

test('a schedule is made, published, evaluated and listed', async () => {
  const office = { period_name: 'Office', intervals: [{ from: 1980, to: 2460 }] };
  const made = created(await pub.orgSchedulesCreate({
    name: unique('Hours'), timezone: 'UTC', default_weekly_org_schedule: office,
  }), 'org_schedule');
  assert.equal(made.status, 'draft');
  const published = await pub.orgSchedulesTransition(publish(made.id));
  assert.equal(published.data.org_schedule.status, 'published');
  // A Monday, at ten and at eighteen.
  const instants = ['2026-01-05T10:00:00Z', '2026-01-05T18:00:00Z'];
  const told = await pub.orgSchedulesEvaluatePost({ id: made.id, instants });
  assert.deepEqual(told.data.instant_evaluations.map((each) => each.is_active), [true, false]);
  const listed = await pub.orgSchedulesListPost({ status: ['published'] });
  assert.ok(listed.data.org_schedules.some((each) => each.id === made.id));
});

test('an SLA is made, published, and kept for an issue until it is done', async () => {
  const metrics = (await pub.metricDefinitionsListPost({})).data.metric_definitions;
  const metric = metrics.find((each) => each.name === 'Issue resolution time');
  const sla = created(await pub.slasCreate({
    name: unique('Team'), sla_type: 'internal', applies_to: ['issue'],
    policies: [{
      name: 'All', selector: { applies_to: 'issue' },
      metrics: [{ metric: metric.id, target: 60, warning_target: 30 }],
    }],
  }), 'sla');
  assert.equal(sla.status, 'draft');
  assert.equal((await pub.slasTransition(publish(sla.id))).status, 200);
  const issue = await work('issue', await product());
  const summary = issue.sla_summary;
  assert.deepEqual([summary.stage, summary.closest_to_breach_metric], ['running', metric.name]);
  const tracker = found(await pub.slaTrackersGetPost({ id: issue.sla_tracker.id }), 'sla_tracker');
  assert.deepEqual(tracker, summary.sla_tracker);
  const action = {
    action: 'pause', metric: metric.id, object: issue.id, event_date: issue.created_date,
  };
  done(await pub.metricActionExecute(action));
  const paused = await pub.metricTrackersGetPost({ metric: metric.id, object: issue.id });
  assert.equal(paused.data.metric_tracker.status, 'paused');
  const resolved = await pub.worksUpdate({
    id: issue.id, type: 'issue', stage: { name: 'completed' },
  });
  assert.equal(resolved.data.work.sla_summary.sla_tracker.status, 'hit');
  await pub.slasTransition({ id: sla.id, status: 'archived' });
});

test('a metric of ones own is made, renamed and deleted with 204', async () => {
  const request = { name: unique('Review'), applies_to: ['issue'] };
  const metric = created(await pub.metricDefinitionsCreate(request), 'metric_definition');
  const deleted = await pub.metricDefinitionsDelete({ id: metric.id });
  assert.equal(deleted.status, 204);
  await notFound(pub.metricDefinitionsGetPost({ id: metric.id }));
});

test('an object of a leaf type of ones own has its fields, its key and its number', async () => {
  const fragment = {
    type: 'tenant_fragment', leaf_type: 'harbour', is_custom_leaf_type: true, id_prefix: 'HRB',
    description: 'Where ships are', fields: [
      { name: 'berths', field_type: 'int', is_filterable: true },
    ],
  };
  assert.equal((await pub.customSchemaFragmentsSet(fragment)).status, 201);
  const harbour = created(await pub.customObjectsCreate({
    leaf_type: 'harbour', title: 'Nantes', unique_key: 'nantes',
    custom_schema_spec: { tenant_fragment: true }, custom_fields: { tnt__berths: 12 },
  }), 'custom_object');
  assert.deepEqual(harbour.custom_fields, { tnt__berths: 12 });
  assert.match(harbour.display_id, /^C-HRB-\d+$/);
  const got = await pub.customObjectsGetPost({ id: harbour.id });
  assert.deepEqual(got.data.custom_object, harbour);
  const counted = await pub.customObjectsCountPost({ leaf_type: 'harbour' });
  assert.equal(counted.data.count, 1);
  done(await pub.customObjectsDelete({ id: harbour.id }));
  await notFound(pub.customObjectsGetPost({ id: harbour.id }));
});

test('a ticket gets a subtype with a field of its own', async () => {
  const fragment = {
    type: 'custom_type_fragment', leaf_type: 'ticket', subtype: 'refund',
    subtype_display_name: 'Refund', description: 'Money back',
    fields: [{ name: 'sum', field_type: 'double' }],
  };
  assert.equal((await pub.customSchemaFragmentsSet(fragment)).status, 201);
  const listed = await beta.subtypesListPost({ leaf_type: 'ticket' });
  assert.ok(listed.data.subtypes.some((each) => each.value === 'refund'));
  const ticket = await work('ticket', await product(), {
    custom_schema_spec: { subtype: 'refund' }, custom_fields: { ctype__sum: 12.5 },
  });
  assert.deepEqual([ticket.subtype, ticket.custom_fields], ['refund', { ctype__sum: 12.5 }]);
  const schema = await pub.aggregatedSchemaGetPost({
    leaf_type: 'ticket', custom_schema_spec: { subtype: 'refund' },
  });
  const names = schema.data.schema.custom_fields.map((field) => field.name);
  assert.ok(names.includes('ctype__sum'), names.join());
});

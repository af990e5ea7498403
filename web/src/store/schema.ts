// Stages, fields and subtypes of a kind of work, and new versions of them.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call, uniqueKey, type Answer } from '../api/call';
import type { CustomSchemaFragmentCondition, CustomState, SchemaFieldDescriptor, WorkType } from '../api/types.gen';
import { written, type DiagramNode } from '../works/diagram';
import { customField, type Field } from '../works/fields';
import { plain } from '../works/schema';
import type { Work } from '../works/work';
import { all } from './asked';
import { LONG } from './queries';

export type Fragment = Answer<'schemas.custom.list'>['result'][number];

export const useStates = () => useQuery({
  queryKey: ['stages', 'states'], staleTime: LONG,
  queryFn: async (): Promise<CustomState[]> => (await call('states.custom.list', { sort_by: ['ordinal:asc'] })).result,
});

export const useSchema = (kind: WorkType, subtype?: string) => useQuery({
  queryKey: ['schema', kind, subtype ?? ''], staleTime: LONG,
  queryFn: async () => (await call('schemas.aggregated.get', { leaf_type: kind, ...(subtype ? { custom_schema_spec: { subtype } } : {}) })).schema,
});

/** The fields of the org that a work has by its kind and its subtype, and which can be edited. */
export function useCustomFields(work: Pick<Work, 'type' | 'subtype'> | undefined): Field[] {
  const { type = 'issue', subtype } = work ?? {};
  const { data } = useSchema(type, subtype);
  return useMemo(() => (data?.custom_fields ?? []).flatMap((each) => customField(type, each) ?? []), [data, type]);
}

export const useFragmentsOf = (kind: WorkType) => useQuery({
  queryKey: ['schema', 'fragments', kind], staleTime: LONG,
  queryFn: () => all('schemas.custom.list', { leaf_type: [kind] }, (answer): Fragment[] => answer.result),
});

/** How many works of a kind are in each stage, by its name, and how many there are. */
export const useInStages = (kind: WorkType) => useQuery({
  queryKey: ['count', 'stages', kind],
  queryFn: async () => {
    const { count, groups = [] } = await call('works.count', { type: [kind], group_by: ['stage'] });
    return { count, by: new Map(groups.map((group) => [group.stage?.name ?? '', group.count])) };
  },
});

export async function publishDiagram(id: string, nodes: readonly DiagramNode[]): Promise<void> {
  await call('stage-diagrams.update', { id, stages: written(nodes) }, { key: uniqueKey() });
}

export async function makeStage(name: string, state: string, ordinal: number) {
  return (await call('stages.custom.create', { name, state, ordinal }, { key: uniqueKey() })).custom_stage;
}

/** A field as requests have it: without where it is from. */
const bare = (field: SchemaFieldDescriptor): SchemaFieldDescriptor => {
  const { origin: _, ...rest } = field;
  return { ...rest, name: plain(field.name) };
};

/** Writes a new version of the fields of a kind: the whole new state, and what is gone from the old one. */
export async function publishFields(kind: WorkType, fragment: Fragment | undefined, fields: readonly SchemaFieldDescriptor[], conditions?: readonly CustomSchemaFragmentCondition[]): Promise<void> {
  const kept = new Set(fields.map(({ name }) => plain(name)));
  const deleted = (fragment?.fields ?? []).map(({ name }) => plain(name)).filter((name) => !kept.has(name));
  const before = fragment as { stock_field_overrides?: unknown; composite_schemas?: unknown } | undefined;
  await call('schemas.custom.set', {
    type: 'tenant_fragment', leaf_type: kind, description: fragment?.description || `Fields of every ${kind}`,
    fields: fields.map(bare), deleted_fields: deleted, conditions: [...(conditions ?? fragment?.conditions ?? [])],
    ...(before?.stock_field_overrides ? { stock_field_overrides: before.stock_field_overrides } : {}),
    ...(before?.composite_schemas ? { composite_schemas: before.composite_schemas } : {}),
  } as never, { key: uniqueKey() });
}

export async function makeSubtype(kind: WorkType, subtype: string, name: string): Promise<void> {
  await call('schemas.custom.set', {
    type: 'custom_type_fragment', leaf_type: kind, subtype, subtype_display_name: name, description: `${name}, a kind of ${kind}`, fields: [],
  } as never, { key: uniqueKey() });
}

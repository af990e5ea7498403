// Links a work with another one: first how, then with which.
import { useState } from 'react';
import { call, uniqueKey } from '../api/call';
import { asRefusal } from '../api/errors';
import type { LinkType, Stage } from '../api/types.gen';
import { useFound, useStages } from '../store/asked';
import { queries } from '../store/queries';
import { works } from '../store/works';
import { en } from '../text/en';
import { rank } from '../text/rank';
import { Track } from '../ui/bits';
import { Icon } from '../ui/Icon';
import { Picker, type Choice } from '../ui/Picker';
import { toast } from '../ui/toast';
import { idOf, type Work } from '../works/work';

/** The types and the directions that are offered. */
const OFFERED: Array<{ type: LinkType; isBack: boolean }> = [
  { type: 'is_dependent_on', isBack: false }, { type: 'is_dependent_on', isBack: true },
  { type: 'is_related_to', isBack: false }, { type: 'is_parent_of', isBack: false }, { type: 'is_parent_of', isBack: true },
  { type: 'is_duplicate_of', isBack: false },
];

export function LinkPicker({ id, onClose }: { id: string; onClose: () => void }) {
  const [how, setHow] = useState<(typeof OFFERED)[number] | null>(null);
  const [query, setQuery] = useState('');
  const { data = [] } = useFound(how === null ? '' : query);
  const { data: stages } = useStages();
  const work = works.get(id);
  if (!work) return null;
  if (!how) {
    const items = OFFERED.map((each): Choice => ({
      id: `${each.type} ${each.isBack}`, label: en.linkType[each.type]?.[each.isBack ? 1 : 0] ?? each.type,
      mark: <Icon name="link" />, pick: () => setHow(each),
    }));
    return <Picker key="how" title="How are they linked" about={idOf(work)} groups={[{ label: '', items }]} isStep onClose={onClose} />;
  }
  const held = works.all().filter((each) => each.id !== id && rank(query, `${idOf(each)} ${each.title}`) > 0).slice(0, 20);
  const ids = new Set(held.map((each) => each.id));
  const found = query.trim() === '' ? [] : data.map((each) => each.work).filter((each) => each.id !== id && !ids.has(each.id));
  const choice = (other: Pick<Work, 'id' | 'title'> & { display_id?: string }, stage: Stage | undefined): Choice => ({
    id: other.id, label: `${other.display_id ?? other.id}  ${other.title}`, mark: <Track stage={stage} />,
    pick: () => void link(how.type, how.isBack ? other.id : id, how.isBack ? id : other.id),
  });
  const items = [...held.map((each) => choice(each, each.stage)), ...found.map((each) => choice(each, each.stage && stages?.get(each.stage.name)))];
  const label = en.linkType[how.type]?.[how.isBack ? 1 : 0] ?? how.type;
  return <Picker key="what" title={label} about={idOf(work)} groups={[{ label: '', items, isFound: true }]} onQuery={setQuery} onClose={onClose} placeholder={`${label} …`} empty="Nothing fits. Write words of it, or its id." />;
}

async function link(type: LinkType, source: string, target: string): Promise<void> {
  try {
    await call('links.create', { link_type: type, source, target }, { key: uniqueKey() });
    void queries.invalidateQueries({ queryKey: ['links'] });
  } catch (error) {
    toast(en.refusal(asRefusal(error)));
  }
}

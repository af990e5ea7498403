// One work beside the list it is in. It follows the cursor when that rests, so a held key does not
// pay for it.
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { run } from '../../commands/registry';
import { useCursor, useIsGone } from '../../store/hooks';
import type { Selection } from '../../store/selection';
import { Failed, Unsaved } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { ActionMenu } from '../../ui/Menu';
import { idOf, type Work } from '../../works/work';
import { FollowButton, Followers } from '../detail/Followers';
import { Links, Files } from '../detail/Links';
import { Promised } from '../detail/Promise';
import { Properties } from '../detail/Properties';
import { Reply } from '../detail/Reply';
import { Talk } from '../detail/Talk';
import { useWorkNamed } from '../detail/useWorkNamed';
import { Body, LongTexts, Title } from '../detail/Words';

const RESTS_MS = 90;

interface Props {
  name: string;
  selection: Selection;
  onClose: () => void;
  onFollow: (id: string) => void;
}

export default function Panel({ name, selection, onClose, onFollow }: Props) {
  const { work, why, retry } = useWorkNamed(name);
  const cursor = useCursor(selection);
  const [begun] = useState(cursor);
  useEffect(() => {
    if (cursor === null || cursor === begun || cursor === work?.id) return undefined;
    const timer = setTimeout(() => onFollow(cursor), RESTS_MS);
    return () => clearTimeout(timer);
  }, [cursor]);
  return (
    <aside className="side" aria-label={name}>
      {why && !work && <Failed why={why} onRetry={retry} />}
      {work && <Inside key={work.id} work={work} onClose={onClose} />}
    </aside>
  );
}

function Inside({ work, onClose }: { work: Work; onClose: () => void }) {
  const [, go] = useLocation();
  const isGone = useIsGone(work.id);
  return (
    <>
      <div className="sh">
        <span>{idOf(work)} <Unsaved id={work.id} /></span>
        <span className="tools">
          <button type="button" className="btn" aria-label="Open on a page" onClick={() => go(`/${idOf(work)}`)}><Icon name="expand" /></button>
          <button type="button" className="btn" aria-label="Copy the link" onClick={() => run('work.copy')}><Icon name="link" /></button>
          <FollowButton work={work} isBrief />
          <ActionMenu
            label="More" trigger={<Icon name="more" />}
            items={[
              { id: 'link', label: 'Link with another work', run: () => run('work.link') },
              { id: 'delete', label: 'Delete', run: () => run('work.delete') },
            ]}
          />
          <button type="button" className="btn" aria-label="Close" onClick={onClose}><Icon name="x" /></button>
        </span>
      </div>
      {isGone && <p className="wrong" role="status">This was deleted. What is written here can still be copied.</p>}
      <div className="in">
        <Title work={work} isPage={false} />
        <Properties work={work} isBrief />
        <Body work={work} />
        <LongTexts work={work} />
        <Promised work={work} />
        <Links work={work} />
        <Files work={work} />
        <Followers work={work} />
        <Talk work={work} />
      </div>
      <Reply work={work} />
    </>
  );
}

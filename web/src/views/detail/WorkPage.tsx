// One work on a page of its own.
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { run, useCommands } from '../../commands/registry';
import { setTargets } from '../../commands/targets';
import { useIsGone } from '../../store/hooks';
import { lastList } from '../../store/live';
import { works } from '../../store/works';
import { Empty, Failed, Kbd, Unsaved } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Blanks } from '../../ui/states';
import { ActionMenu } from '../../ui/Menu';
import { moment } from '../../text/format';
import { idOf, nameOf, type Work } from '../../works/work';
import { pathOf } from '../../works/filter';
import { nameOfView } from '../places';
import { FollowButton, Followers } from './Followers';
import { Files, Links } from './Links';
import { Promised } from './Promise';
import { Properties } from './Properties';
import { Reply } from './Reply';
import { Talk } from './Talk';
import { useWorkNamed } from './useWorkNamed';
import { Body, LongTexts, Title } from './Words';

export default function WorkPage({ id }: { id: string }) {
  const { work, why, retry } = useWorkNamed(id);
  useEffect(() => { document.title = work ? `${idOf(work)} ${work.title} · Worksmith` : `${id} · Worksmith`; }, [work?.title, id]);
  if (!work && why?.status === 404) {
    return <main><Empty title={`There is no ${id}`}><p className="quiet">It was deleted, or you may not see it.</p><p><Link href="/works" className="ref">Open work</Link></p></Empty></main>;
  }
  if (!work) {
    return (
      <main aria-busy={!why}>
        <header className="head line"><nav className="crumb" aria-label="Where it is"><Link href="/works">Works</Link><Icon name="right" /><b>{id}</b></nav></header>
        {why ? <Failed why={why} onRetry={retry} /> : <Blanks />}
      </main>
    );
  }
  return <Shown key={work.id} work={work} />;
}

function Shown({ work }: { work: Work }) {
  const [, go] = useLocation();
  const isGone = useIsGone(work.id);
  // On a phone, properties are folded to the first four.
  const [isAll, setAll] = useState(false);
  useEffect(() => setTargets(() => [work.id]), [work.id]);
  const list = lastList();
  const ids = list?.state.get().groups.flatMap((group) => [...group.ids, ...group.tail]) ?? [];
  const at = ids.indexOf(work.id);
  const path = list ? pathOf(list.view) : '/works';
  const step = (by: number) => (): void => {
    const next = works.get(ids[at + by] ?? '');
    if (next) go(`/${idOf(next)}`, { replace: true });
  };
  useCommands('view', {
    next: at >= 0 && step(1),
    previous: at >= 0 && step(-1),
    back: () => go(path),
  });
  return (
    <main>
      <header className="head line">
        <nav className="crumb" aria-label="Where it is">
          <Link href={path}>{(list && nameOfView(list.view)) ?? 'Works'}</Link><Icon name="right" /><b>{idOf(work)}</b>
          {at >= 0 && <span>{at + 1} of {ids.length}</span>}
          <Unsaved id={work.id} />
        </nav>
        <div className="tools">
          {at >= 0 && (
            <>
              <button type="button" className="btn" aria-label="Previous" disabled={at === 0} onClick={step(-1)}><Icon name="up" /><Kbd>K</Kbd></button>
              <button type="button" className="btn" aria-label="Next" disabled={at === ids.length - 1} onClick={step(1)}><Icon name="down" /><Kbd>J</Kbd></button>
            </>
          )}
          <button type="button" className="btn" onClick={() => run('work.copy')}><Icon name="link" />Copy link</button>
          <FollowButton work={work} />
          <ActionMenu
            label="More" trigger={<Icon name="more" />}
            items={[
              { id: 'link', label: 'Link with another work', run: () => run('work.link') },
              { id: 'delete', label: 'Delete', run: () => run('work.delete') },
            ]}
          />
        </div>
      </header>
      <div className="doc">
        <div className="read">
          <div className="flow" tabIndex={0} role="region" aria-label={idOf(work)}>
            {isGone && <p className="wrong" role="status">This was deleted. What is written here can still be copied.</p>}
            <Title work={work} isPage />
            <p className="by" dir="auto">{wrote(work)}</p>
            <Body work={work} />
            <LongTexts work={work} />
            <Promised work={work} />
            <Talk work={work} />
          </div>
          <Reply work={work} />
        </div>
        <div className={isAll ? 'props all' : 'props'} role="complementary" aria-label="Properties" tabIndex={0}>
          <Properties work={work} />
          <button type="button" className="btn line fold-props" aria-expanded={isAll} onClick={() => setAll(!isAll)}>{isAll ? 'Fewer' : 'All properties'}</button>
          <Links work={work} />
          <Files work={work} />
          <Followers work={work} />
        </div>
      </div>
    </main>
  );
}

/** "Tom Ashby of Harwell pilots wrote by email, Mon 09:12". */
function wrote(work: Work): string {
  const reporter = work.reported_by?.[0] ?? work.created_by;
  const who = reporter ? nameOf(reporter) : 'Somebody';
  const of = reporter?.type === 'rev_user' && work.rev_org?.display_name ? ` of ${work.rev_org.display_name}` : '';
  const by = work.channels?.[0] ? ` by ${work.channels[0].replaceAll('_', ' ')}` : '';
  return `${who}${of} ${work.type === 'ticket' ? 'wrote' : 'made it'}${by}${work.created_date ? `, ${moment(work.created_date)}` : ''}`;
}

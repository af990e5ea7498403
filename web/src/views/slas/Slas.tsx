// What is promised, and the hours in which it counts.
import { useEffect, useState } from 'react';
import { useParams } from 'wouter';
import type { OrgSchedule, Sla } from '../../api/types.gen';
import { useAct, type Act } from '../../store/act';
import { changeSla, makeReady, makeSla, moveSla, useMetrics, useSchedules, useSlas } from '../../store/promises';
import { en } from '../../text/en';
import { Empty } from '../../ui/bits';
import { ChoiceMenu } from '../../ui/Menu';
import { PageTabs } from '../../ui/PageTabs';
import { Input, Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { toast } from '../../ui/toast';
import { asSet, customersOf } from '../../works/promise';
import { ForWhom } from './ForWhom';
import { Policies } from './Policies';
import { Record } from './Record';
import { TryIt, type Tried } from './TryIt';
import { Hours } from './Hours';
import '../../styles/slas.css';

const TABS = [{ name: 'Policies and hours', path: '/slas' }, { name: 'Customers', path: '/slas/customers' }, { name: 'Record', path: '/slas/record' }];

export default function Slas() {
  const { page } = useParams<{ page?: string }>();
  const slas = useSlas();
  const schedules = useSchedules();
  const [chosen, choose] = useState<string>();
  const [isNamed, name] = useState(false);
  const act = useAct();
  useEffect(() => { document.title = 'SLAs and hours · Worksmith'; }, []);
  useEffect(() => { if (act.why) toast(en.refusal(act.why)); }, [act.why]);
  const all = slas.data ?? [];
  // What is being written comes first.
  const sla = all.find(({ id }) => id === chosen) ?? all.find(({ status }) => status === 'draft') ?? all[0];
  return (
    <main>
      <header className="head more">
        <h1><bdi>{sla?.name ?? 'SLAs and hours'}</bdi></h1>
        {sla && <span className="n">{sla.status === 'draft' ? 'draft, nobody is promised this yet' : 'published'}</span>}
        {sla && (
          <div className="tools">
            {all.length > 1 && <ChoiceMenu label="SLA" value={sla.id} options={all.map((each) => ({ id: each.id, label: each.status === 'draft' ? `${each.name}, draft` : each.name }))} onPick={choose} />}
            <Tools sla={sla} act={act} onMade={choose} onName={() => name(true)} />
          </div>
        )}
      </header>
      <PageTabs label="SLAs and hours" tabs={TABS} here={page === 'record' || page === 'customers' ? `/slas/${page}` : '/slas'} />
      {page === 'record'
        ? <Record />
        : slas.data && schedules.data
          ? sla ? page === 'customers' ? <ForWhom sla={sla} slas={all} /> : <Shown sla={sla} schedules={schedules.data} /> : <Begin />
          : <Pending of={[slas, schedules]} />}
      {isNamed && sla && <Name sla={sla} onClose={() => name(false)} />}
    </main>
  );
}

function Tools({ sla, act, onMade, onName }: { sla: Sla; act: Act; onMade: (id: string) => void; onName: () => void }) {
  const copy = (): void => void act.run(async () => {
    const { account_filter: filter } = sla;
    const made = await makeSla({
      name: `${sla.name} 2`, sla_type: sla.sla_type, applies_to: sla.applies_to, policies: sla.policies.map(asSet),
      ...(sla.description ? { description: sla.description } : {}), ...(filter && Object.keys(filter).length > 0 ? { account_selector: filter } : {}),
    });
    onMade(made.id);
  }, 'slas');
  const move = (status: Sla['status'], said: string) => (): void => void act.run(async () => {
    await moveSla(sla.id, status);
    toast(said);
  }, 'slas');
  if (sla.status === 'draft') {
    return (
      <>
        <button type="button" className="btn" onClick={onName}>Name and customers</button>
        <button type="button" className="btn line" disabled={act.isBusy} onClick={copy}>Copy</button>
        <button type="button" className="btn main keep" disabled={act.isBusy || sla.policies.length === 0} onClick={move('published', `${sla.name} is published.`)}>Publish</button>
      </>
    );
  }
  return (
    <>
      <button type="button" className="btn" disabled={act.isBusy} onClick={move('archived', `${sla.name} is archived. What it promised already stays promised.`)}>Archive</button>
      <button type="button" className="btn line" disabled={act.isBusy} onClick={copy}>Copy as a draft</button>
    </>
  );
}

function Begin() {
  const metrics = useMetrics();
  const act = useAct();
  return (
    <Empty title="Nothing is promised yet">
      <p>A draft to begin with: an answer within 4 hours, an end within 2 days, Monday to Friday, 9 to 17.</p>
      {act.why && <p className="wrong" role="alert">{en.refusal(act.why)}</p>}
      <button type="button" className="btn main" disabled={act.isBusy || !metrics.data} onClick={() => void act.run(() => makeReady(metrics.data ?? []), 'slas', 'schedules')}>Make this draft</button>
    </Empty>
  );
}

function Shown({ sla, schedules }: { sla: Sla; schedules: readonly OrgSchedule[] }) {
  const used = sla.policies.flatMap(({ metrics }) => metrics.flatMap((each) => each.org_schedule?.id ?? []))[0];
  const [picked, pick] = useState<string>();
  const [tried, setTried] = useState<Tried>();
  const shown = picked ?? tried?.schedule ?? used;
  const schedule = schedules.find(({ id }) => id === shown) ?? schedules[0];
  return (
    <div className="page slas" tabIndex={0} role="region" aria-label="Policies and hours">
      <section aria-label="Policies">
        <h2>Policies</h2>
        <p>The first that fits holds. {customersOf(sla)}</p>
        <Policies sla={sla} schedules={schedules} />
      </section>
      <TryIt key={sla.id} sla={sla} schedules={schedules} onTried={setTried} />
      <Hours schedules={schedules} schedule={schedule} onPick={pick} tried={tried?.schedule === schedule?.id ? tried : undefined} />
    </div>
  );
}

function Name({ sla, onClose }: { sla: Sla; onClose: () => void }) {
  const before = (sla.account_filter as { tier?: string[] } | undefined)?.tier?.join(', ') ?? '';
  const [name, setName] = useState(sla.name);
  const [tiers, setTiers] = useState(before);
  const act = useAct();
  const send = async (): Promise<void> => {
    const wanted = tiers.split(',').map((tier) => tier.trim()).filter(Boolean);
    const body = { id: sla.id, name: name.trim(), ...(tiers === before ? {} : { account_selector: { ...sla.account_filter, tier: wanted } }) };
    if (await act.run(() => changeSla(body), 'slas')) onClose();
  };
  return (
    <Sheet title={sla.name} submit="Save" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== ''} onSend={() => void send()} onClose={onClose}>
      <Input label="Name" value={name} onChange={setName} isFirst required />
      {sla.sla_type === 'external' && <Input label="For customers of tier; empty for every customer" value={tiers} onChange={setTiers} placeholder="gold, silver" />}
    </Sheet>
  );
}

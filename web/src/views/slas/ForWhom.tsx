// The customers that an SLA is for: by their tier, or since a workspace of theirs was assigned to it.
import { useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Account, Sla } from '../../api/types.gen';
import { useRover } from '../../commands/rover';
import { useAct } from '../../store/act';
import { useAccounts } from '../../store/asked';
import { useAllWorkspaces } from '../../store/customers';
import { assignSla } from '../../store/promises';
import { en } from '../../text/en';
import { Square } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Picker } from '../../ui/Picker';
import { Pending } from '../../ui/states';
import { toast } from '../../ui/toast';
import { customersOf, isFor, slaFor } from '../../works/promise';

export function ForWhom({ sla, slas }: { sla: Sla; slas: readonly Sla[] }) {
  const [, go] = useLocation();
  const accounts = useAccounts();
  const [isAssigning, assign] = useState(false);
  const isExternal = sla.sla_type === 'external';
  const rows = useMemo(() => {
    const rank = (account: Account): number => (isFor(sla, account) === false ? 1 : 0);
    return [...accounts.data ?? []].sort((a, b) => rank(a) - rank(b) || a.display_name.localeCompare(b.display_name));
  }, [accounts.data, sla]);
  const keys = useMemo(() => rows.map(({ id }) => id), [rows]);
  const path = (id: string): string => `/customers/${rows.find((each) => each.id === id)?.display_id ?? id}`;
  const rover = useRover(keys, { onOpen: (id) => go(path(id)), label: (id) => rows.find((each) => each.id === id)?.display_name ?? '' });
  if (!isExternal) return <div className="page"><h2>{customersOf(sla)}</h2><p>An internal SLA is for no customer</p></div>;
  if (!accounts.data) return <Pending of={[accounts]} />;
  const count = rows.filter((account) => isFor(sla, account) === true).length;
  const draft = sla.status === 'draft';
  return (
    <div className="page" ref={rover.ref} tabIndex={0} role="region" aria-label="Customers">
      <header className="with-tools">
        <div>
          <h2>{count === 0 ? `No customer ${draft ? 'would have' : 'has'} it` : `${en.count(count, 'customer', 'customers')} ${draft ? 'would have' : count === 1 ? 'has' : 'have'} it`}</h2>
          <p>{customersOf(sla)}. A workspace that is assigned to an SLA has that one</p>
        </div>
        {sla.status === 'published' && <div className="tools"><button type="button" className="btn line" onClick={() => assign(true)}>Assign workspaces</button></div>}
      </header>
      {rows.length === 0
        ? <p className="note-here">There are no customers yet.</p>
        : (
          <table className="facts for-whom">
            <thead><tr><th scope="col">Customer</th><th scope="col">Tier</th><th scope="col">This one</th><th scope="col" className="wide">Now by</th></tr></thead>
            <tbody>
              {rows.map((account) => {
                const fits = isFor(sla, account);
                const has = slaFor(slas, account);
                return (
                  <tr key={account.id} data-key={account.id} className={`${rover.at === account.id ? 'cursor' : ''}${fits === false ? ' away' : ''}`} onClick={() => rover.move(account.id)}>
                    <td><span className="who"><Square name={account.display_name} /><Link href={path(account.id)} dir="auto">{account.display_name}</Link></span></td>
                    <td>{account.tier ?? <span className="quiet">none</span>}</td>
                    <td>{fits === undefined ? 'if it meets the other conditions' : fits ? 'is for it' : 'is not'}</td>
                    <td className="wide">{has === 'none' ? <span className="quiet">nothing is promised</span> : has ? <bdi>{has.name}</bdi> : <span className="quiet">can’t be told from the tier</span>}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      {isAssigning && <Assign sla={sla} accounts={rows} onClose={() => assign(false)} />}
    </div>
  );
}

function Assign({ sla, accounts, onClose }: { sla: Sla; accounts: readonly Account[]; onClose: () => void }) {
  const { data: workspaces = [] } = useAllWorkspaces();
  const [picked, pick] = useState<ReadonlySet<string>>(new Set());
  const act = useAct();
  const names = new Map(accounts.map((account) => [account.id, account.display_name]));
  const send = (): void => {
    const ids = [...picked];
    if (ids.length === 0) return;
    void act.run(async () => {
      const refused = await assignSla(sla.id, ids);
      toast(refused.length > 0 ? refused.join(' ') : `${en.count(ids.length, 'workspace is', 'workspaces are')} assigned to ${sla.name}.`);
    }, 'workspaces').then((isDone) => { if (!isDone) toast('No workspace was assigned.'); });
  };
  const flip = (id: string): void => pick((now) => {
    const next = new Set(now);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  return (
    <Picker
      title="Workspaces" about={sla.name} placeholder="Assign workspaces" isMany onDone={send} onClose={onClose} empty="There are no workspaces."
      groups={[{ label: '', items: workspaces.map((each) => ({
        id: each.id, label: each.display_name, hint: names.get(each.account?.id ?? ''), mark: <Icon name="building" />, isOn: picked.has(each.id), pick: () => flip(each.id),
      })) }]}
    />
  );
}

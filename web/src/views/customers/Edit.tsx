// Forms: a customer, a workspace, a person.
import { useState } from 'react';
import type { Account, RevOrg } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { useUsers } from '../../store/asked';
import { changeAccount, makeAccount, makeContact, makeWorkspace } from '../../store/customers';
import { signedIn } from '../../store/session';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { nameOf } from '../../works/work';

const split = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

export function EditAccount({ account, onClose, onMade }: { account?: Account; onClose: () => void; onMade?: (account: Account) => void }) {
  const { data: users = [] } = useUsers();
  const [name, setName] = useState(account?.display_name ?? '');
  const [tier, setTier] = useState(account?.tier ?? '');
  const [domains, setDomains] = useState(account?.domains?.join(', ') ?? '');
  const [description, describe] = useState(account?.description ?? '');
  const [owner, setOwner] = useState(account?.owned_by[0]?.id ?? signedIn().user.id);
  const act = useAct();
  const send = async (): Promise<void> => {
    const body = { display_name: name.trim(), description, domains: split(domains), owned_by: [owner] };
    let made: Account | undefined;
    const isDone = await act.run(async () => {
      if (account) await changeAccount({ ...body, id: account.id, tier: tier.trim() || null });
      else made = await makeAccount({ ...body, ...(tier.trim() ? { tier: tier.trim() } : {}) });
    }, 'accounts', 'workspaces');
    if (!isDone) return;
    onClose();
    if (made) onMade?.(made);
  };
  return (
    <Sheet title={account ? `Edit ${account.display_name}` : 'New customer'} submit={account ? 'Save' : 'Make it'} why={act.why} isBusy={act.isBusy} canSend={name.trim() !== ''} onSend={() => void send()} onClose={onClose}>
      <Input label="Name" value={name} onChange={setName} isFirst required />
      <div className="row-of">
        <Input label="Tier" value={tier} onChange={setTier} placeholder="gold, silver …" />
        <Select label="Owner" value={owner} onChange={setOwner} options={users.map((user) => [user.id, nameOf(user)])} />
      </div>
      <Input label="Domains" value={domains} onChange={setDomains} placeholder="harwell-port.example" max={4096} />
      <textarea aria-label="What they do" placeholder="What they do" rows={3} value={description} dir="auto" onChange={(event) => describe(event.target.value)} />
    </Sheet>
  );
}

export function NewWorkspace({ account, onClose }: { account: Account; onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, describe] = useState('');
  const act = useAct();
  const send = async (): Promise<void> => {
    if (await act.run(() => makeWorkspace(account.id, name.trim(), description), 'workspaces')) onClose();
  };
  return (
    <Sheet title={`New workspace of ${account.display_name}`} submit="Make it" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== ''} onSend={() => void send()} onClose={onClose}>
      <Input label="Name" value={name} onChange={setName} isFirst required />
      <textarea aria-label="What it is for" placeholder="What it is for" rows={3} value={description} dir="auto" onChange={(event) => describe(event.target.value)} />
    </Sheet>
  );
}

export function NewContact({ workspaces, onClose }: { workspaces: readonly RevOrg[]; onClose: () => void }) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [workspace, setWorkspace] = useState(workspaces[0]?.id ?? '');
  const act = useAct();
  const send = async (): Promise<void> => {
    if (await act.run(() => makeContact(workspace, name.trim(), email.trim()), 'contacts')) onClose();
  };
  return (
    <Sheet title="New person" submit="Make it" why={act.why} isBusy={act.isBusy} canSend={workspace !== '' && (name.trim() !== '' || email.trim() !== '')} onSend={() => void send()} onClose={onClose}>
      <Input label="Name" value={name} onChange={setName} isFirst />
      <div className="row-of">
        <Input label="E-mail" type="email" value={email} onChange={setEmail} />
        <Select label="Workspace" value={workspace} onChange={setWorkspace} options={workspaces.map((each) => [each.id, each.display_name])} />
      </div>
    </Sheet>
  );
}

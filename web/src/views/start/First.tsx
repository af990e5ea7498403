// The first issue, with the product that it is about.
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useAct } from '../../store/act';
import { useParts } from '../../store/asked';
import { makeFirst } from '../../store/start';
import { Input, Sheet } from '../../ui/Sheet';
import { TEXT_MAX, TITLE_MAX } from '../../ui/paste';
import { Writer } from '../../ui/Writer';
import { idOf, type Work } from '../../works/work';

export function First({ onClose }: { onClose: () => void }) {
  const [, go] = useLocation();
  const { data: parts = [] } = useParts();
  const [title, setTitle] = useState('');
  const [body, setBody] = useState('');
  const [product, setProduct] = useState('');
  const act = useAct();
  const hasProduct = parts.some(({ type }) => type === 'product');
  const send = async (): Promise<void> => {
    let made: Work | undefined;
    if (await act.run(async () => { made = await makeFirst(title.trim(), body, product.trim() || 'Our product'); }, 'count') && made) go(`/${idOf(made)}`);
  };
  return (
    <Sheet title="The first issue" submit="Make it" note="It is yours; that can be changed" isWide why={act.why} isBusy={act.isBusy} canSend={title.trim() !== ''} onSend={() => void send()} onClose={onClose}>
      <input className="title" aria-label="Title" placeholder="What is it about?" value={title} autoFocus required maxLength={TITLE_MAX} dir="auto" onChange={(event) => setTitle(event.target.value)} />
      <Writer aria-label="Text" placeholder="Describe it. Markdown works." rows={5} value={body} onWrite={setBody} maxLength={TEXT_MAX} />
      {!hasProduct && <Input label="Which product is it about? A part is what works are about" value={product} onChange={setProduct} placeholder="Our product" />}
    </Sheet>
  );
}

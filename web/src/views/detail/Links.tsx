// What a work is linked with, and its files.
import { Link as To } from 'wouter';
import { call, upload, uniqueKey, type Body } from '../../api/call';
import { asRefusal } from '../../api/errors';
import type { Link } from '../../api/types.gen';
import { open } from '../../commands/overlay';
import { useLinks, useStages } from '../../store/asked';
import { queries } from '../../store/queries';
import { en } from '../../text/en';
import { loadWork } from '../../store/works';
import { AttachButton } from '../../ui/Attachments';
import { Track } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { toast } from '../../ui/toast';
import type { Work } from '../../works/work';
import { File } from './Talk';

export function Links({ work }: { work: Work }) {
  const { data = [] } = useLinks(work.id);
  const shown = data.filter((link) => link.link_type !== 'is_part_of');
  return (
    <section className="links" aria-label="Links">
      <h2>Links
        <button type="button" className="btn add" aria-label="Link with another work" onClick={() => open({ kind: 'link', id: work.id })}><Icon name="plus" /></button>
      </h2>
      {shown.map((link) => <LinkRow key={link.id} link={link} work={work} />)}
    </section>
  );
}

function LinkRow({ link, work }: { link: Link; work: Work }) {
  const { data: stages } = useStages();
  const isSource = link.source.id === work.id;
  const end = isSource ? link.target : link.source;
  const label = en.linkType[link.link_type]?.[isSource ? 0 : 1] ?? 'linked';
  const title = 'title' in end ? end.title : 'name' in end ? end.name : 'display_name' in end ? end.display_name : '';
  const stage = 'stage' in end && end.stage && 'name' in end.stage ? stages?.get(end.stage.name) : undefined;
  const isWork = ['issue', 'ticket', 'task', 'opportunity'].includes(end.type);
  const remove = async (): Promise<void> => {
    await call('links.delete', { id: link.id }, { key: uniqueKey() }).catch((error: unknown) => toast(en.refusal(asRefusal(error))));
    void queries.invalidateQueries({ queryKey: ['links'] });
  };
  const text = <><span className="id">{end.display_id}</span> <bdi>{title}</bdi></>;
  return (
    <div className="lk">
      <span className="k">{en.sentence(label)}</span>
      {isWork && <Track stage={stage} />}
      {isWork ? <To href={`/${end.display_id}`} className="end">{text}</To> : <span className="end">{text}</span>}
      <button type="button" className="btn off" aria-label={`Remove the link with ${end.display_id ?? 'it'}`} onClick={() => void remove()}><Icon name="x" /></button>
    </div>
  );
}

export function Files({ work }: { work: Work }) {
  const files = work.artifacts ?? [];
  const add = async (chosen: FileList): Promise<void> => {
    try {
      const ids = await Promise.all([...chosen].map(upload));
      await call('works.update', { id: work.id, type: work.type, artifacts: { add: ids } } as Body<'works.update'>, { key: uniqueKey() });
      await loadWork(work.id);
    } catch (error) {
      toast(en.refusal(asRefusal(error)));
    }
  };
  return (
    <section className="files" aria-label="Files">
      <h2>Files <AttachButton label="Add files to the work" onChoose={(chosen) => void add(chosen)} /></h2>
      {files.map((file) => <File key={file.id} file={file} />)}
    </section>
  );
}

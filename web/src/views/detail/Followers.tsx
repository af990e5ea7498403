// Who follows a work.
import { switchFollowing } from '../../commands/following';
import { useFollowers } from '../../store/followers';
import { signedIn } from '../../store/session';
import { en } from '../../text/en';
import { Avatar } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import type { Work } from '../../works/work';

const SHOWN_MAX = 18;

/** Follows the work, or no longer. */
export function FollowButton({ work, isBrief }: { work: Work; isBrief?: boolean }) {
  const { data } = useFollowers(work.id);
  const isOn = data?.some(({ id }) => id === signedIn().user.id) ?? false;
  const label = isOn ? 'Following' : 'Follow';
  return (
    <button
      type="button" className={data ? 'btn follow' : 'btn follow unknown'} {...(isOn ? { 'data-on': true } : {})} {...(isBrief ? { 'aria-label': label } : {})}
      title={isOn ? 'You are told of what happens to it (W)' : 'Be told of what happens to it (W)'} onClick={() => void switchFollowing([work.id])}
    >
      <Icon name="bell" />{!isBrief && label}
    </button>
  );
}

export function Followers({ work }: { work: Work }) {
  const { data } = useFollowers(work.id);
  if (!data) return null;
  return (
    <section className="followers" aria-label="Followers">
      <h2>Followers</h2>
      <ul>
        {data.slice(0, SHOWN_MAX).map((user) => <li key={user.id}><Avatar user={user} /></li>)}
        {data.length > SHOWN_MAX && <li className="quiet">and {en.number(data.length - SHOWN_MAX)} more</li>}
        {data.length === 0 && <li className="quiet">nobody</li>}
      </ul>
    </section>
  );
}

// What somebody wants to be told of, and whether by mail.
import { usePreferences, wish, type Wishes } from '../../store/inbox';
import type { NotificationChannel, NotificationPreferencesGroup } from '../../api/types.gen';
import { en } from '../../text/en';
import { Pending } from '../../ui/states';
import { toast } from '../../ui/toast';

type Reason = Exclude<keyof NotificationPreferencesGroup, 'email'>;

const REASONS: ReadonlyArray<readonly [Reason, string, string]> = [
  ['mention', 'Somebody mentions you', 'You, or a group that you are in'],
  ['assignment', 'Something is given to you', 'You become its owner'],
  ['comment', 'Somebody writes', 'On what you follow, or as an answer to you'],
  ['update', 'Something changes', 'Stage, owner, dates and the like of what you follow'],
  ['alert', 'Alerts', 'What programs warn you of'],
  ['reminder', 'Reminders', 'What programs remind you of'],
];
const CHANNELS: ReadonlyArray<readonly [NotificationChannel, string]> = [['none', 'Nowhere'], ['inbox', 'Inbox'], ['email', 'Inbox and mail']];

export function Told() {
  const preferences = usePreferences();
  const now = preferences.data?.notification_preferences;
  const change = (wishes: Wishes): void => void wish(wishes).then((why) => { if (why) toast(en.refusal(why)); });
  return (
    <div className="page told" tabIndex={0} role="region" aria-label="What you are told of">
      <Pending of={[preferences]} />
      {now && (
        <section>
          <h2>What you are told of, and where</h2>
          <p>Never of what you did yourself, and never of what you may not see</p>
          <table className="facts">
            <thead><tr><th scope="col">When</th>{CHANNELS.map(([channel, label]) => <th key={channel} scope="col" className="c">{label}</th>)}</tr></thead>
            <tbody>
              {REASONS.map(([reason, label, hint]) => (
                <tr key={reason}>
                  <th scope="row"><b>{label}</b><span>{hint}</span></th>
                  {CHANNELS.map(([channel, where]) => (
                    <td key={channel} className="c">
                      <label className="tick">
                        <input type="radio" name={reason} aria-label={`${label}: ${where}`} checked={now[reason] === channel} onChange={() => change({ [reason]: channel })} />
                      </label>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <label className="tick all">
            <input type="checkbox" checked={now.email} onChange={(event) => change({ email: event.target.checked })} />
            Send mail at all
          </label>
          <p className="quiet">Mail comes once nothing more has happened for a minute, if the server was given a mail server. Whatever you read here before is not sent.</p>
        </section>
      )}
    </div>
  );
}

//! Writing down what people are told.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use worksmith_engine::Tx;
use worksmith_kernel::{Actor, Result};
use worksmith_wire::notifications::NotificationEventType;
use worksmith_wire::preferences::{Channel, Notifications};
use worksmith_wire::{Id, Kind, Timestamp};

use super::audience;
use super::news::Happening;
use crate::notifications::{Item, Mailing, News, Notification, PLACES, place};
use crate::people::{self, Person};
use crate::preferences;

/// When people are told by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailTimes {
    /// How long nothing more has to happen to an object, in milliseconds.
    pub quiet_ms: i64,
    /// How long after the first change at most, in milliseconds.
    pub longest_ms: i64,
}

impl MailTimes {
    /// When mail is due if something happens now.
    fn due(self, since: Option<Timestamp>, now: Timestamp) -> Mailing {
        let since = since.unwrap_or(now);
        let due_at = now.plus_ms(self.quiet_ms).min(since.plus_ms(self.longest_ms));
        Mailing { since, due_at: due_at.max(now) }
    }
}

/// Somebody, and what they want to be told.
struct Reader {
    person: Person,
    wants: Notifications,
}

/// Writes down what people are told, in one transaction.
pub(super) struct Teller {
    mail: Option<MailTimes>,
    readers: FxHashMap<Id, Option<Arc<Reader>>>,
}

impl Teller {
    pub(super) fn new(mail: Option<MailTimes>) -> Self {
        Self { mail, readers: FxHashMap::default() }
    }

    /// Tells everybody of something who is to be told and may know. Returns how many these are.
    pub(super) async fn tell(&mut self, tx: &mut Tx, happening: &Happening) -> Result<u64> {
        let mut told = 0;
        for (id, reason) in audience::of(tx, happening).await? {
            let Some(reader) = self.reader(tx, &id).await? else { continue };
            let channel =
                preferences::channel(reader.wants, reason.event_type, happening.is_comment());
            if channel == Channel::None || !sees(tx, &reader.person.actor, happening).await? {
                continue;
            }
            let by_mail = channel == Channel::Email
                && reader.wants.email
                && reader.person.email.is_some()
                && !reason.is_muted
                && self.mail.is_some();
            self.write(tx, &id, reason.event_type, happening, by_mail).await?;
            told += 1;
        }
        Ok(told)
    }

    /// Has mail written of something that a program has sent.
    pub(super) async fn sent(&self, tx: &mut Tx, id: &Id) -> Result<()> {
        let Some(old) = tx.find::<Notification>(id).await? else { return Ok(()) };
        if old.doc.mailing.is_some() || old.doc.items.iter().all(|item| !item.by_mail) {
            return Ok(());
        }
        let mut doc = old.doc.clone();
        self.schedule(&mut doc, tx.cx().now);
        tx.update(old, doc).await.map(drop)
    }

    /// Says when mail is due of what has happened now.
    fn schedule(&self, doc: &mut Notification, now: Timestamp) {
        if let Some(times) = self.mail {
            let since = doc.mailing.map(|mailing| mailing.since);
            doc.mailing = Some(times.due(since, now));
        }
    }

    async fn reader(&mut self, tx: &mut Tx, id: &Id) -> Result<Option<Arc<Reader>>> {
        if let Some(known) = self.readers.get(id) {
            return Ok(known.clone());
        }
        let reader = match people::find(tx, id).await? {
            Some(person) => {
                let wants = preferences::of(tx, id).await?;
                Some(Arc::new(Reader { person, wants }))
            }
            None => None,
        };
        self.readers.insert(id.clone(), reader.clone());
        Ok(reader)
    }

    async fn write(
        &self,
        tx: &mut Tx,
        receiver: &Id,
        event_type: NotificationEventType,
        happening: &Happening,
        by_mail: bool,
    ) -> Result<()> {
        let Happening { parent, actor, at, news, .. } = happening;
        let item = Item { event_type, at: *at, actor: actor.clone(), news: news.clone(), by_mail };
        let old = match tx.find_name(PLACES, &place(receiver, Some(parent), None)).await? {
            Some(id) => tx.find::<Notification>(&id).await?,
            None => None,
        };
        let empty = || Notification::empty(receiver.clone(), Some(parent.clone()), None);
        let mut doc = old.as_ref().map_or_else(empty, |old| old.doc.clone());
        doc.tell(item);
        if by_mail {
            self.schedule(&mut doc, tx.cx().now);
        }
        match old {
            Some(old) => drop(tx.update(old, doc).await?),
            None => drop(tx.insert(Kind::Notification, doc).await?),
        }
        Ok(())
    }
}

/// Whether somebody may know of it. Changes in timelines are not for customers.
async fn sees(tx: &mut Tx, actor: &Actor, happening: &Happening) -> Result<bool> {
    let shown = match &happening.news {
        News::Comment(id) => id,
        News::Change { .. } | News::Sent(_) if actor.is_customer() => return Ok(false),
        News::Change { .. } | News::Sent(_) => &happening.parent,
    };
    tx.is_visible_to(actor, shown).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_waits_for_the_end_of_a_burst_but_not_for_ever() {
        let times = MailTimes { quiet_ms: 60, longest_ms: 600 };
        let due = |since: Option<i64>, now| {
            let Mailing { since, due_at } = times.due(since.map(Timestamp), Timestamp(now));
            (since.0, due_at.0)
        };
        assert_eq!(due(None, 1_000), (1_000, 1_060));
        assert_eq!(due(Some(1_000), 1_050), (1_000, 1_110));
        assert_eq!(due(Some(1_000), 1_590), (1_000, 1_600));
        assert_eq!(due(Some(1_000), 1_700), (1_000, 1_700));
    }
}

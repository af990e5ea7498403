//! Handing letters over to the mail server, each once.
//!
//! The server is told for whom a letter is, and asks for the text. Then the letter is noted to be
//! on its way, and only then the text is sent. So of several servers that have the same letter in
//! hand, one sends it; and a letter that was on its way when a process died is not sent again. Of
//! that one, which may have been lost, nobody can find out whether the server took it: SMTP has no
//! way to ask.

use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Cond, Error, OpCtx, Query, Result, Stored};
use worksmith_mail::{Conversation, Failure, Mailer};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_wire::{Direction, Id, Timestamp};

use super::doc::{DUE_AT, Letter, LetterState};
use super::text;

/// How many letters are looked up at a time.
const AT_ONCE: usize = 50;
/// How long a letter can be on its way, in milliseconds: longer than any server takes to answer.
const SENDING_MS: i64 = 30 * 60_000;
/// How long letters are kept that are done with, in milliseconds.
const KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// How long to wait after each failure, in minutes; after the last one, the letter is given up.
const RETRY_MIN: [i64; 8] = [1, 5, 15, 60, 180, 360, 720, 1440];

/// Hands over the letters that are due, and deletes old ones. Returns how many were handed over; an
/// error if the mail server can't be reached.
pub async fn send(engine: &Engine, environment: &Environment, mailer: &Mailer) -> Result<u64> {
    let mut round = Round { engine, environment, mailer, conversation: None, sent: 0 };
    for org in engine.store().orgs(SLUG).await? {
        engine.store().catch_up(&org).await?;
        round.of_org(&org).await?;
    }
    if let Some(conversation) = round.conversation {
        conversation.end().await;
    }
    Ok(round.sent)
}

/// One round of handing over.
struct Round<'a> {
    engine: &'a Engine,
    environment: &'a Environment,
    mailer: &'a Mailer,
    conversation: Option<Conversation>,
    sent: u64,
}

impl Round<'_> {
    async fn of_org(&mut self, org: &str) -> Result<()> {
        loop {
            let cx = self.environment.context(org, Actor::system());
            let mut query = Query::new();
            query.with(Cond::range(DUE_AT, None, Some(cx.now.into())));
            query.order_by(DUE_AT, Direction::Asc);
            let due = self.engine.begin(&cx).first::<Letter>(&query, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            for letter in due {
                match self.one(org, letter).await {
                    // Another server has it in hand.
                    Ok(()) | Err(Error::Stale) => {}
                    Err(other) => return Err(other),
                }
            }
        }
    }

    async fn one(&mut self, org: &str, letter: Stored<Letter>) -> Result<()> {
        let cx = self.environment.context(org, Actor::system());
        match letter.doc.state {
            LetterState::Waiting => self.hand_over(&cx, letter).await,
            LetterState::Sending => {
                let why = "the process ended while the letter was on its way".to_owned();
                tracing::warn!(message_id = letter.doc.message_id, why, "a letter may be lost");
                self.note(&cx, letter.id(), Err(Failure::Unknown(why))).await
            }
            LetterState::Sent
            | LetterState::InDoubt
            | LetterState::Refused
            | LetterState::Withdrawn => {
                let mut tx = self.engine.begin(&cx);
                tx.delete(letter).await?;
                tx.finish().await
            }
        }
    }

    async fn hand_over(&mut self, cx: &OpCtx, letter: Stored<Letter>) -> Result<()> {
        let id = letter.id().clone();
        let message = text::message(self.engine, self.environment, cx, &letter.doc).await?;
        let Some(message) = message else {
            return self
                .change(cx, &id, |letter, now| {
                    (letter.state, letter.due_at) = (LetterState::Withdrawn, now.plus_ms(KEPT_MS));
                })
                .await;
        };
        let written = match self.mailer.write(message) {
            Ok(written) => written,
            Err(failure) => return self.note(cx, &id, Err(failure)).await,
        };
        let mut conversation =
            match self.conversation.take() {
                Some(conversation) => conversation,
                None => self.mailer.connect().await.map_err(|failure| {
                    Error::unavailable(format!("no mail can be sent: {failure}"))
                })?,
            };
        if let Err(failure) = conversation.offer(&written).await {
            return self.note(cx, &id, Err(failure)).await;
        }
        // If this fails, the connection is dropped, and the server with it what was offered.
        self.set_out(cx, letter).await?;
        let outcome = conversation.hand_over(&written).await;
        if outcome.is_ok() {
            self.conversation = Some(conversation);
            self.sent += 1;
        }
        self.note(cx, &id, outcome).await
    }

    /// Notes that a letter is on its way from now on; stale if it is so already.
    async fn set_out(&self, cx: &OpCtx, letter: Stored<Letter>) -> Result<()> {
        let mut tx = self.engine.begin(cx);
        let due_at = self.environment.clock.now().plus_ms(SENDING_MS);
        let doc = Letter { state: LetterState::Sending, due_at, ..letter.doc.clone() };
        tx.update(letter, doc).await?;
        tx.finish().await
    }

    /// Notes what has become of a letter.
    async fn note(&self, cx: &OpCtx, id: &Id, outcome: Result<(), Failure>) -> Result<()> {
        if let Err(failure) = &outcome {
            tracing::warn!(%id, %failure, "a letter was not handed over");
        }
        self.change(cx, id, |letter, now| become_of(letter, now, outcome)).await
    }

    async fn change(
        &self,
        cx: &OpCtx,
        id: &Id,
        make: impl FnOnce(&mut Letter, Timestamp),
    ) -> Result<()> {
        let mut tx: Tx = self.engine.begin(cx);
        let Some(old) = tx.find::<Letter>(id).await? else { return Ok(()) };
        let mut doc = old.doc.clone();
        make(&mut doc, self.environment.clock.now());
        tx.update(old, doc).await?;
        tx.finish().await
    }
}

fn become_of(letter: &mut Letter, now: Timestamp, outcome: Result<(), Failure>) {
    let kept = now.plus_ms(KEPT_MS);
    let (state, due_at, why) = match outcome {
        Ok(()) => (LetterState::Sent, kept, None),
        Err(Failure::Unknown(why)) => (LetterState::InDoubt, kept, Some(why)),
        Err(Failure::Never(why)) => (LetterState::Refused, kept, Some(why)),
        Err(Failure::Later(why)) => {
            let failures = letter.failures;
            letter.failures += 1;
            match usize::try_from(failures).ok().and_then(|failures| RETRY_MIN.get(failures)) {
                Some(minutes) => (LetterState::Waiting, now.plus_ms(minutes * 60_000), Some(why)),
                None => (LetterState::Refused, kept, Some(why)),
            }
        }
    };
    (letter.state, letter.due_at, letter.why) = (state, due_at, why);
}

//! The work that webhooks make. Of several servers, one at a time does that of an org: it holds a
//! lease, and begins no attempt that could outlast it. So the events of an object stay in order.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use worksmith_engine::Engine;
use worksmith_hooks::Sender;
use worksmith_kernel::{Resource, Result};
use worksmith_org::environment::Environment;
use worksmith_store::{Held, Turn};
use worksmith_wire::Id;

use super::attempt::Desk;
use super::doc::Webhook;
use super::queue::Queue;
use super::tell::{self, Progress};

/// How long to rest at least between two looks at the log. Under load there are few large ones.
const REST: Duration = Duration::from_millis(50);
/// How often to look for what has become due, and for what other servers have written.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(1);
/// How much longer than an attempt a lease lasts.
const LEASE: Duration = Duration::from_secs(10);
/// How often old deliveries are deleted.
const CLEAR_EVERY: Duration = Duration::from_secs(60 * 60);
/// How long deliveries are kept, in milliseconds.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// The webhooks of a server.
#[derive(Clone)]
pub struct Hooks {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    environment: Environment,
    sender: Arc<dyn Sender>,
    /// What tells this server from others.
    holder: String,
    pace: i64,
    orgs: Mutex<HashMap<String, Arc<Org>>>,
}

/// What is known of an org.
struct Org {
    /// The turn to tell its webhooks.
    turn: Turn,
    /// How far its log was read.
    progress: tokio::sync::Mutex<Option<Progress>>,
    queues: Mutex<HashMap<Id, Arc<Queue>>>,
}

impl Hooks {
    /// The webhooks of a server, which sends through `sender`.
    pub fn new(engine: &Engine, environment: &Environment, sender: Arc<dyn Sender>) -> Self {
        let (engine, environment) = (engine.clone(), environment.clone());
        let (holder, orgs) = (environment.opaque(20), Mutex::default());
        let inner = Inner { engine, environment, sender, holder, pace: 1, orgs };
        Self { inner: Arc::new(inner) }
    }

    /// Sets how many times as fast as usual attempts follow each other.
    #[must_use]
    pub fn with_pace(mut self, pace: u16) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.pace = i64::from(pace.max(1));
        }
        self
    }

    /// Tells all webhooks of everything, for as long as the server runs.
    pub async fn run(self) {
        let inner = &self.inner;
        let mut cleared: Option<Instant> = None;
        loop {
            let commit = inner.engine.store().changes().next_commit();
            if cleared.is_none_or(|at| at.elapsed() > CLEAR_EVERY) {
                cleared = Some(Instant::now());
                if let Err(cause) = self.clear().await {
                    tracing::warn!(?cause, "old deliveries of webhooks can't be deleted");
                }
            }
            if let Err(cause) = self.turn().await {
                tracing::warn!(?cause, "webhooks can't be told for now");
                tokio::time::sleep(RETRY).await;
                continue;
            }
            tokio::select! {
                () = commit => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            tokio::time::sleep(REST).await;
        }
    }

    /// Deletes deliveries that are older than a month. Returns how many there were.
    pub async fn clear(&self) -> Result<u64> {
        let Inner { engine, environment, .. } = &*self.inner;
        engine.store().delete_deliveries(environment.clock.now().plus_ms(-KEPT_MS)).await
    }

    /// Reads what is new in all logs, and has what is due delivered.
    async fn turn(&self) -> Result<()> {
        let inner = &self.inner;
        for name in inner.orgs_with_webhooks().await? {
            let org = inner.org(&name);
            if !inner.is_alone(&org).await? {
                continue;
            }
            inner.tell(&name, &org).await?;
            let now = inner.environment.clock.now();
            for id in inner.engine.store().due_webhooks(&name, now).await? {
                self.start(&name, &org, id);
            }
        }
        Ok(())
    }

    /// Has what is due delivered to a webhook, by a task of its own.
    fn start(&self, name: &str, org: &Arc<Org>, id: Id) {
        let queue = org.queue(&id);
        if queue.is_running.swap(true, Ordering::AcqRel) {
            return;
        }
        let (inner, org, name) = (Arc::clone(&self.inner), Arc::clone(org), name.to_owned());
        tokio::spawn(async move {
            let done = {
                let may_send = || inner.may_send(&org);
                queue.run(&inner.desk(&name), &id, &may_send).await
            };
            if let Err(cause) = done {
                tracing::warn!(?cause, webhook = %id, "a webhook can't be told for now");
                tokio::time::sleep(RETRY).await;
            }
            queue.is_running.store(false, Ordering::Release);
        });
    }

    /// Does everything that is to be done now, and returns how many attempts were made: for tests,
    /// whose clock stands still meanwhile.
    pub async fn work_off(&self) -> Result<u64> {
        let inner = &self.inner;
        let mut all = 0;
        loop {
            let mut attempts = 0;
            for name in inner.orgs_with_webhooks().await? {
                let org = inner.org(&name);
                inner.tell(&name, &org).await?;
                let now = inner.environment.clock.now();
                for id in inner.engine.store().due_webhooks(&name, now).await? {
                    let queue = org.queue(&id);
                    attempts += queue.run(&inner.desk(&name), &id, &|| true).await?;
                }
            }
            all += attempts;
            if attempts == 0 {
                return Ok(all);
            }
        }
    }
}

impl Org {
    fn queue(&self, id: &Id) -> Arc<Queue> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(id.clone()).or_default())
    }
}

impl Inner {
    /// The orgs that have webhooks. Those that have none any more are forgotten: what happens
    /// meanwhile is of no concern.
    async fn orgs_with_webhooks(&self) -> Result<Vec<String>> {
        let names = self.engine.store().orgs_with(Webhook::TABLE).await?;
        let mut orgs = self.orgs.lock().unwrap_or_else(PoisonError::into_inner);
        orgs.retain(|name, _| names.contains(name));
        Ok(names)
    }

    fn org(&self, name: &str) -> Arc<Org> {
        let mut orgs = self.orgs.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = || {
            let length = self.sender.limit() + LEASE;
            let turn = Turn::new(format!("webhooks {name}"), self.holder.as_str(), length);
            Arc::new(Org {
                turn,
                progress: tokio::sync::Mutex::default(),
                queues: Mutex::default(),
            })
        };
        Arc::clone(orgs.entry(name.to_owned()).or_insert_with(begun))
    }

    fn desk<'a>(&'a self, org: &'a str) -> Desk<'a> {
        let Self { engine, environment, sender, pace, .. } = self;
        Desk { engine, environment, sender: sender.as_ref(), org, pace: *pace }
    }

    async fn tell(&self, name: &str, org: &Org) -> Result<()> {
        let mut progress = org.progress.lock().await;
        while tell::tell(&self.engine, &self.environment, name, &mut progress).await? {}
        Ok(())
    }

    /// Whether this server has an org to itself; if nobody has it, it takes it.
    async fn is_alone(&self, org: &Org) -> Result<bool> {
        let held = org.turn.take(self.engine.store(), self.environment.clock.now()).await?;
        if held == Held::Anew {
            // Another server may have read on meanwhile.
            *org.progress.lock().await = None;
        }
        Ok(held.is_ours())
    }

    /// Whether this server has an org to itself for as long as an attempt may take.
    fn may_send(&self, org: &Org) -> bool {
        org.turn.lasts(self.engine.store(), self.sender.limit() + REST)
    }
}

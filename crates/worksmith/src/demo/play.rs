//! Makes the calls of a script, in the place of those who are said to make them, and at the time
//! that is said.

use std::time::Duration;

use serde_json::{Value, json};
use worksmith_engine::{Engine, OpTable, Request};
use worksmith_kernel::OpCtx;
use worksmith_org::{Environment, artifacts, auth};
use worksmith_store::Files;
use worksmith_wire::{Id, OrgName, Timestamp};

use super::script::{Call, Names};
use crate::failure::Failure;
use crate::serve::Prepared;

/// How long webhooks may take to become active.
const VERIFY: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(super) struct Player {
    pub(super) names: Names,
    table: OpTable,
    engine: Engine,
    environment: Environment,
    files: Files,
    org: OrgName,
    me: Id,
    /// When what is played happens; the present, if nothing was said.
    at: Option<Timestamp>,
}

impl Player {
    pub(super) fn new(prepared: &Prepared) -> Self {
        let (home, started) = (&prepared.home, &prepared.started);
        let me = started.admin.clone();
        Self {
            names: Names::new(started.cx.now, me.don(&started.cx.org)),
            table: worksmith_tracker::table(),
            engine: home.engine.clone(),
            environment: home.environment.clone(),
            files: prepared.files.clone(),
            org: started.cx.org.clone(),
            me,
            at: None,
        }
    }

    pub(super) async fn play(&mut self, calls: &[Call]) -> Result<(), Failure> {
        for call in calls {
            if let Some(at) = &call.at {
                self.at = Some(self.names.moment(at)?);
            }
            let answer = self.call(call).await?;
            if let Some(name) = &call.name {
                self.names.keep(name, &answer);
            }
        }
        self.at = None;
        Ok(())
    }

    /// Makes calls once all webhooks are active, so that these are told of them.
    pub(super) async fn play_later(mut self, calls: Vec<Call>) {
        let played = async {
            let started = tokio::time::Instant::now();
            while !self.webhooks_are_active().await? && started.elapsed() < VERIFY {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            self.play(&calls).await
        };
        if let Err(cause) = played.await {
            tracing::warn!(%cause, "the sample org goes on without its last calls");
        }
    }

    async fn webhooks_are_active(&self) -> Result<bool, Failure> {
        let answer = self.execute("webhooks.list", json!({}), None, None).await?;
        let webhooks = answer["webhooks"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(webhooks.iter().all(|webhook| webhook["status"] == "active"))
    }

    async fn call(&self, call: &Call) -> Result<Value, Failure> {
        let body = self.names.fill(&call.body)?;
        let by = call.by.as_deref();
        let Some(file) = &call.file else {
            return self.execute(&call.op, body, by, self.at).await;
        };
        // The address for a file is good for a while from now.
        let prepared = self.execute(&call.op, body, by, None).await?;
        self.keep_file(&prepared, file).await?;
        Ok(prepared)
    }

    async fn execute(
        &self,
        op: &str,
        members: Value,
        by: Option<&str>,
        at: Option<Timestamp>,
    ) -> Result<Value, Failure> {
        let failed = |cause: String| Failure::from(format!("{op} {members}: {cause}"));
        let operation = self.table.get(op).ok_or_else(|| format!("there is no operation {op}"))?;
        let user = match by {
            Some(name) => {
                let id = self.names.text(&format!("{{{name}}}"))?;
                Id::parse(&id, &self.org).map_err(|_| failed(format!("{id} is no user")))?
            }
            None => self.me.clone(),
        };
        let actor = auth::actor_of(&self.engine, &self.org.org, &user, &[]).await?;
        let cx = self.environment.context(&self.org.org, actor);
        let cx = OpCtx { now: at.unwrap_or(cx.now), ..cx };
        let request = Request { members: members.clone(), query: Vec::new() };
        let outcome = self.engine.execute(operation, &cx, &request).await;
        let outcome = outcome.map_err(|cause| failed(Failure::from(cause).to_string()))?;
        serde_json::from_slice(&outcome.reply.body).map_err(|cause| failed(cause.to_string()))
    }

    /// Stores the bytes of a file for which an address was prepared.
    async fn keep_file(&self, prepared: &Value, bytes: &str) -> Result<(), Failure> {
        let address = prepared["url"].as_str().unwrap_or_default();
        let ticket = address.rsplit('/').next().unwrap_or_default();
        let awaited = artifacts::awaited_upload(&self.engine, &self.environment, ticket).await?;
        let mut writing = self.files.write(&awaited.key).await?;
        writing.push(bytes.to_owned().into()).await?;
        let size = writing.finish().await?;
        artifacts::uploaded(&self.engine, &awaited, size).await?;
        Ok(())
    }
}

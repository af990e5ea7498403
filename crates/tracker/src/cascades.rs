//! Working off cascades: the rewriting that a deleted tag, a merge, a stage with a new ordinal or a
//! workspace with another account entails. Readers see the result already; see the engine's
//! `Cascade`.

use std::time::Duration;

use worksmith_engine::{Cascade, Engine, Position, Tx};
use worksmith_kernel::{Actor, Column, Error, OpCtx, Query, Result, Stored};
use worksmith_org::environment::Environment;
use worksmith_store::Turn;
use worksmith_wire::{Direction, Id, Kind};

/// How many objects are rewritten in a transaction. Writers wait for at most one of these.
const AT_ONCE: usize = 16;
/// How long after the death of a server another one goes on with a cascade.
const LEASE: Duration = Duration::from_secs(10);
/// How many races a page may lose before it is postponed.
const TRIES_MAX: usize = 50;

/// Rewrites everything that remains to be rewritten. Returns how many objects there were. `holder`
/// tells servers apart.
pub async fn work_off(engine: &Engine, environment: &Environment, holder: &str) -> Result<u64> {
    let mut rewritten = 0;
    for org in engine.orgs_with_cascades().await? {
        engine.store().catch_up(&org).await?;
        let worker = Worker { engine, environment, holder, org };
        while let Some(cascade) = worker.oldest().await? {
            match worker.work_off(&cascade).await? {
                Some(count) => rewritten += count,
                // Another server has it.
                None => break,
            }
        }
    }
    Ok(rewritten)
}

struct Worker<'a> {
    engine: &'a Engine,
    environment: &'a Environment,
    holder: &'a str,
    org: String,
}

impl Worker<'_> {
    /// A context of the user who made the change that the others follow.
    fn context(&self, by: Id) -> OpCtx {
        self.environment.context(&self.org, Actor { id: by, ..Actor::system() })
    }

    async fn oldest(&self) -> Result<Option<Stored<Cascade>>> {
        let mut tx = self.engine.begin(&self.context(Actor::system().id));
        let mut query = Query::new();
        query.order_by(Column::SEQ, Direction::Asc);
        Ok(tx.first::<Cascade>(&query, 1).await?.pop())
    }

    /// Rewrites all objects that refer to the subject, until a whole round finds nothing to
    /// rewrite: new references may appear before the position. `None` if another server has the
    /// cascade.
    async fn work_off(&self, cascade: &Stored<Cascade>) -> Result<Option<u64>> {
        let mut total = 0;
        let name = format!("cascade {} {}", self.org, cascade.id());
        let turn = Turn::new(name, self.holder, LEASE);
        let store = self.engine.store();
        loop {
            let mut position = Position::default();
            loop {
                if !turn.take(store, self.environment.clock.now()).await?.is_ours() {
                    return Ok(None);
                }
                match self.page(cascade, &position).await? {
                    Some(next) => position = next,
                    None => break,
                }
            }
            total += position.rewritten;
            if position.rewritten == 0 {
                break;
            }
        }
        self.end(cascade.id()).await?;
        turn.give_back(store).await?;
        Ok(Some(total))
    }

    async fn page(
        &self,
        cascade: &Stored<Cascade>,
        position: &Position,
    ) -> Result<Option<Position>> {
        let by = &cascade.meta.created_by;
        for _ in 0..TRIES_MAX {
            let mut tx = self.engine.begin(&self.context(by.clone()));
            let next = tx.settle_some(cascade, position, AT_ONCE).await?;
            match tx.finish().await {
                Ok(()) => return Ok(next),
                Err(Error::Stale) => {}
                Err(other) => return Err(other),
            }
        }
        let id = cascade.id();
        Err(Error::unavailable(format!("rewriting for {id} lost {TRIES_MAX} races")))
    }

    async fn end(&self, id: &Id) -> Result<()> {
        debug_assert_eq!(id.kind(), Kind::Cascade);
        let mut tx: Tx = self.engine.begin(&self.context(Actor::system().id));
        if let Some(cascade) = tx.find::<Cascade>(id).await? {
            tx.delete(cascade).await?;
            tx.finish().await?;
        }
        Ok(())
    }
}

//! What follows from a change of an object, in the transaction of the change.

use std::any::Any;
use std::sync::Arc;

use worksmith_kernel::{Error, Resource, Result, Stored, Table};
use worksmith_wire::{Id, Kind};

use super::Tx;
use crate::function::{BoxFuture, OpFn};

/// References, by the fields that hold them.
pub type Refs = Vec<(&'static str, Id)>;

/// A change of an object within a transaction.
#[derive(Clone, Debug)]
pub struct Changed<R> {
    /// The object as it was stored; `None` if it is created.
    pub before: Option<Arc<Stored<R>>>,
    /// The object as it will be; `None` if it is deleted.
    pub after: Option<Arc<Stored<R>>>,
}

impl<R: Resource> Changed<R> {
    /// The id of the object.
    pub fn id(&self) -> Option<&Id> {
        self.after.as_ref().or(self.before.as_ref()).map(|stored| stored.id())
    }

    /// The references that are added and those that are removed, of the wanted ones.
    pub fn refs(&self, wanted: impl Fn(&'static str, &Id) -> bool) -> (Refs, Refs) {
        let of = |stored: &Option<Arc<Stored<R>>>| {
            let mut refs = Refs::new();
            if let Some(stored) = stored {
                stored.doc.refs(&mut |field, id| {
                    if wanted(field, id) {
                        refs.push((field, id.clone()));
                    }
                });
            }
            refs
        };
        let (before, after) = (of(&self.before), of(&self.after));
        let minus = |a: &Refs, b: &Refs| {
            let is_in = |id: &Id| b.iter().any(|(_, other)| other == id);
            a.iter().filter(|(_, id)| !is_in(id)).cloned().collect()
        };
        (minus(&after, &before), minus(&before, &after))
    }
}

/// The same if the kind of the object is not known. Each side is a `Stored` document.
#[derive(Clone, Debug)]
pub struct AnyChange {
    /// The object as it was stored.
    pub before: Option<Arc<dyn Any + Send + Sync>>,
    /// The object as it will be.
    pub after: Option<Arc<dyn Any + Send + Sync>>,
}

type Follow = Arc<dyn for<'a> Fn(&'a mut Tx, AnyChange) -> BoxFuture<'a, Result<()>> + Send + Sync>;

/// A function that follows a change of an object, in the transaction of the change.
#[derive(Clone)]
struct Follower {
    table: &'static Table,
    follow: Follow,
}

/// Every follower.
#[derive(Clone, Default)]
pub struct Followers {
    followers: Vec<Follower>,
}

impl Followers {
    /// Adds a follower of every change of an object of a family, whoever makes it.
    pub fn add<R, F>(&mut self, function: F)
    where
        R: Resource,
        F: for<'a> OpFn<'a, Tx, Changed<R>, ()> + 'static,
    {
        let follow: Follow = Arc::new(move |tx, AnyChange { before, after }| {
            Box::pin(async move {
                let changed = Changed { before: typed(before)?, after: typed(after)? };
                function.call(tx, changed).await
            })
        });
        self.followers.push(Follower { table: R::TABLE, follow });
    }

    /// Whether a kind of object has followers.
    pub fn is_followed(&self, kind: Kind) -> bool {
        self.followers.iter().any(|follower| follower.table.kinds.contains(&kind))
    }

    /// Runs the followers of a change, in the order of registration.
    pub async fn follow(&self, tx: &mut Tx, kind: Kind, change: &AnyChange) -> Result<()> {
        for Follower { table, follow } in &self.followers {
            if table.kinds.contains(&kind) {
                follow(tx, change.clone()).await?;
            }
        }
        Ok(())
    }
}

fn typed<R: Resource>(side: Option<Arc<dyn Any + Send + Sync>>) -> Result<Option<Arc<Stored<R>>>> {
    let other = |_| Error::internal("a follower hears of a document of another type");
    side.map(|any| any.downcast().map_err(other)).transpose()
}

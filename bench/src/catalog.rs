//! What queries need to know about the data: what there is, and how many works have it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::numbers::float;
use crate::world::World;

/// Popularity is scaled to this many works, so that the same values are requested at every scale.
const OF: f64 = 10_000.0;

/// Something that works have, and how many of them do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    /// The id, or the name of a stage.
    pub(crate) id: String,
    /// How many works have it.
    pub(crate) count: u64,
}

/// A part and a tag that often come together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub(crate) part: String,
    pub(crate) tag: String,
    /// How many works have both.
    pub(crate) count: u64,
}

/// The data, most popular first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Catalog {
    /// The token of the first user.
    pub(crate) token: String,
    /// How many works there are.
    pub(crate) works: u64,
    /// The prefix of display ids and the highest number, for each type. Numbers begin with 1.
    pub(crate) types: Vec<(String, u64)>,
    /// Dev users as owners.
    pub(crate) owners: Vec<Named>,
    /// Dev users as owners of works in the state `open`.
    pub(crate) open_owners: Vec<Named>,
    pub(crate) parts: Vec<Named>,
    pub(crate) tags: Vec<Named>,
    /// Parts and tags together.
    pub(crate) pairs: Vec<Pair>,
    /// Accounts of tickets.
    pub(crate) accounts: Vec<Named>,
    pub(crate) sprints: Vec<Named>,
    /// Names of stages.
    pub(crate) stages: Vec<Named>,
    /// Some ids in other systems.
    pub(crate) external_refs: Vec<String>,
    /// The instant at which the first work was created, in milliseconds since 1970.
    pub(crate) created_from: i64,
    /// The instant at which the last one was created.
    pub(crate) created_to: i64,
}

impl Catalog {
    /// Reads the catalog beside a finished data dir.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|cause| format!("{name}: {cause}"))?;
        serde_json::from_str(&text).map_err(|cause| format!("{name}: {cause}"))
    }

    /// Writes it, completely or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let failed = |cause: &dyn std::fmt::Display| format!("{}: {cause}", path.display());
        let text = serde_json::to_string(self).map_err(|cause| failed(&cause))?;
        let unfinished = path.with_extension("unfinished");
        std::fs::write(&unfinished, text).map_err(|cause| failed(&cause))?;
        std::fs::rename(&unfinished, path).map_err(|cause| failed(&cause))
    }

    /// Those that at least `least` of each 10,000 works have; the first one if none is that
    /// popular.
    pub(crate) fn popular(&self, named: &[Named], least: f64) -> Vec<String> {
        let enough = named.iter().filter(|named| self.is_popular(named.count, least));
        let ids: Vec<_> = enough.map(|named| named.id.clone()).collect();
        if ids.is_empty() {
            named.first().map(|first| first.id.clone()).into_iter().collect()
        } else {
            ids
        }
    }

    /// The pairs that at least `least` of each 10,000 works have.
    pub(crate) fn popular_pairs(&self, least: f64) -> Vec<&Pair> {
        self.pairs.iter().filter(|pair| self.is_popular(pair.count, least)).collect()
    }

    fn is_popular(&self, count: u64, least: f64) -> bool {
        float(count) * OF >= least * float(self.works)
    }
}

/// Counts what the works have while they are generated.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    /// How many works of each type, in the order of the world's.
    pub(crate) types: Vec<u64>,
    /// For each owner.
    pub(crate) owners: Vec<u64>,
    /// For each owner, those in the state `open`.
    pub(crate) open_owners: Vec<u64>,
    /// For each part.
    pub(crate) parts: Vec<u64>,
    /// For each part and each of its own tags.
    pub(crate) pairs: Vec<[u64; 3]>,
    /// For each tag.
    pub(crate) tags: Vec<u64>,
    /// For each account.
    pub(crate) accounts: Vec<u64>,
    /// For each sprint.
    pub(crate) sprints: Vec<u64>,
    /// For each name of a stage.
    pub(crate) stages: Vec<u64>,
}

impl Counts {
    /// Nothing counted yet.
    pub(crate) fn of(world: &World) -> Self {
        Self {
            types: vec![0; 4],
            owners: vec![0; world.users.len()],
            open_owners: vec![0; world.users.len()],
            parts: vec![0; world.parts.len()],
            pairs: vec![[0; 3]; world.parts.len()],
            tags: vec![0; world.tags.len()],
            accounts: vec![0; world.accounts.len()],
            sprints: vec![0; world.sprints.len()],
            stages: vec![0; world.stage_names.len()],
        }
    }
}

/// Ids with their counts, most popular first.
pub(crate) fn ranked(ids: impl IntoIterator<Item = String>, counts: &[u64]) -> Vec<Named> {
    let mut named: Vec<_> =
        ids.into_iter().zip(counts).map(|(id, count)| Named { id, count: *count }).collect();
    named.sort_by_key(|named| std::cmp::Reverse(named.count));
    named
}

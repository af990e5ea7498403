//! The tree of parts: who is above a part, and who is below.

use std::collections::HashSet;

use worksmith_engine::Tx;
use worksmith_kernel::{Column, Cond, Query, Result};
use worksmith_wire::{ApiError, Id};

use super::{PARENT_ID, Part};

/// The most parts that a search visits that have, or may have, parts below them.
const VISITS_MAX: usize = 10_000;

/// The greatest depth of a part. No operation creates a cycle, but this would end the walk anyway.
const DEPTH_MAX: usize = 1_000;

/// The parts and everything above them, each once.
pub async fn with_ancestors(tx: &mut Tx, parts: &[Id]) -> Result<Vec<Id>> {
    let mut found: Vec<Id> = Vec::new();
    for part in parts {
        let mut next = Some(part.clone());
        while let Some(id) = next.take_if(|id| !found.contains(id) && found.len() < VISITS_MAX) {
            next = tx.find::<Part>(&id).await?.and_then(|stored| stored.doc.parent_part);
            found.push(id);
        }
    }
    Ok(found)
}

/// The parts and everything below them, each once.
pub async fn with_descendants(tx: &mut Tx, parts: &[Id]) -> Result<Vec<Id>> {
    walk(tx, parts, DEPTH_MAX).await
}

/// The condition that a part lies below one of these, at most `level` deep, and is none of them.
pub async fn below(tx: &mut Tx, parts: &[Id], level: Option<usize>) -> Result<Cond<Part>> {
    // The children of the last level need not be read: the condition finds them.
    let above = walk(tx, parts, level.unwrap_or(DEPTH_MAX).saturating_sub(1)).await?;
    Ok(Cond::all([Cond::one_of(PARENT_ID, &above), !Cond::one_of(Column::ID, parts)]))
}

/// The parts and those at most `depth` below them, breadth first.
async fn walk(tx: &mut Tx, parts: &[Id], depth: usize) -> Result<Vec<Id>> {
    let mut seen: HashSet<Id> = HashSet::new();
    let mut found: Vec<Id> = Vec::new();
    let mut level: Vec<Id> = parts.to_vec();
    for deeper in 0..=depth.min(DEPTH_MAX) {
        level.retain(|id| seen.insert(id.clone()));
        found.extend(level.iter().cloned());
        if level.is_empty() || deeper == depth {
            break;
        }
        let mut query = Query::new();
        query.one_of_ids(PARENT_ID, level);
        let room = VISITS_MAX.saturating_sub(found.len());
        let children = tx.first::<Part>(&query, room + 1).await?;
        if children.len() > room {
            let message =
                format!("more than {VISITS_MAX} parts lie below; name parts further down");
            return Err(ApiError::not_permitted("parts", message).into());
        }
        level = children.into_iter().map(|child| child.meta.id).collect();
    }
    Ok(found)
}

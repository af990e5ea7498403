//! What merges of accounts and of contacts share. What refers to the secondary object follows by
//! [`Tx::cascade`](worksmith_store::Tx::cascade), whatever its family.

use worksmith_kernel::Result;
use worksmith_wire::{ApiError, Id};

/// Refuses to merge an object with itself, or one that was merged before. The `merged_into` are
/// where the two objects went already.
pub(crate) fn check(
    (primary, merged_into): (&Id, Option<&Id>),
    (secondary, secondary_merged_into): (&Id, Option<&Id>),
) -> Result<()> {
    let name = |id: &Id| id.display_id().unwrap_or_else(|| id.to_string());
    let refuse = |message| Err(ApiError::bad_request(message).into());
    if primary == secondary {
        return refuse(format!("{} can't be merged with itself", name(primary)));
    }
    for (id, into) in [(primary, merged_into), (secondary, secondary_merged_into)] {
        if let Some(into) = into {
            return refuse(format!("{} was merged into {} before", name(id), name(into)));
        }
    }
    Ok(())
}
